"""What a site's pages fetch: the tracker's script, and how it behaves there."""

from __future__ import annotations

import gzip
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.models import ApiKey
from capture.actions.sites import site_of
from capture.models import Site
from leads.api.authentication import authenticate_key
from leads.api.throttles import check_limits

# A day in the browser's cache; after that the old one is used once more while the new one is fetched.
SCRIPT_CACHE = "public, max-age=86400, stale-while-revalidate=604800"
CONFIG_CACHE = "public, max-age=300"


class Script(NamedTuple):
    """The tracker as it is sent."""

    plain: bytes
    packed: bytes
    etag: str


@lru_cache(maxsize=1)
def script() -> Script:
    """The tracker's file, read once a process."""
    path = finders.find("js/ecluse.js")
    if not isinstance(path, str):
        raise FileNotFoundError("static/js/ecluse.js")
    plain = Path(path).read_bytes()
    return Script(plain, gzip.compress(plain, mtime=0), f'"{sha256(plain).hexdigest()[:32]}"')


@require_safe
def tracker_script(request: HttpRequest) -> HttpResponse:
    """The tracker under an address that never changes: kept for a day, then asked for by its ETag."""
    found = script()
    if found.etag in request.headers.get("If-None-Match", ""):
        response: HttpResponse = HttpResponseNotModified()
    elif "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(found.packed, content_type="text/javascript; charset=utf-8")
        response["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(found.plain, content_type="text/javascript; charset=utf-8")
    response["ETag"] = found.etag
    response["Cache-Control"] = SCRIPT_CACHE
    # Any site may hold it, also one that isolates itself or pins it by its hash.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Access-Control-Allow-Origin"] = "*"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


@require_safe
def tracker_config(request: HttpRequest, key: str) -> HttpResponse:
    """What the tracker looks for on the pages of a publishable key. Raises Problem for another key."""
    caller = authenticate_key(request, key, from_body=True)
    check_limits(request, caller, purpose="events")
    found = ApiKey.objects.get(prefix=caller.prefix)
    response = JsonResponse(settings_of(site_of(found, now=timezone.now())))
    response["Cache-Control"] = CONFIG_CACHE
    patch_vary_headers(response, ["Origin"])
    return response


def settings_of(site: Site) -> dict[str, object]:
    """The settings as the script reads them."""
    return {
        "pricing": site.pricing_patterns,
        "ignored": site.ignored_patterns,
        "downloads": site.download_extensions,
        "minutes": site.session_minutes,
        "trap": site.trap_path,
    }
