"""What the workers of the pipeline run. Each reads the clock and makes one call."""

from __future__ import annotations

import random
import time
from datetime import timedelta

import structlog
from celery import shared_task
from django.db import OperationalError, transaction
from django.utils import timezone

from leads.actions import agenda
from leads.actions.housekeeping import forget_expired as forget
from leads.actions.housekeeping import note_heartbeat
from leads.models import Wake
from leads.partitions import count_strays
from leads.partitions import make_partitions as make_missing_partitions
from pipeline.learning_tasks import tell_likelihoods, tell_touched, train_likelihood
from pipeline.run import run_once
from scoring.actions import rescore_all
from scoring.actions.company_scores import refresh_all_companies

__all__ = ["tell_likelihoods", "tell_touched", "train_likelihood"]  # found by their names here
log = structlog.get_logger(__name__)

LONGEST_DRAIN = 20.0  # seconds; then the next nudge goes on, so that a worker can be stopped
TRIES = 3
MOST_FAILURES_IN_A_ROW = 3
WAIT_OF_A_FAILED_LEAD = timedelta(minutes=10)
# Deadlock, serialization failure, lock time-out: somebody else was quicker; try again.
PASSING = {"40P01", "40001", "55P03"}


@shared_task
def drain() -> int:
    """Empty the agenda; how many leads were concluded."""
    done, end = 0, time.monotonic() + LONGEST_DRAIN
    while time.monotonic() < end:
        leads = _run_batch()
        if not leads:
            break
        done += leads
    return done


def _run_batch() -> int:
    """One batch, tried again when it met somebody else's lock; lead by lead when something in it fails."""
    for attempt in range(TRIES):
        try:
            return run_once(now=timezone.now()).leads
        except OperationalError as error:
            if _code(error) not in PASSING or attempt == TRIES - 1:
                raise
            time.sleep(random.uniform(0.01, 0.05) * 2**attempt)  # jitter, not a secret
        except Exception:
            log.exception("batch_failed")
            return _run_one_by_one()
    return 0


def _code(error: OperationalError) -> str:
    """PostgreSQL's code of what went wrong."""
    return str(getattr(error.__cause__, "pgcode", "") or "")


def _run_one_by_one() -> int:
    """Conclude single leads, so that one that cannot be concluded holds up nobody else.

    When lead after lead fails, it is not the leads: raises what they raised, and leaves the rest waiting.
    """
    done = failed_in_a_row = 0
    for lead_id in Wake.objects.order_by("id").values_list("lead_id", flat=True)[:50]:
        try:
            done += run_once(now=timezone.now(), limit=1).leads
            failed_in_a_row = 0
        except OperationalError:
            raise
        except Exception:
            failed_in_a_row += 1
            if failed_in_a_row > MOST_FAILURES_IN_A_ROW:
                raise
            log.exception("lead_failed", lead_id=lead_id)
            _set_aside(lead_id)
            done += 1
    return done


@transaction.atomic
def _set_aside(lead_id: int) -> None:
    """Look at this lead again later: its facts are safe, only its conclusions wait."""
    Wake.objects.filter(lead_id=lead_id).delete()
    agenda.schedule(lead_id=lead_id, purpose="retry", due_at=timezone.now() + WAIT_OF_A_FAILED_LEAD)


@shared_task
def nightly() -> None:
    """Time alone changes scores only at midnight: one pass over everybody."""
    for progress in rescore_all(now=timezone.now()):
        log.info("nightly_scoring", progress=str(progress))
    refresh_all_companies(now=timezone.now())


@shared_task
def make_partitions() -> None:
    """Keep three months of partitions ahead; cry out when an event fell beside them."""
    make_missing_partitions(timezone.now().date())
    if strays := count_strays():
        log.error("events_in_default_partition", count=strays)


@shared_task
def forget_expired() -> None:
    """Delete what was only kept for a while."""
    forget(now=timezone.now())


@shared_task
def heartbeat(name: str) -> None:
    """Prove that the worker ``name`` really runs tasks."""
    note_heartbeat(name=name, now=timezone.now())
