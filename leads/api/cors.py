"""Which page may call: each publishable key has its own origins (bar: inputs B54).

django-cors-headers writes the headers; this receiver only answers its question. Never credentials, never a
wildcard: an origin is answered because a key lists exactly it.
"""

from __future__ import annotations

import time

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import ApiKey
from leads.api.keys import KeyCaller

_REMEMBERED_SECONDS = 10.0
_origins: dict[str, float] = {}  # origin → until when it is believed


def allows_origin(*, request: HttpRequest, **_: object) -> bool:
    """Receiver of check_request_enabled: True when the origin of ``request`` may read the answer.

    A preflight carries no key, so it may come from any origin that some living key lists; the request
    itself only from those of the key it came with.
    """
    origin = request.headers.get("Origin", "")
    if not origin or origin == "null":
        return False
    caller = getattr(request, "api_key", None)
    if isinstance(caller, KeyCaller):
        return not caller.is_secret and origin in caller.origins
    return request.method == "OPTIONS" and _is_listed(origin)


def _is_listed(origin: str) -> bool:
    """Whether a living publishable key lists this origin; looked up again after some seconds."""
    if _origins.get(origin, 0.0) > time.monotonic():
        return True
    living = ApiKey.objects.filter(kind=ApiKey.Kind.PUBLISHABLE, revoked=False, origins__contains=[origin])
    if not living.exclude(expiry_date__lte=timezone.now()).exists():
        return False
    _origins[origin] = time.monotonic() + _REMEMBERED_SECONDS
    return True


def forget() -> None:
    """Look the origins up again (tests)."""
    _origins.clear()
