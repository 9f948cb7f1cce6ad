"""What the worker for long jobs does for the leads. Each reads the clock and makes one call."""

from __future__ import annotations

import time

from celery import shared_task
from django.utils import timezone

from leads.actions.duplicates import look_at_everybody, look_at_the_new
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


@shared_task
def look_for_duplicates() -> int:
    """Compare who came or changed with those alike; how many leads were looked at."""
    return look_at_the_new(now=timezone.now())


@shared_task
def look_for_missed_duplicates() -> int:
    """At night: everybody that nobody looked at yet, such as what was there before; how many they were."""
    return max(look_at_everybody(now=timezone.now()), default=0)
