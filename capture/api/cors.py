"""Which page may read a form and send it by script: those of the sites that the form names, exactly (B54).

django-cors-headers writes the headers; this receiver only answers its question. Never credentials, never a
wildcard.
"""

from __future__ import annotations

import re

from django.http import HttpRequest

from capture.choices import FormState
from capture.live import find_form

_PATH = re.compile(r"/api/v1/forms/(?P<slug>[-\w]+)/(?:submissions/)?")


def allows_form_origin(*, request: HttpRequest, **_: object) -> bool:
    """Receiver of check_request_enabled: True when the form at this address lists the request's origin."""
    origin = request.headers.get("Origin", "")
    found = _PATH.fullmatch(request.path_info)
    if not found or not origin or origin == "null":
        return False
    live = find_form(found["slug"])
    return live is not None and live.form.state == FormState.LIVE and origin in live.form.origins
