"""A person looks at what was set aside: "not spam" takes it in after all."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from capture.actions.acceptance import accept, read_again
from capture.actions.confirmations import ask_for_confirmation
from capture.choices import SubmissionState
from capture.live import live_form
from capture.models import Submission
from capture.posts import needs_confirmation
from capture.reading import Error
from capture.tokens import CONFIRM_LIFE

REPLAYABLE = frozenset({SubmissionState.SPAM, SubmissionState.REJECTED})


class CannotReplay(ValueError):
    """The submission cannot be taken in; ``errors`` say why (none: it was taken in already)."""

    def __init__(self, errors: list[Error]) -> None:
        super().__init__("cannot be taken in")
        self.errors = errors


@transaction.atomic
def replay(*, submission: Submission, by: User, now: datetime) -> Submission:
    """Take in a submission that was refused or taken for spam, as of the moment it came in.

    Where the address must be confirmed, its owner is asked now. Raises CannotReplay, with the errors of the
    answers as far as nobody can be recognised by them.
    """
    submission = (
        Submission.objects.select_related("form").select_for_update(of=("self",)).get(pk=submission.pk)
    )
    if submission.state not in REPLAYABLE:
        raise CannotReplay([])
    live = live_form(submission.form)
    reading = read_again(submission, live)
    if not reading.says_who:
        raise CannotReplay(reading.errors)
    submission.reviewed_at, submission.reviewed_by = now, by
    if needs_confirmation(live.form, reading):
        submission.state, submission.confirm_until = SubmissionState.AWAITING, now + CONFIRM_LIFE
        submission.save(update_fields=["state", "reviewed_at", "reviewed_by", "confirm_until"])
        ask_for_confirmation(submission, now=now)
    else:
        accept(submission, now=now)
    return submission
