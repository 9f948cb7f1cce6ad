"""What workers do for the dashboard: what is kept ready, and trials of rules."""

from __future__ import annotations

import time

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from dashboard.queries.health import count_health
from dashboard.queries.report import COUNTED_LIVE, refresh
from dashboard.trying import work_on_one
from funnel.queries import stage_counts

LONGEST_RUN = 60.0  # seconds; then the next look goes on, so that a worker can be stopped


@shared_task(name="dashboard.tasks.refresh_report")
def refresh_report() -> None:
    """Count the funnel report again where that is too slow to be done while somebody waits."""
    if stage_counts().total > COUNTED_LIVE:
        refresh(now=timezone.now())


@shared_task
def try_rules() -> None:
    """Do the trials of rules that wait, for a while; the next look goes on."""
    end = time.monotonic() + LONGEST_RUN
    while time.monotonic() < end and work_on_one(timezone.now):
        continue


@shared_task
def count_score_health() -> None:
    """Count how the rules are doing; nightly, and when somebody asks."""
    count_health(now=timezone.now())


def nudge_health() -> bool:
    """Have a worker count score health now; False when nobody could be asked."""
    try:
        count_score_health.apply_async(retry=False, expires=600)
    except OperationalError:
        return False
    return True


def nudge_trials() -> None:
    """Have a worker look at the trials now; without the broker the sweep finds them within seconds."""
    try:
        try_rules.apply_async(retry=False, expires=60)
    except OperationalError:
        return
