"""What workers do for capture. Each reads the clock and makes one call."""

from __future__ import annotations

import time

from celery import shared_task
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from capture.actions.accept import take_in_due
from capture.actions.housekeeping import forget_submissions
from capture.actions.imports import forget_imports, work
from capture.importing.run import Busy
from capture.queries.sources import COUNTED_LIVE, refresh
from funnel.queries import stage_counts
from leads.actions.channel_runs import work_off

PAUSE = 0.05  # seconds between two looks at what the pipeline has left to score
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
    """Delete submissions, uploads and rejected rows that were only kept for a while."""
    forget_submissions(now=timezone.now())
    forget_imports(now=timezone.now())


@shared_task
def work_on_imports() -> None:
    """Go on with the import that waits longest, for a while; one worker at a time."""
    end = time.monotonic() + LONGEST_DRAIN
    try:
        while time.monotonic() < end and work(now=timezone.now(), until=end):
            time.sleep(PAUSE)
    except Busy:
        return


def nudge_imports() -> None:
    """Have a worker look at the imports now; without the broker the sweep finds them within seconds."""
    try:
        work_on_imports.apply_async(retry=False, expires=60)
    except OperationalError:
        return


@shared_task
def apply_channel_rules() -> None:
    """Go on with applying the channel rules to the past; a task has some seconds, the next goes on."""
    end = time.monotonic() + LONGEST_DRAIN
    for _run in work_off(now=timezone.now()):
        if time.monotonic() > end:
            break


@shared_task
def refresh_sources() -> None:
    """Keep the report on sources ready where counting it takes long."""
    if stage_counts().total > COUNTED_LIVE:
        refresh(time_zone=settings.TIME_ZONE)
