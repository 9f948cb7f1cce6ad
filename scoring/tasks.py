"""Background work of scoring: passes over all leads."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.utils import timezone

from scoring.actions import rescore_all
from scoring.models import ScoringRun

log = structlog.get_logger(__name__)


@shared_task(soft_time_limit=240)
def nightly() -> None:
    """Time alone changes scores only at midnight: one pass over everybody."""
    for progress in rescore_all(now=timezone.now()):
        log.info("scoring_pass", leads=progress.leads, changed=progress.changed, woken=progress.woken)


@shared_task(soft_time_limit=240)
def finish_passes() -> None:
    """Go on with a pass that was asked for by publishing, or that was interrupted."""
    if ScoringRun.objects.filter(finished_at=None).exists():
        nightly()
