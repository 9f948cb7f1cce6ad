"""Accepting one submission: from what was kept to a lead, and the submission says so."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import override

from capture.actions.entry import enter
from capture.choices import SubmissionState
from capture.live import LiveForm, live_form
from capture.models import Submission
from capture.reading import Reading, read_post
from leads.failpoints import failpoint


def read_again(submission: Submission, live: LiveForm) -> Reading:
    """The values of a kept post, as far as they can be read; its form's questions as they are now."""
    with override(live.form.language):
        return read_post([], live.questions, submission.answers, language=live.form.language)


@transaction.atomic
def accept(submission: Submission, *, now: datetime) -> bool:
    """Make or complete the lead of a submission whose row is locked; all that follows from it.

    Everything is as of the moment it came in (of the confirmation, where there was one). False when the
    answers no longer say who it is, because the form has changed meanwhile (the state says so then), or when
    the person was erased: then the submission is gone too.
    """
    live = live_form(submission.form)
    reading = read_again(submission, live)
    if not reading.says_who:
        submission.state, submission.reasons, submission.due_at = SubmissionState.REJECTED, ["errors"], None
        submission.errors = reading.errors
        submission.save(update_fields=["state", "reasons", "due_at", "errors"])
        return False
    lead = enter(submission, live, reading, now=now)
    if lead is None:
        submission.delete()
        return False
    submission.lead, submission.state, submission.due_at = lead, SubmissionState.ACCEPTED, None
    submission.reasons, submission.errors = [], []
    submission.save(
        update_fields=[
            "lead",
            "state",
            "due_at",
            "reasons",
            "errors",
            "confirmed_at",
            "reviewed_at",
            "reviewed_by",
        ]
    )
    failpoint("forms.before_accepted")
    return True
