"""Double opt-in: the owner of an address is asked by mail, and only their pressing a button confirms it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import transaction

from capture.actions.acceptance import accept, read_again
from capture.actions.mails import adopt_confirmation, send_confirmation, wait_of
from capture.choices import SubmissionState
from capture.live import live_form
from capture.models import Submission
from nurturing.models import NoticeKind

CONFIRM, AN_HOUR = NoticeKind.CONFIRM_ADDRESS, timedelta(hours=1)


class Standing(StrEnum):
    """Where a submission stands whose address is asked for."""

    OPEN = "open"
    DONE = "done"
    GONE = "gone"


def ask_for_confirmation(submission: Submission, *, now: datetime) -> None:
    """Send the mail with the link of a submission whose row is locked, unless its address got enough.

    Who filled another form within the hour is asked when the hour is over. An address that was asked three
    times on a day is asked no more: its submissions wait in vain, and are forgotten after seven days like any
    other that nobody confirms.
    """
    live = live_form(submission.form)
    reading = read_again(submission, live)
    sent = reading.email is not None and send_confirmation(submission, live, reading.email.key, now=now)
    wait = wait_of(reading.email.key, CONFIRM, now=now) if reading.email and not sent else timedelta()
    submission.due_at = now + wait if timedelta() < wait <= AN_HOUR else None
    submission.reasons = [] if sent else ["mail_limit"]
    submission.save(update_fields=["due_at", "reasons"])


def standing_of(submission: Submission, *, now: datetime) -> Standing:
    """Whether it can be confirmed, was confirmed, or neither any more."""
    if submission.confirmed_at is not None:
        return Standing.DONE
    is_open = submission.confirm_until is not None and now < submission.confirm_until
    return Standing.OPEN if submission.state == SubmissionState.AWAITING and is_open else Standing.GONE


@transaction.atomic
def confirm(*, public_id: UUID, now: datetime) -> Standing:
    """The owner of the address confirms; what this press found: OPEN the first time, then DONE, else GONE.

    The first press makes the lead and records the consents, however many presses come at once.
    """
    submission = (
        Submission.objects.select_related("form")
        .select_for_update(of=("self",))
        .filter(public_id=public_id)
        .first()
    )
    if submission is None:
        return Standing.GONE
    found = standing_of(submission, now=now)
    if found is Standing.OPEN:
        submission.confirmed_at = now
        if accept(submission, now=now):
            adopt_confirmation(submission)
    return found
