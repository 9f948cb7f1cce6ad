"""What the pages for strangers share: no cookie, no context of people signed in, headers that keep quiet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from leads.api.addresses import client_address
from leads.api.limits import Limit, seconds_to_wait
from nurturing.models import MailSettings

WRONG_LINKS = Limit("wrong_links", 60, 60)
# The address of such a page is a right to act for somebody: it goes nowhere and is kept nowhere (bar: B49).
TOKEN_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "no-store",
}


def public_page(
    template: str,
    context: Mapping[str, Any],
    *,
    language: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    bare: str = "",
) -> HttpResponse:
    """A page in its own ``language``, whatever the browser asks for.

    ``bare``: within a site's frame, in that site's colours ("light", "dark", or "auto" for the reader's).
    """
    organisation = MailSettings.load().organisation
    values = {"language": language, "organisation": organisation, "bare": bare} | dict(context)
    html = render_to_string(f"capture/public/{template}.html", values)
    return HttpResponse(html, status=status, headers={"Content-Language": language} | dict(headers or {}))


def message_page(
    heading: str,
    text: str,
    *,
    language: str,
    status: int,
    headers: Mapping[str, str] | None = None,
    bare: str = "",
) -> HttpResponse:
    """A page that says one thing, in words already translated."""
    context = {"heading": heading, "text": text}
    return public_page("message", context, language=language, status=status, headers=headers, bare=bare)


def wrong_link(request: HttpRequest) -> HttpResponse:
    """The same page for every wrong, old or foreign link; whoever tries many is slowed down."""
    wait = seconds_to_wait(WRONG_LINKS, client_address(request))
    language = translation.get_language() or "fr"
    page = message_page(
        _("Nothing here"),
        _("This link is incomplete or too old. Copy it whole from the message, or ask for a new one."),
        language=language,
        status=429 if wait else 404,
        headers=TOKEN_HEADERS,
    )
    if wait:
        page["Retry-After"] = str(wait)
    return page


def policy(response: HttpResponse, **directives: list[str]) -> HttpResponse:
    """Replace directives of the browser policy on this response: ``form_action=[…]``."""
    named = {name.replace("_", "-"): value for name, value in directives.items()}
    response._csp_replace = named  # type: ignore[attr-defined]  # django-csp reads it
    return response


def origin_of(address: str) -> str:
    """The origin of an http(s) address, an empty text for anything else."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} and parts.netloc else ""
