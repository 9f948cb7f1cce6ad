"""Taking in what was posted: a worker accepts submissions or asks for their address to be confirmed.

It does it right after the post came in, one submission a transaction; what fails waits ten minutes
and holds up nobody else.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import OperationalError, transaction

from capture.actions.acceptance import accept
from capture.actions.confirmations import ask_for_confirmation
from capture.choices import SubmissionState
from capture.models import Submission

log = structlog.get_logger(__name__)

BATCH = 50
WAIT_OF_A_FAILED_ONE = timedelta(minutes=10)
WAIT_OF_A_BUSY_ONE = timedelta(seconds=5)


def take_in_due(*, now: datetime, limit: int = BATCH) -> int:
    """Take in up to ``limit`` submissions whose time has come, the oldest first; how many were looked at."""
    done = 0
    while done < limit and _take_in_next(now):
        done += 1
    return done


@transaction.atomic
def _take_in_next(now: datetime) -> bool:
    """One submission, locked meanwhile; other workers pass it by."""
    due = Submission.objects.filter(due_at__lte=now).select_related("form").order_by("due_at", "id")
    submission = due.select_for_update(of=("self",), skip_locked=True).first()
    if submission is None:
        return False
    try:
        with transaction.atomic():
            take_in(submission, now=now)
    except OperationalError as error:
        # A deadlock or a lock that took too long: somebody else was quicker.
        log.warning("submission_waits", submission=submission.pk, error=str(error).partition("\n")[0])
        _wait(submission, now + WAIT_OF_A_BUSY_ONE)
    except Exception:
        log.exception("submission_failed", submission=submission.pk)
        _wait(submission, now + WAIT_OF_A_FAILED_ONE)
    return True


def _wait(submission: Submission, until: datetime) -> None:
    Submission.objects.filter(pk=submission.pk).update(due_at=until)


def take_in(submission: Submission, *, now: datetime) -> None:
    """Do what is due of a locked submission: accept it, or ask for its address to be confirmed."""
    if submission.state == SubmissionState.RECEIVED:
        accept(submission, now=now)
    elif submission.state == SubmissionState.AWAITING:
        ask_for_confirmation(submission, now=now)
    else:
        Submission.objects.filter(pk=submission.pk).update(due_at=None)
