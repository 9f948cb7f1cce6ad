"""The course of a lead's score as numbers for SVG attributes (pure). A table stands beside it.

Everything is in percent of the drawing, so that lines stretch with the page and dots and letters do not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

LEFT, RIGHT, TOP, BOTTOM = 1.0, 93.0, 6.0, 92.0
MOST_MARKS = 24
MOVES = 3000  # thousandths: what moves a score by less is not marked


@dataclass(frozen=True)
class Change:
    """A score as it became: thousandths, the badge, and why (event, midnight or publish)."""

    at: dt.datetime
    fit: int
    engagement: int
    grade: str
    level: int
    cause: str
    event_id: int | None
    version: int


@dataclass(frozen=True)
class Movement:
    """A change beside the one before it; ``by_fit`` and ``by_engagement`` are whole points."""

    change: Change
    by_fit: int
    by_engagement: int
    is_new_band: bool

    @property
    def size(self) -> int:
        """How much it moved, in whole points."""
        return abs(self.by_fit) + abs(self.by_engagement)


@dataclass(frozen=True)
class Mark:
    """A dot on the line of engagement, where something moved the score."""

    x: float
    y: float
    movement: Movement


@dataclass(frozen=True)
class Grid:
    """A level line: its height and the points it stands for."""

    y: float
    points: int


@dataclass(frozen=True)
class Tick:
    """A day on the axis; ``anchor`` keeps its letters inside the drawing."""

    x: float
    day: dt.date
    anchor: str


@dataclass(frozen=True)
class Curve:
    """The whole drawing. ``versions``: where new rules began (x and version)."""

    fit: str
    engagement: str
    area: str
    marks: list[Mark]
    grid: list[Grid]
    ticks: list[Tick]
    versions: list[tuple[float, int]]


def movements(changes: Sequence[Change]) -> list[Movement]:
    """Each change beside the one before it, in their order; the first one stands alone and moved from 0."""
    return [_movement(changes[index - 1] if index else None, one) for index, one in enumerate(changes)]


def _movement(before: Change | None, after: Change) -> Movement:
    if before is None:
        return Movement(after, after.fit // 1000, after.engagement // 1000, is_new_band=True)
    return Movement(
        after,
        after.fit // 1000 - before.fit // 1000,
        after.engagement // 1000 - before.engagement // 1000,
        (before.grade, before.level) != (after.grade, after.level),
    )


def curve(
    changes: Sequence[Change], *, until: dt.datetime, thresholds: Collection[int] = (25, 50, 75)
) -> Curve | None:
    """The drawing of these changes (oldest first) up to ``until``; None where there is no course to show."""
    if not changes or changes[0].at >= until:
        return None
    scale = _Scale(changes[0].at, until)
    fit, engagement = [change.fit for change in changes], [change.engagement for change in changes]
    xs = [scale.x(change.at) for change in changes]
    line = _line(xs, [scale.y(points) for points in engagement])
    return Curve(
        fit=_line(xs, [scale.y(points) for points in fit]),
        engagement=line,
        area=f"{line}V{BOTTOM:.2f}H{xs[0]:.2f}Z",
        marks=_marks(changes, scale),
        grid=[Grid(scale.y(points * 1000), points) for points in sorted({0, *thresholds, 100})],
        ticks=list(_ticks(scale)),
        versions=[(scale.x(one.at), one.version) for one in _first_of_versions(changes)],
    )


def _first_of_versions(changes: Sequence[Change]) -> list[Change]:
    return [after for before, after in pairwise(changes) if before.version != after.version]


class _Scale:
    def __init__(self, first: dt.datetime, last: dt.datetime) -> None:
        self.first, self.span = first, max((last - first).total_seconds(), 1.0)

    def x(self, at: dt.datetime) -> float:
        share = min(max((at - self.first).total_seconds() / self.span, 0.0), 1.0)
        return round(LEFT + (RIGHT - LEFT) * share, 2)

    def y(self, thousandths: int) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * min(max(thousandths, 0), 100_000) / 100_000, 2)


def _line(xs: Sequence[float], ys: Sequence[float]) -> str:
    """Steps: a score holds until something changes it."""
    steps = "".join(f"H{x:.2f}V{y:.2f}" for x, y in zip(xs[1:], ys[1:], strict=True))
    return f"M{xs[0]:.2f} {ys[0]:.2f}{steps}H{RIGHT:.2f}"


def _marks(changes: Sequence[Change], scale: _Scale) -> list[Mark]:
    moved = [one for one in movements(changes) if one.change.cause == "event" and _matters(one)]
    largest = sorted(moved, key=lambda one: (-one.size, one.change.at))[:MOST_MARKS]
    return [
        Mark(scale.x(one.change.at), scale.y(one.change.engagement), one)
        for one in sorted(largest, key=lambda one: one.change.at)
    ]


def _matters(movement: Movement) -> bool:
    return movement.size * 1000 >= MOVES or movement.is_new_band


def _ticks(scale: _Scale) -> Iterator[Tick]:
    """First and last day, and what fits between."""
    last = scale.first + dt.timedelta(seconds=scale.span)
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        at = scale.first + dt.timedelta(seconds=scale.span * share)
        if share != 0.5 or (last - scale.first).days >= 4:
            yield Tick(scale.x(at), at.date(), anchor)
