"""Appointments: of a lead, of a rep, and what speaks against a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import rules
from django.db.models import Q, QuerySet

from accounts.models import User
from funnel.meetings import Doubt, MeetingState, Slot, doubts_about
from funnel.models import Meeting, MeetingMail, Rep, SocialMessage
from leads.models import Lead

OPEN = (MeetingState.PROPOSED, MeetingState.ACCEPTED)


def meetings_visible_to(user: User) -> QuerySet[Meeting]:
    """A rep's own and those of the leads they work; all for who manages sales."""
    meetings = Meeting.objects.select_related("lead", "rep__user")
    if rules.has_perm("funnel.manage_sales", user):
        return meetings
    return meetings.filter(Q(rep=user.pk) | Q(lead__owner=user))


def doubts_of(rep: Rep, wanted: Slot, *, besides: Meeting | None = None) -> list[Doubt]:
    """What speaks against this time for the rep: other meetings, absence, holidays, closing hours."""
    taken = Meeting.objects.filter(
        rep=rep, state__in=OPEN, starts_at__lt=wanted.ends_at, ends_at__gt=wanted.starts_at
    )
    if besides:
        taken = taken.exclude(pk=besides.pk)
    slots = [Slot(*span) for span in taken.values_list("starts_at", "ends_at")[:20]]
    return doubts_about(wanted, taken=slots, calendar=rep.calendar)


@dataclass(frozen=True, slots=True)
class Shown:
    """One appointment as its rep sees it; ``mail`` is the newest that was to be sent about it."""

    meeting: Meeting
    mail: MeetingMail | None
    is_begun: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """Appointments of a lead (the coming ones first), its profiles on networks, and messages there."""

    coming: tuple[Shown, ...]
    past: tuple[Shown, ...]
    messages: tuple[SocialMessage, ...]
    profiles: tuple[tuple[str, str], ...]


def panel_of(lead: Lead, *, now: datetime) -> Panel:
    """All that is shown of a lead's appointments and social selling, in three queries."""
    meetings = list(Meeting.objects.filter(lead=lead).select_related("rep__user").order_by("-starts_at")[:20])
    mails = _newest_mails(meetings)
    shown = [Shown(one, mails.get(one.pk), one.starts_at <= now) for one in meetings]
    coming = [one for one in shown if one.meeting.is_open]
    messages = SocialMessage.objects.filter(lead=lead).select_related("by").order_by("-at", "-id")[:5]
    return Panel(
        coming=tuple(reversed(coming)),
        past=tuple(one for one in shown if not one.meeting.is_open)[:5],
        messages=tuple(messages),
        profiles=tuple(sorted((str(name), str(url)) for name, url in lead.social.items() if url)),
    )


def _newest_mails(meetings: Sequence[Meeting]) -> dict[int, MeetingMail]:
    mails = MeetingMail.objects.filter(meeting__in=[one.pk for one in meetings]) if meetings else ()
    return {mail.meeting_id: mail for mail in sorted(mails, key=lambda mail: mail.pk)}
