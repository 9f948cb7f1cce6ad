"""Background work of the funnel: what no event announces."""

from __future__ import annotations

import time

from celery import shared_task
from django.utils import timezone

from funnel.actions import expire_offers, fold_counts
from funnel.actions.ageing import give_up_aged
from funnel.actions.allocation_log import forget_old_decisions
from funnel.actions.answers import follow_up
from funnel.actions.bulk import work_off
from funnel.actions.desks import begin_absences
from funnel.actions.mailboxes import poll_mailboxes
from funnel.actions.offers import fill_all_places
from funnel.actions.partner_mail import tell_partners
from funnel.actions.reminding import remind
from funnel.actions.stages import tell_stages
from funnel.actions.task_reminders import remind_tasks
from funnel.actions.threshold import follow_room

LONGEST_RUN = 20.0  # seconds; then the next sweep goes on


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
    remind_tasks(now=now)
    fill_all_places(now=now)
    fold_counts()
    tell_stages()


@shared_task
def forget_allocation() -> int:
    """Delete the decisions of the allocation that are older than 90 days; how many."""
    return forget_old_decisions(now=timezone.now())


@shared_task
def follow_up_answers() -> int:
    """End the promised answers that were kept, escalate those that were not; how many changed."""
    return follow_up(now=timezone.now())


@shared_task
def give_up_aged_leads() -> int:
    """At night: disqualify whom the ageing rule says; how many. Nobody while it is off."""
    return give_up_aged(now=timezone.now())


@shared_task
def write_to_partners() -> int:
    """Tell partners of the leads that were passed on to them; how many mails left."""
    return tell_partners(now=timezone.now())


@shared_task
def follow_capacity() -> None:
    """Move the threshold of the ready gate to what sales can take, where that is switched on; once a day."""
    follow_room(now=timezone.now())


@shared_task
def read_mailboxes() -> int:
    """Read connected mailboxes for answers to invitations; how many mails were read."""
    return poll_mailboxes(now=timezone.now())
