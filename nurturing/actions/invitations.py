"""Invitations to meetings: noted in the funnel, asked about here, and posted as notices.

A meeting that the person agreed to is confirmed whenever it is (transactional); one that is only proposed is
sales contact: the contact policy, the law and the quiet hours decide, right before it is posted.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings as site
from django.db import transaction

from funnel.invitations import Party, written
from funnel.meeting_links import meeting_url
from funnel.meeting_words import entry_of, when_in_words
from funnel.meetings import Method
from funnel.models import MailboxConnection, Meeting, MeetingMail
from nurturing.actions.notices import post_notice
from nurturing.gate import Gate, open_gate
from nurturing.models import MailSettings, NoticeKind
from nurturing.policy import Purpose
from nurturing.quiet import is_quiet, zone_of

BATCH = 100
_KIND = {
    Method.REQUEST: NoticeKind.MEETING_INVITATION,
    Method.CANCEL: NoticeKind.MEETING_CANCELLED,
}


@transaction.atomic
def post_invitations(*, now: datetime, limit: int = BATCH) -> int:
    """Hand up to ``limit`` waiting invitations to the mail worker; how many were posted.

    Waits as long as the sender is not set up, and in the person's quiet hours. An older version of a
    meeting, and a cancellation of what nobody was told of, are not sent at all.
    """
    waiting = list(_waiting(limit)) if MeetingMail.objects.filter(settled_at=None).exists() else []
    settings = MailSettings.load() if waiting else None
    if settings is None or not settings.is_complete:
        return 0
    gate = open_gate([mail.meeting.lead_id for mail in waiting], at=now, settings=settings)
    posted = 0
    for mail in waiting:
        if _must_wait(mail, settings, now):
            continue
        mail.refused = _refusal(mail, gate)[:60]
        if not mail.refused:
            _post(mail, now=now)
            posted += 1
        mail.settled_at = now
        mail.save(update_fields=["refused", "settled_at"])
    return posted


def _waiting(limit: int) -> list[MeetingMail]:
    mails = MeetingMail.objects.filter(settled_at=None).select_related("meeting__lead", "meeting__rep__user")
    return list(mails.select_for_update(of=("self",), skip_locked=True).order_by("pk")[:limit])


def _must_wait(mail: MeetingMail, settings: MailSettings, now: datetime) -> bool:
    """Whether it is night where the person lives and nobody waits for it."""
    if mail.purpose == Purpose.TRANSACTIONAL:
        return False
    zone = zone_of(mail.meeting.lead.time_zone, site.TIME_ZONE)
    return is_quiet(now, zone, settings.quiet_hours)


def _refusal(mail: MeetingMail, gate: Gate) -> str:
    """Why it is not sent; "" when it is."""
    if mail.method == Method.REQUEST and mail.sequence < mail.meeting.sequence:
        return "superseded"
    if mail.method == Method.CANCEL and not _was_told(mail):
        return "never_invited"
    if not mail.address or mail.address != mail.meeting.lead.email:
        return "address_changed"
    answer = gate.ask(mail.meeting.lead_id, Purpose(mail.purpose))
    return "" if answer.allowed else answer.reason


def _was_told(mail: MeetingMail) -> bool:
    told = mail.meeting.mails.filter(method=Method.REQUEST, refused="", settled_at__isnull=False)
    return told.exists()


def _post(mail: MeetingMail, *, now: datetime) -> None:
    meeting = mail.meeting
    post_notice(
        send_key=f"meeting:{meeting.public_id.hex}:{mail.method}:{mail.sequence}",
        kind=_KIND[Method(mail.method)],
        address=mail.address,
        language=meeting.language,
        values=_values(mail, now=now),
        expires_at=meeting.ends_at,
        now=now,
        lead=meeting.lead,
    )


def _values(mail: MeetingMail, *, now: datetime) -> dict[str, dict[str, str]]:
    """What the template merges, and the calendar entry that goes along."""
    meeting, organiser = mail.meeting, _organiser(mail.meeting)
    entry = entry_of(meeting, organiser=organiser)
    return {
        "meeting": {
            "title": meeting.title,
            "when": when_in_words(meeting),
            "place": meeting.place,
            "host": meeting.rep.user.full_name,
            "is_moved": "yes" if mail.sequence else "",
        },
        "video": {"url": meeting.link},
        "link": {"url": meeting_url(meeting.public_id)},
        "calendar": {
            "method": mail.method,
            "text": written(entry, Method(mail.method), now=now),
            "reply_to": organiser.address,
        },
    }


def _organiser(meeting: Meeting) -> Party:
    """The rep, under the address whose mailbox is read for answers, if there is one."""
    user = meeting.rep.user
    box = (
        MailboxConnection.objects.filter(user=user, is_active=True).values_list("address", flat=True).first()
    )
    return Party(user.full_name, box or user.email)
