"""Background work of scoring: passes over all leads."""

from __future__ import annotations

import time

import structlog
from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from scoring.actions import rescore_all
from scoring.actions.alert_mail import send_due
from scoring.actions.company_scores import refresh_all_companies
from scoring.actions.holding import release_held as release
from scoring.actions.voidings import work_off
from scoring.models import ScoringRun

log = structlog.get_logger(__name__)

LONGEST_RUN = 20.0  # seconds; then the next sweep goes on


@shared_task
def finish_passes() -> None:
    """Go on with a pass that publishing asked for, or that was interrupted.

    A pass longer than a task may last is cut off between two blocks and taken up again a minute later.
    """
    if not ScoringRun.objects.filter(finished_at=None).exists():
        return
    for progress in rescore_all(now=timezone.now()):
        log.info("scoring_pass", leads=progress.leads, changed=progress.changed, woken=progress.woken)
    refresh_all_companies(now=timezone.now())


@shared_task
def release_held() -> None:
    """Let some of the leads go that publishing holds back."""
    release(now=timezone.now())


def nudge_passes() -> None:
    """Have a worker take up the pass now; without the broker the sweep finds it within a minute."""
    try:
        finish_passes.apply_async(retry=False, expires=60)
    except OperationalError:
        return


@shared_task
def work_on_voidings() -> int:
    """Go on with voidings of many events; how many chunks were done."""
    done, end = 0, time.monotonic() + LONGEST_RUN
    for _voiding in work_off(now=timezone.now()):
        done += 1
        if time.monotonic() > end:
            break
    return done


@shared_task
def send_notifications() -> int:
    """Send the mails about notifications that are due; how many left."""
    return send_due(now=timezone.now())
