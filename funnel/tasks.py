"""Background work of the funnel: what no event announces."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from funnel.actions import expire_offers, fill_places, fold_counts
from funnel.actions.answers import follow_up


@shared_task
def sweep() -> None:
    """Take back what expired or whose rep went away, fill the places that came free, shorten the counts.

    The pipeline does the first two whenever it runs; on a quiet site a new day comes unannounced.
    """
    now = timezone.now()
    expire_offers(now=now)
    fill_places(now=now)
    fold_counts()


@shared_task
def follow_up_answers() -> int:
    """End the promised answers that were kept, escalate those that were not; how many changed."""
    return follow_up(now=timezone.now())
