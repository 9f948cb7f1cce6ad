"""How far a publishing is: the pass over all leads, and those held back after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.db.models import Max

from leads.models import Lead
from scoring.actions.holding import HOUR, still_held
from scoring.models import HeldRelease, RuleSet, ScoringRun
from scoring.queries import live_rule_set
from scoring.sql import BLOCK_BITS


@dataclass(frozen=True, slots=True)
class Publishing:
    """The pass under the live rules (None: none was needed yet), and the queue behind it.

    ``share`` is how much of all leads is rescored, 0 to 1. ``until``: when the last held lead goes at the
    latest, as things stand.
    """

    live: RuleSet | None
    run: ScoringRun | None
    share: float
    held: int
    released: int
    per_hour: int
    until: datetime | None
    previous: RuleSet | None

    @property
    def is_at_work(self) -> bool:
        """Whether scores are still being renewed."""
        return self.run is not None and self.run.finished_at is None


def publishing(*, now: datetime) -> Publishing:
    """Where the last publishing stands."""
    live = live_rule_set()
    run = ScoringRun.objects.filter(rules_version=live.version).order_by("pk").first() if live else None
    held, per_hour = still_held(), settings.PUBLISHED_LEADS_AN_HOUR
    released = sum(HeldRelease.objects.filter(at__gt=now - HOUR).values_list("leads", flat=True))
    return Publishing(
        live=live,
        run=run,
        share=_share(run),
        held=held,
        released=released,
        per_hour=per_hour,
        until=now + timedelta(minutes=ceil(60 * held / per_hour)) if held and per_hour else None,
        previous=_previous(live),
    )


def _share(run: ScoringRun | None) -> float:
    if run is None or run.finished_at is not None:
        return 1.0
    last = Lead.objects.aggregate(last=Max("pk"))["last"] or 0
    return min(1.0, run.next_block / ((last >> BLOCK_BITS) + 1))


def _previous(live: RuleSet | None) -> RuleSet | None:
    """What was live before, to go back to."""
    archived = RuleSet.objects.filter(status=RuleSet.Status.ARCHIVED).order_by("-archived_at", "-version")
    return archived.first() if live else None
