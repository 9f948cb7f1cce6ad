"""The score of one lead on any day, and beside another day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from dashboard.curve import Change, Curve, Movement, curve, movements
from dashboard.ledger import Ledger, ledger
from dashboard.queries.found_lead import Found
from dashboard.score_diff import Difference, differences
from leads.models import Lead
from scoring.days import past_instant
from scoring.programs import NoLiveRules, site_zone
from scoring.queries import Explanation, explain


@dataclass(frozen=True)
class DayScore:
    """A lead's score on one day; ``explanation`` is None where nothing was scored yet."""

    day: dt.date
    explanation: Explanation | None
    fit: Ledger
    engagement: Ledger


@dataclass(frozen=True)
class ScorePage:
    """The course of a score, one day of it, and what changed since an earlier one."""

    curve: Curve | None
    moves: list[Movement]
    on: DayScore
    since: DayScore | None
    differences: list[Difference]


def score_page(found: Found, *, on: dt.date | None, since: dt.date | None, now: dt.datetime) -> ScorePage:
    """``on``: a past day, None (or today, or later) for now; ``since``: the day it is compared with."""
    shown = score_on(found.lead, on, now=now)
    before = score_on(found.lead, since, now=now) if since else None
    return ScorePage(
        curve=curve(found.course, until=now, thresholds=_thresholds(shown)),
        moves=_moves(found.course),
        on=shown,
        since=before,
        differences=_differences(before, shown),
    )


def score_on(lead: Lead, day: dt.date | None, *, now: dt.datetime) -> DayScore:
    """The score at the end of a past day, by the rules and by what was known then; of today by now."""
    try:
        explanation = explain(lead, now=now, at=past_instant(day, now=now))
    except NoLiveRules:
        return DayScore(day or now.astimezone(site_zone()).date(), None, ledger(()), ledger(()))
    accounts = [ledger(explanation.lines_of(name), day=explanation.day) for name in ("fit", "engagement")]
    return DayScore(explanation.day, explanation, *accounts)


def _thresholds(shown: DayScore) -> tuple[int, ...]:
    return shown.explanation.thresholds if shown.explanation else ()


def _moves(course: list[Change]) -> list[Movement]:
    return [one for one in movements(course) if one.size or one.is_new_band][::-1]


def _differences(before: DayScore | None, after: DayScore) -> list[Difference]:
    if before is None or after.explanation is None:
        return []
    return differences(before.explanation.lines if before.explanation else (), after.explanation.lines)
