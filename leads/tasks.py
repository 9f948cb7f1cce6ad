"""What the worker for long jobs does for the leads. Each reads the clock and makes one call."""

from __future__ import annotations

import time

from celery import shared_task
from django.utils import timezone

from leads.webhooks.delivery import deliver_due

LONGEST_RUN = 20.0  # seconds; then the next nudge goes on


@shared_task
def deliver_webhooks() -> int:
    """Tell other people's servers what is due; how many messages were tried."""
    tried, end = 0, time.monotonic() + LONGEST_RUN
    while time.monotonic() < end:
        batch = deliver_due(now=timezone.now())
        tried += batch
        if not batch:
            break
    return tried
