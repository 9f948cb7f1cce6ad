"""Shapes of the plots of a model: a curve, a calibration plot, lifts (pure). A table stands beside each.

Boxes are 100 × 100, the origin at the top left, as in SVG.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.charts import HEIGHT, Column


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a plot with its radius, and what it stands for."""

    x: float
    y: float
    r: float
    rows: int
    said: float
    came: float


@dataclass(frozen=True, slots=True)
class Plot:
    """A square plot: its lines, the diagonal always being drawn, and its dots."""

    path: str
    other: str = ""
    dots: tuple[Dot, ...] = ()


def roc(points: Sequence[Sequence[float]], rules: Sequence[Sequence[float]]) -> Plot:
    """A model's curve and that of the rules; each point is (share of the others, share of outcomes)."""
    return Plot(_line(points), _line(rules))


def _line(points: Sequence[Sequence[float]]) -> str:
    return "M" + "L".join(f"{100 * x:.1f} {100 - 100 * y:.1f}" for x, y in points) if points else ""


def calibration(bins: Sequence[tuple[int, float, float]]) -> Plot:
    """What came against what was said: bins of (rows, said, came), both axes up to the highest of them."""
    highest = min(1.05 * max((max(said, came) for _rows, said, came in bins), default=1.0), 1.0) or 1.0
    most = max((rows for rows, _said, _came in bins), default=1)
    dots = tuple(
        Dot(
            x=round(100 * said / highest, 1),
            y=round(100 - 100 * came / highest, 1),
            r=round(1.0 + 1.5 * (rows / most) ** 0.5, 1),
            rows=rows,
            said=said,
            came=came,
        )
        for rows, said, came in bins
    )
    return Plot(_line([(said / highest, came / highest) for _rows, said, came in bins]), dots=dots)


@dataclass(frozen=True, slots=True)
class Lift:
    """One tenth of the rows: its number, how many times the average it has, its bar."""

    tenth: int
    times: float
    bar: Column


def lifts(values: Sequence[float]) -> list[Lift]:
    """Upright bars, the likeliest tenth first."""
    largest = max([*values, 1.0])
    return [
        Lift(
            tenth=place + 1,
            times=value,
            bar=Column(
                x=10.0 * place + 1.5,
                y=round(HEIGHT - HEIGHT * value / largest, 1),
                width=7.0,
                height=max(round(HEIGHT * value / largest, 1), 1.0),
                label="",
                value=0,
            ),
        )
        for place, value in enumerate(values)
    ]


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a stacked bar; ``tone`` 0 light … 4 deep."""

    x: float
    y: float
    height: float
    tone: int


def stacks(series: Sequence[Sequence[int]], tones: Sequence[int]) -> list[Piece]:
    """Stacked bars of shares, one a month, ten units wide each; the first part is at the foot."""
    pieces = []
    for place, values in enumerate(series):
        total, foot = sum(values), HEIGHT
        for value, tone in zip(values, tones, strict=True):
            height = HEIGHT * value / total if total else 0.0
            foot -= height
            pieces.append(Piece(10.0 * place + 1.5, round(foot, 1), round(height, 1), tone))
    return pieces
