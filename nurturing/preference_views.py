"""The preference centre: what somebody gets from us, line by line, to be changed by themselves."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import get_language, gettext, gettext_noop, override
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from leads.api.addresses import client_address
from leads.api.limits import Limit, seconds_to_wait
from leads.choices import ContactChannel
from leads.choices import Purpose as LegalPurpose
from leads.models import Lead
from nurturing.actions.preferences import choose, end_pause, pause, speak, stop_everything
from nurturing.actions.unsubscribe import surviving
from nurturing.models import MailSettings
from nurturing.preferences import preferences_of
from nurturing.tokens import read_preferences_token
from nurturing.views import HEADERS, WRONG_LINKS, mask

# Enough for somebody who tries everything; too little for a machine that does.
CHANGES = Limit("preferences", 60, 60)


# The signed link is the whole proof: it came to the person's own address. No cookie is set or needed.
@method_decorator(csrf_exempt, name="dispatch")
class PreferencesView(View):
    """GET shows and changes nothing; POST does what its one button says."""

    http_method_names = ("get", "head", "post", "options")

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """The page; link scanners come this way too."""
        lead = _lead(token)
        return self._page(request, lead) if lead else self._wrong(request)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Do it, and show how things stand now."""
        lead = _lead(token)
        if lead is None:
            return self._wrong(request)
        if wait := seconds_to_wait(CHANGES, client_address(request)):
            return self._slow(request, wait)
        act = _VERBS.get(request.POST.get("verb", ""), _choose)
        said = act(lead, request.POST.get("value", ""))
        lead.refresh_from_db()
        return self._page(request, lead, said=said)

    def _page(self, request: HttpRequest, lead: Lead, *, said: str = "") -> HttpResponse:
        language = lead.language if lead.language in dict(settings.LANGUAGES) else get_language() or "fr"
        with override(language):
            context = {
                "state": "known",
                "lead": lead,
                "address": mask(lead.email or ""),
                "preferences": preferences_of(lead, at=timezone.now()),
                "languages": settings.LANGUAGES,
                "language": language,
                "said": gettext(said) if said else "",
            }
            return _answer(request, context)

    def _wrong(self, request: HttpRequest) -> HttpResponse:
        """The same page for every wrong or old link; whoever tries many is slowed down."""
        wait = seconds_to_wait(WRONG_LINKS, client_address(request))
        response = _answer(request, {"state": "unknown"}, status=429 if wait else 404)
        if wait:
            response["Retry-After"] = str(wait)
        return response

    def _slow(self, request: HttpRequest, wait: int) -> HttpResponse:
        response = _answer(request, {"state": "slow"}, status=429)
        response["Retry-After"] = str(wait)
        return response


def _answer(request: HttpRequest, context: dict[str, object], *, status: int = 200) -> HttpResponse:
    context["organisation"] = MailSettings.load().organisation
    response = render(request, "nurturing/preferences.html", context, status=status)
    for name, value in HEADERS.items():
        response[name] = value
    return response


def _lead(token: str) -> Lead | None:
    """Whose link it is; None for a wrong or old one, and for somebody who was erased."""
    public_id = read_preferences_token(token)
    found = surviving(public_id) if public_id else None
    return found if found and not found.erased_at else None


def _choose(lead: Lead, value: str) -> str:
    """ "newsletter.email.on": one purpose on one channel."""
    try:
        purpose, channel, way = value.split(".")
        legal, by = LegalPurpose(purpose), ContactChannel(channel)
    except ValueError:
        return ""
    choose(lead=lead, purpose=legal, channel=by, is_on=way == "on", now=timezone.now())
    return _SAVED


def _stop(lead: Lead, _value: str) -> str:
    stop_everything(lead=lead, now=timezone.now())
    return _STOPPED


def _pause(lead: Lead, _value: str) -> str:
    pause(lead=lead, now=timezone.now())
    return _SAVED


def _resume(lead: Lead, _value: str) -> str:
    end_pause(lead=lead, now=timezone.now())
    return _SAVED


def _speak(lead: Lead, value: str) -> str:
    if value in dict(settings.LANGUAGES):
        speak(lead=lead, language=value, now=timezone.now())
    return _SAVED


# Translated where they are shown: the language is known only then.
_SAVED = gettext_noop("It is saved.")
_STOPPED = gettext_noop("It is done: you will get nothing more from us, but what you ask for yourself.")
_VERBS: dict[str, Callable[[Lead, str], str]] = {
    "stop": _stop,
    "pause": _pause,
    "resume": _resume,
    "language": _speak,
}
