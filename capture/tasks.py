"""What workers do for capture. Each reads the clock and makes one call."""

from __future__ import annotations

import time

from celery import shared_task
from django.utils import timezone

from capture.actions.accept import take_in_due
from capture.actions.housekeeping import forget_submissions

LONGEST_DRAIN = 20.0  # seconds; then the next nudge goes on, so that a worker can be stopped


@shared_task
def take_in() -> int:
    """Take in the submissions that wait; how many."""
    done, end = 0, time.monotonic() + LONGEST_DRAIN
    while time.monotonic() < end:
        taken = take_in_due(now=timezone.now())
        if not taken:
            break
        done += taken
    return done


@shared_task
def forget_expired() -> None:
    """Delete submissions that were only kept for a while."""
    forget_submissions(now=timezone.now())
