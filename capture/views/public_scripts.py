"""The script that a site puts into its pages, and the picture that leads a phone to a form."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from io import BytesIO

import segno
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from capture.choices import FormState
from capture.embedding import hosted_url
from capture.live import find_form

SCRIPT = "js/embed.js"


@lru_cache(maxsize=1)
def _script() -> tuple[bytes, str]:
    """The script and its mark; read once, a new release is a new process."""
    path = finders.find(SCRIPT)
    if not isinstance(path, str):
        raise Http404
    with open(path, "rb") as file:  # noqa: PTH123  # a path that the finder made
        content = file.read()
    return content, f'"{blake2b(content, digest_size=12).hexdigest()}"'


@require_safe
def embed_script(request: HttpRequest) -> HttpResponse:
    """embed.js at an address that never changes: kept five minutes, then asked for by its mark."""
    content, mark = _script()
    kept = {
        "ETag": mark,
        "Cache-Control": "public, max-age=300",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if request.headers.get("If-None-Match") == mark:
        return HttpResponse(status=304, headers=kept)
    return HttpResponse(content, content_type="text/javascript; charset=utf-8", headers=kept)


@require_safe
def qr_code(_request: HttpRequest, slug: str) -> HttpResponse:
    """The address of the form's page as a QR code (SVG), to be printed or shown on a stand."""
    live = find_form(slug)
    if live is None or live.form.state == FormState.DRAFT:
        raise Http404
    picture = BytesIO()
    address = f"{hosted_url(live.form)}?utm_medium=qr"
    segno.make(address, error="m", micro=False).save(picture, kind="svg", scale=8, border=2, xmldecl=False)
    kept = {"Cache-Control": "max-age=300"}
    return HttpResponse(picture.getvalue(), content_type="image/svg+xml", headers=kept)
