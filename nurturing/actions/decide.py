"""What a person decides about a message nobody knows the fate of."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from leads.bell import ring
from nurturing.models import Message, MessageDecision, State

TIME_TO_LIVE = timedelta(days=3)


class NotUnknown(Exception):
    """Only a message of which nobody knows whether it arrived is decided by a person."""


@transaction.atomic
def decide(*, message_id: int, verdict: str, by: User, note: str, now: datetime) -> Message:
    """Send it again, take it as sent, or give it up; with an audit row in the same transaction.

    Raises Message.DoesNotExist, NotUnknown, and ValueError for another verdict or without a note.
    """
    if verdict not in dict(MessageDecision.VERDICTS) or not note.strip():
        raise ValueError("a verdict (send_again, was_sent, give_up) and a note are needed")
    message = Message.objects.select_for_update().get(pk=message_id)
    if message.state != State.UNKNOWN:
        raise NotUnknown(message.state)
    MessageDecision.objects.create(message=message, verdict=verdict, at=now, by=by, note=note)
    if verdict == MessageDecision.SEND_AGAIN:
        _send_again(message, now)
    elif verdict == MessageDecision.WAS_SENT:
        message.state, message.sent_at, message.reason = State.SENT, message.data_started_at, ""
    else:
        message.state, message.reason = State.FAILED, "given_up"
    message.save()
    return message


def _send_again(message: Message, now: datetime) -> None:
    """A new way from the start: everything is checked again, under a new Message-ID."""
    message.state, message.reason, message.detail = State.PLANNED, "send_again", ""
    message.due_at, message.expires_at = now, now + TIME_TO_LIVE
    message.data_started_at = message.message_id = message.lease = message.lease_until = None
    message.attempts = 0
    ring("mail")
