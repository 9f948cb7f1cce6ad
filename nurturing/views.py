"""The page behind the unsubscribe link."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from leads.api.addresses import client_address
from leads.api.limits import Limit, seconds_to_wait
from nurturing.actions.unsubscribe import lead_of, unsubscribe
from nurturing.models import MailSettings
from nurturing.tokens import read_token

WRONG_LINKS = Limit("wrong_links", 60, 60)
# No referrer, no index, no copy: the address of this page is a right to act for somebody.
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "no-store",
}


# One click by a mail program carries neither cookie nor token of ours (RFC 8058 §3.1): the signed link is
# the whole proof, and whoever holds it can only stop messages.
@method_decorator(csrf_exempt, name="dispatch")
class UnsubscribeView(View):
    """GET asks and changes nothing; POST does it, always 200, never a redirect."""

    http_method_names = ("get", "head", "post", "options")

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Ask the person; link scanners come this way too."""
        subject = read_token(token)
        if subject is None:
            return self._wrong(request)
        lead = lead_of(subject)
        return self._page(request, "ask", address=mask(lead.email or "") if lead else "")

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Stop the messages, whatever the body says."""
        subject = read_token(token)
        if subject is None:
            return self._wrong(request)
        unsubscribe(subject, now=timezone.now())
        return self._page(request, "done")

    def _wrong(self, request: HttpRequest) -> HttpResponse:
        """The same page for every wrong link; whoever tries many is slowed down. Good links never are."""
        wait = seconds_to_wait(WRONG_LINKS, client_address(request))
        response = self._page(request, "unknown", status=429 if wait else 404)
        if wait:
            response["Retry-After"] = str(wait)
        return response

    def _page(
        self, request: HttpRequest, state: str, *, address: str = "", status: int = 200
    ) -> HttpResponse:
        organisation = MailSettings.load().organisation
        context = {"state": state, "address": address, "organisation": organisation}
        response = render(request, "nurturing/unsubscribe.html", context, status=status)
        for name, value in HEADERS.items():
            response[name] = value
        return response


def mask(address: str) -> str:
    """``jean@exemple.fr`` as ``j***@e…``: enough for its owner, nothing for anybody else."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}***@{domain[:1]}…" if local and domain else ""
