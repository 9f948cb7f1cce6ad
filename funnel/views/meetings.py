"""Appointments with a lead, as dialogs over its page: propose, move, call off, held or missed."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.pages import PageRequest, page, unfinished
from funnel.actions.meetings import cancel_meeting, close_meeting, move_meeting, propose_meeting
from funnel.meeting_forms import MeetingForm
from funnel.models import Meeting, Rep, Standing
from funnel.queries.meetings import doubts_of, meetings_visible_to
from funnel.refusals import Refused
from funnel.views.work_dialogs import DECIDES, ask, attempt, back_of, done, home_of, refused, workable


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def propose(request: PageRequest, public_id: UUID) -> HttpResponse:
    """A new appointment with a lead in work."""
    standing, now = workable(request, public_id), timezone.now()
    typed = request.POST if request.method == "POST" else unfinished(request)
    form = MeetingForm(typed, now=now, has_email=bool(standing.lead.email))
    back = back_of(request, home_of(standing))
    if request.method == "POST" and _is_settled(form, standing.rep):
        given = form.cleaned_data
        if attempt(
            form,
            lambda: propose_meeting(
                lead=standing.lead,
                by=request.user,
                now=now,
                kind=given["kind"],
                title=given["title"],
                plan=form.plan,
                invites=given["invites"],
                is_agreed=given["is_agreed"],
                key=given["key"],
            ),
        ):
            return done(request, _("The meeting is noted."), back=back)
    return _show(request, form, standing, _("New meeting"), back)


def _is_settled(form: MeetingForm, rep: Rep | None, *, besides: Meeting | None = None) -> bool:
    """Whether the form is complete, and its writer knows what speaks against the time."""
    if not form.is_valid():
        return False
    return rep is None or form.is_sure_of(doubts_of(rep, form.slot, besides=besides))


def _show(request: PageRequest, form: MeetingForm, standing: Standing, title: str, back: str) -> HttpResponse:
    context = {"form": form, "lead": standing.lead, "title": title, "back": back}
    return ask(request, "_meeting_form", context)


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def move(request: PageRequest, public_id: UUID) -> HttpResponse:
    """Another time or place."""
    meeting, now = _mine(request, public_id), timezone.now()
    typed = request.POST if request.method == "POST" else unfinished(request)
    form = MeetingForm(typed, now=now, meeting=meeting)
    back = back_of(request, _home(meeting))
    if (
        request.method == "POST"
        and _is_settled(form, meeting.rep, besides=meeting)
        and attempt(
            form,
            lambda: move_meeting(
                meeting=meeting, by=request.user, now=now, plan=form.plan, title=form.cleaned_data["title"]
            ),
        )
    ):
        return done(request, _("The meeting has changed."), back=back)
    context = {"form": form, "lead": meeting.lead, "title": _("Change the meeting"), "back": back}
    return ask(request, "_meeting_form", context)


@page(DECIDES)
@require_POST
def cancel(request: PageRequest, public_id: UUID) -> HttpResponse:
    """Call it off."""
    meeting = _mine(request, public_id)
    back = back_of(request, _home(meeting))
    try:
        cancel_meeting(meeting=meeting, by=request.user, now=timezone.now())
    except Refused as problem:
        return refused(request, problem.message, back=back)
    return done(request, _("The meeting is called off."), back=back)


@page(DECIDES)
@require_POST
def close(request: PageRequest, public_id: UUID) -> HttpResponse:
    """It took place, or it did not: ``was_held`` is yes or no."""
    meeting = _mine(request, public_id)
    back, was_held = back_of(request, _home(meeting)), request.POST.get("was_held") == "yes"
    try:
        close_meeting(meeting=meeting, by=request.user, now=timezone.now(), was_held=was_held)
    except Refused as problem:
        return refused(request, problem.message, back=back)
    said = _("Noted: the meeting took place.") if was_held else _("Noted: the meeting was missed.")
    return done(request, said, back=back)


def _mine(request: PageRequest, public_id: UUID) -> Meeting:
    return get_object_or_404(meetings_visible_to(request.user), public_id=public_id)


def _home(meeting: Meeting) -> str:
    return reverse("funnel:my_lead", args=[meeting.lead.public_id])
