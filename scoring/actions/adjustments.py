"""Adding points to a lead's score by hand, and taking that back."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from leads.actions.events import record_event
from leads.models import Lead, Source
from scoring.models import ScoreAdjustment
from scoring.models.adjustment import MOST_POINTS
from scoring.programs import site_zone


class BadAdjustment(ValueError):
    """An adjustment is refused. ``code``: ``points``, ``measure``, ``reason`` or ``expires_on``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def adjust_score(
    *,
    lead: Lead,
    measure: str,
    points: int,
    reason: str,
    by: User | None,
    now: datetime,
    expires_on: date | None = None,
) -> ScoreAdjustment:
    """Add whole points (−100 to 100, not 0) to "fit" or "engagement", up to the end of ``expires_on``.

    It counts in both readers from the next time the lead is scored: the event wakes it. Raises BadAdjustment.
    """
    if problem := _problem(measure, points, reason, expires_on, now):
        raise BadAdjustment(problem)
    made = ScoreAdjustment.objects.create(
        lead=lead, measure=measure, points=points, reason=reason.strip(), by=by, at=now, expires_on=expires_on
    )
    _record(made, points, now)
    return made


@transaction.atomic
def withdraw_adjustment(*, adjustment: ScoreAdjustment, by: User | None, now: datetime) -> ScoreAdjustment:
    """Take an adjustment back: it no longer counts, and stays in the past. Again changes nothing."""
    mine = ScoreAdjustment.objects.filter(pk=adjustment.pk, withdrawn_at=None)
    if mine.update(withdrawn_at=now, withdrawn_by=by):
        _record(adjustment, -adjustment.points, now)
    adjustment.refresh_from_db()
    return adjustment


def _problem(measure: str, points: int, reason: str, expires_on: date | None, now: datetime) -> str:
    if measure not in ScoreAdjustment.Measure.values:
        return "measure"
    if type(points) is not int or not 0 < abs(points) <= MOST_POINTS:  # True is no number of points
        return "points"
    if not 0 < len(reason.strip()) <= _longest_reason():
        return "reason"
    if expires_on is not None and expires_on < now.astimezone(site_zone()).date():
        return "expires_on"
    return ""


def _longest_reason() -> int:
    return ScoreAdjustment._meta.get_field("reason").max_length or 0


def _record(adjustment: ScoreAdjustment, points: int, now: datetime) -> None:
    record_event(
        lead_id=adjustment.lead_id,
        kind="score_adjusted",
        occurred_at=now,
        now=now,
        source=Source.PEOPLE,
        properties={"measure": adjustment.measure, "points": points},
    )
