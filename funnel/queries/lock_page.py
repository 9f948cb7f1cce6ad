"""Everything the capacity page shows for one threshold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from funnel.lock import HIGHEST, cost_each, lowest_within
from funnel.lock_chart import Drawing, drawing
from funnel.models import CapacitySettings, ThresholdChange
from funnel.queries.forecast import Forecast, capacity_settings, forecast
from funnel.queries.room import Room, room_ahead
from scoring.models import RuleSet

EVERY = 5
CHANGES_SHOWN = 8
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Line:
    """One threshold: leads expected in the days ahead and what they are made of, and what one outcome cost.

    ``joining`` at once, ``staying`` in the waiting room, ``arriving`` in a usual week; ``leaving`` are no
    longer ready. The costs are of the last 26 weeks, None where nothing came of them (or nobody knows).
    """

    threshold: int
    expected: int
    joining: int
    staying: int
    leaving: int
    arriving: float
    free: int
    is_none: bool
    is_live: bool
    is_chosen: bool
    handled: int
    sql: int
    customers: int
    sql_cost: Decimal | None
    customer_cost: Decimal | None

    @property
    def fits(self) -> bool:
        """Whether sales can take all of them."""
        return self.expected <= self.free

    @property
    def over(self) -> int:
        """How many would wait."""
        return max(0, self.expected - self.free)


@dataclass(frozen=True, slots=True)
class LockPage:
    """What is drawn. ``fitting``: the lowest threshold at which all expected leads find a place, if any."""

    forecast: Forecast
    room: Room
    settings: CapacitySettings
    chosen: Line
    live: Line
    lines: list[Line]
    fitting: int | None
    chart: Drawing
    changes: list[ThresholdChange]

    @property
    def handled_cost(self) -> Decimal | None:
        """What a lead handled by sales costs, in euros."""
        return _money(self.settings.costs.handled)

    @property
    def nurtured_cost(self) -> Decimal | None:
        """What a week of nurturing costs a lead, in euros."""
        return _money(self.settings.costs.nurtured)

    @property
    def is_sample(self) -> bool:
        """Whether not everybody was looked at."""
        return self.forecast.curve.read < self.forecast.curve.everybody


def lock_page(live: RuleSet, wanted: int | None, *, now: datetime) -> LockPage:
    """The page for a threshold, or for the live one. Raises RuleError when the rules allow none."""
    found = forecast(live, now=now)
    room, chosen = room_ahead(found.pace, now=now), capacity_settings()
    threshold = found.current if wanted is None else max(found.none, min(HIGHEST, wanted))
    shown = sorted({found.none, found.current, threshold, *range(_first(found.none), HIGHEST + 1, EVERY)})
    lines = {one: _line(one, threshold, found, room, chosen) for one in shown}
    expected = found.curve.expected
    return LockPage(
        forecast=found,
        room=room,
        settings=chosen,
        chosen=lines[threshold],
        live=lines[found.current],
        lines=list(lines.values()),
        fitting=_fitting(found, room),
        chart=drawing(expected, room.free, none=found.none, live=found.current, chosen=threshold),
        changes=list(ThresholdChange.objects.all()[:CHANGES_SHOWN]),
    )


def _fitting(found: Forecast, room: Room) -> int | None:
    expected = found.curve.expected
    least = max(found.none, lowest_within(expected, room.free))
    return least if expected[least] <= room.free else None


def _first(none: int) -> int:
    """The first of the round thresholds above none."""
    return -(-(none + 1) // EVERY) * EVERY


def _line(one: int, chosen: int, found: Forecast, room: Room, settings: CapacitySettings) -> Line:
    curve, became, costs = found.curve, found.outcomes, settings.costs
    return Line(
        threshold=one,
        expected=round(curve.expected[one]),
        joining=curve.joining[one],
        staying=curve.staying[one],
        leaving=curve.leaving[one],
        arriving=curve.arriving[one],
        free=room.whole,
        is_none=one == found.none,
        is_live=one == found.current,
        is_chosen=one == chosen,
        handled=became.ready[one],
        sql=became.sql[one],
        customers=became.customer[one],
        sql_cost=_money(cost_each(became.ready[one], became.sql[one], costs)),
        customer_cost=_money(cost_each(became.ready[one], became.customer[one], costs)),
    )


def _money(amount: float | None) -> Decimal | None:
    return None if amount is None else Decimal(amount).quantize(_CENT)
