"""The sites that may embed a form, as exact origins."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?", re.ASCII)


def exact_origin(text: str) -> str:
    """What browsers call the site: "https://Acme.fr/" is "https://acme.fr". Raises ValidationError."""
    origin = text.strip().lower().removesuffix("/")
    try:
        parts = urlsplit(origin)
        fits = bool(_ORIGIN.fullmatch(origin)) and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        fits = False
    host = urlsplit(origin).hostname or "" if fits else ""
    is_local = host in {"localhost", "127.0.0.1"}
    if not fits or ".." in host or not (is_local or "." in host.strip(".")):
        raise ValidationError(
            _("“%(text)s” is no site. Write its address as https://www.example.com.") % {"text": text}
        )
    if origin.startswith("http://") and not is_local:
        raise ValidationError(_("“%(text)s” is not encrypted. Write it with https://.") % {"text": text})
    return origin.removesuffix(":443") if origin.startswith("https://") else origin
