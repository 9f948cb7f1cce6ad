"""What the dashboard keeps ready."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from dashboard.queries.report import COUNTED_LIVE, refresh
from funnel.queries import stage_counts


@shared_task(name="dashboard.tasks.refresh_report")
def refresh_report() -> None:
    """Count the funnel report again where that is too slow to be done while somebody waits."""
    if stage_counts().total > COUNTED_LIVE:
        refresh(now=timezone.now())
