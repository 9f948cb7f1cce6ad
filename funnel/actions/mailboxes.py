"""Connected mailboxes: made, given up, and read for answers to invitations and for replies of leads."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from accounts.models import User
from funnel.actions.meetings import answer_meeting
from funnel.imap import Connect, Inbox, MailboxError, connect, opened
from funnel.invitations import Reply
from funnel.meetings import MeetingState
from funnel.models import MailboxConnection, Meeting
from funnel.refusals import Refused
from funnel.replies import Mail, read_mail
from funnel.sealing import CannotOpen, seal, unseal
from leads.actions.events import record_event
from leads.channels import Channel
from leads.models import Lead, Source
from leads.normalise import InvalidValue, normalise_email

log = structlog.get_logger(__name__)
EVERY = timedelta(minutes=1)
# After failures, the longest the next attempt waits.
_LADDER = (1, 5, 15, 60)
# Whoever dies while reading leaves the mailbox to be read again after this.
LEASE = timedelta(minutes=5)
LONGEST = 20.0  # seconds for one mailbox; the rest comes next time


def connect_mailbox(
    *,
    user: User,
    now: datetime,
    address: str,
    host: str,
    port: int,
    username: str,
    password: str,
    connect: Connect = connect,
) -> MailboxConnection:
    """Read this mailbox from now on; what is in it already is left alone. Raises MailboxError when it cannot
    be opened."""
    with opened(host, port, username, password, connect=connect) as inbox:
        position = {"uid_validity": inbox.uid_validity, "last_uid": inbox.newest_uid()}
    values = {"address": address.lower(), "host": host, "port": port, "username": username}
    values |= {"password": seal(password), "is_active": True, "due_at": now + EVERY, "polled_at": now}
    values |= {"failures": 0, "last_error": ""}
    box, _made = MailboxConnection.objects.update_or_create(user=user, defaults=values | position)
    return box


def disconnect_mailbox(*, user: User) -> None:
    """Read it no more, and forget its password."""
    MailboxConnection.objects.filter(user=user).delete()


def poll_mailboxes(*, now: datetime, connect: Connect = connect, limit: int = 20) -> int:
    """Read the mailboxes that are due; how many mails were read. Call outside any transaction."""
    return sum(_poll(box, now=now, connect=connect) for box in _claim(now, limit))


@transaction.atomic
def _claim(now: datetime, limit: int) -> list[MailboxConnection]:
    """Those that nobody else is reading."""
    due = MailboxConnection.objects.filter(is_active=True, due_at__lte=now, user__is_active=True)
    boxes = list(due.select_related("user").select_for_update(of=("self",), skip_locked=True)[:limit])
    MailboxConnection.objects.filter(pk__in=[box.pk for box in boxes]).update(due_at=now + LEASE)
    return boxes


def _poll(box: MailboxConnection, *, now: datetime, connect: Connect) -> int:
    try:
        with opened(box.host, box.port, box.username, unseal(box.password), connect=connect) as inbox:
            read = _read_new(box, inbox, now=now)
    except (MailboxError, CannotOpen) as error:
        _note_failure(box, str(error) or "sealed", now=now)
        return 0
    box.failures, box.last_error, box.polled_at, box.due_at = 0, "", now, now + EVERY
    box.save(update_fields=["failures", "last_error", "polled_at", "due_at"])
    return read


def _note_failure(box: MailboxConnection, error: str, *, now: datetime) -> None:
    """Try again later, and later still."""
    wait = _LADDER[min(box.failures, len(_LADDER) - 1)]
    box.failures = min(box.failures + 1, 1000)
    box.last_error, box.due_at = error[:200], now + timedelta(minutes=wait)
    box.save(update_fields=["failures", "last_error", "due_at"])
    log.warning("mailbox_failed", mailbox=box.pk, failures=box.failures)


def _read_new(box: MailboxConnection, inbox: Inbox, *, now: datetime) -> int:
    """The mails that came since; a mailbox whose numbers changed is followed from now on."""
    if inbox.uid_validity != box.uid_validity:
        box.uid_validity, box.last_uid = inbox.uid_validity, inbox.newest_uid()
        box.save(update_fields=["uid_validity", "last_uid"])
        return 0
    read, end = 0, time.monotonic() + LONGEST
    for uid in inbox.uids_after(box.last_uid):
        mail = read_mail(inbox.fetch(uid))
        if mail:
            take_mail(mail, user=box.user, now=now)
        box.last_uid = uid
        box.save(update_fields=["last_uid"])
        read += 1
        if time.monotonic() > end:
            break
    return read


def take_mail(mail: Mail, *, user: User, now: datetime) -> None:
    """What follows from one mail; taking it twice changes nothing more."""
    for reply in mail.replies:
        _answer(reply, now=now)
    if not mail.replies and not mail.is_automatic:
        _note_reply(mail, user=user, now=now)


def _answer(reply: Reply, *, now: datetime) -> None:
    """The guest's answer, from the guest's own address, to a meeting whose secret name it knows."""
    meeting = Meeting.objects.select_related("lead").filter(uid=reply.uid).first()
    if meeting is None or (meeting.lead.email or "").lower() != reply.address:
        return
    accepts = reply.state is MeetingState.ACCEPTED
    with suppress(Refused):
        answer_meeting(meeting=meeting, accepts=accepts, sequence=reply.sequence, now=now)


@transaction.atomic
def _note_reply(mail: Mail, *, user: User, now: datetime) -> None:
    """A lead wrote to us: an event, once for each mail."""
    try:
        address = normalise_email(mail.sender)
    except InvalidValue:
        return
    lead = Lead.objects.all().present().filter(email=address.key).first()
    if lead is None:
        return
    record_event(
        lead_id=lead.pk,
        kind="email_replied",
        occurred_at=now,
        now=now,
        source=Source.PEOPLE,
        event_id=f"mail:{mail.key}",
        channel=Channel.EMAILING,
        properties={"to": user.pk},
    )
