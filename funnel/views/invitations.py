"""The page behind the link of an invitation: see the meeting, accept or decline it, without signing in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import override
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from funnel.actions.meetings import answer_meeting
from funnel.meeting_links import read_meeting_token
from funnel.meeting_words import when_in_words
from funnel.models import Meeting
from funnel.refusals import Refused
from leads.api.addresses import client_address
from leads.api.limits import Limit, seconds_to_wait

WRONG_LINKS = Limit("wrong_links", 60, 60)
ANSWERS = Limit("meeting_answers", 30, 60)
# No referrer, no index, no copy: the address of this page is a right to act for somebody.
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "no-store",
}


# The signed link is the whole proof: it came to the person's own address. No cookie is set or needed.
@method_decorator(csrf_exempt, name="dispatch")
class InvitationView(View):
    """GET shows and changes nothing, so that link scanners answer for nobody; POST answers."""

    http_method_names = ("get", "head", "post", "options")

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """The meeting and two buttons."""
        meeting = _meeting(token)
        return self._page(request, meeting) if meeting else self._wrong(request)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Accept or decline the version that was shown."""
        meeting = _meeting(token)
        if meeting is None:
            return self._wrong(request)
        if wait := seconds_to_wait(ANSWERS, client_address(request)):
            return self._slow(request, wait)
        verb, shown = request.POST.get("verb", ""), request.POST.get("sequence", "")
        if verb not in {"accept", "decline"} or not shown.isdecimal() or len(shown) > 5:
            return self._page(request, meeting, status=400)
        try:
            answer_meeting(meeting=meeting, accepts=verb == "accept", sequence=int(shown), now=timezone.now())
        except Refused as problem:
            meeting.refresh_from_db()
            return self._page(request, meeting, refusal=problem, status=409)
        meeting.refresh_from_db()
        return self._page(request, meeting, is_answered=True)

    def _page(
        self,
        request: HttpRequest,
        meeting: Meeting,
        *,
        is_answered: bool = False,
        refusal: Refused | None = None,
        status: int = 200,
    ) -> HttpResponse:
        with override(meeting.language):
            context = {
                "meeting": meeting,
                "when": when_in_words(meeting),
                "is_over": meeting.ends_at <= timezone.now(),
                "is_answered": is_answered,
                "said": refusal.message if refusal else "",
            }
            return _answer(request, context, status=status)

    def _wrong(self, request: HttpRequest) -> HttpResponse:
        """The same page for every wrong link; whoever tries many is slowed down."""
        if wait := seconds_to_wait(WRONG_LINKS, client_address(request)):
            return self._slow(request, wait)
        return _answer(request, {}, status=404)

    def _slow(self, request: HttpRequest, wait: int) -> HttpResponse:
        response = _answer(request, {}, status=429)
        response["Retry-After"] = str(wait)
        return response


def _answer(request: HttpRequest, context: dict[str, object], *, status: int) -> HttpResponse:
    response = render(request, "funnel/invitation.html", context, status=status)
    for name, value in HEADERS.items():
        response[name] = value
    return response


def _meeting(token: str) -> Meeting | None:
    """The meeting of a genuine link; None for a wrong one, and for a lead that was erased."""
    public_id = read_meeting_token(token)
    if public_id is None:
        return None
    return Meeting.objects.select_related("lead", "rep__user").filter(public_id=public_id).first()
