"""Background work of the funnel: what no event announces."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from funnel.actions import expire_offers, fold_counts
from funnel.actions.allocation_log import forget_old_decisions
from funnel.actions.answers import follow_up
from funnel.actions.desks import begin_absences
from funnel.actions.offers import fill_all_places
from funnel.actions.reminding import remind
from funnel.actions.threshold import follow_room


@shared_task
def move_many() -> int:
    """Go on with moves of many leads; how many chunks were done."""
    done, end = 0, time.monotonic() + LONGEST_RUN
    while time.monotonic() < end and next(work_off(now=timezone.now()), None) is not None:
        done += 1
    return done


@shared_task
def sweep() -> None:
    """Begin absences, take back what expired or whose rep went away, remind, fill the places that came free,
    shorten the counts.

    The pipeline takes back and fills whenever it runs; on a quiet site a new day comes unannounced.
    """
    now = timezone.now()
    begin_absences(now=now)
    expire_offers(now=now)
    remind(now=now)
    fill_all_places(now=now)
    fold_counts()


@shared_task
def forget_allocation() -> int:
    """Delete the decisions of the allocation that are older than 90 days; how many."""
    return forget_old_decisions(now=timezone.now())


@shared_task
def follow_up_answers() -> int:
    """End the promised answers that were kept, escalate those that were not; how many changed."""
    return follow_up(now=timezone.now())


@shared_task
def follow_capacity() -> None:
    """Move the threshold of the ready gate to what sales can take, where that is switched on; once a day."""
    follow_room(now=timezone.now())
