"""Shapes of the charts, as numbers for SVG attributes (pure). A table stands beside every chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 100.0
HEIGHT = 100.0
FLAT = 0.62  # the part of a column before the water falls to the next level


@dataclass(frozen=True)
class Shape:
    """One filled path and which tone of water it has (0 light … 4 deep)."""

    path: str
    tone: int


@dataclass(frozen=True)
class Flight:
    """The funnel as a flight of locks: one shape per stage, in a box of ``width`` × 100."""

    shapes: list[Shape]
    width: float


@dataclass(frozen=True)
class Column:
    """One bar of a column chart, in a box of (n × 10) × 100; ``y`` is its top."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: int


def flight(values: Sequence[int]) -> Flight:
    """The funnel of ``values`` (first stage first): each column holds its level, then falls to the next.

    Levels are the square root of the share of the largest, so that a stage of one in a hundred is still
    seen; the figures above the drawing say the exact numbers.
    """
    levels = [_level(value, max(values, default=0)) for value in values]
    shapes = [
        Shape(_falling(index, level, levels[index + 1] if index + 1 < len(levels) else level), min(index, 4))
        for index, level in enumerate(levels)
    ]
    return Flight(shapes, WIDTH * len(values))


def _level(value: int, largest: int) -> float:
    """Height of a level: 4 (a film of water) to 96."""
    return 4.0 if largest <= 0 or value <= 0 else 4.0 + 92.0 * float((value / largest) ** 0.5)


def _falling(index: int, level: float, following: float) -> str:
    left, right = WIDTH * index, WIDTH * (index + 1)
    edge, bend = left + WIDTH * FLAT, left + WIDTH * (1 + FLAT) / 2
    top, end = HEIGHT - level, HEIGHT - following
    return (
        f"M{left:.1f} {HEIGHT:.0f}V{top:.1f}H{edge:.1f}"
        f"C{bend:.1f} {top:.1f} {bend:.1f} {end:.1f} {right:.1f} {end:.1f}V{HEIGHT:.0f}Z"
    )


def columns(series: Sequence[tuple[str, int]]) -> list[Column]:
    """Upright bars of (label, value), linear from zero; an empty one keeps a hair of height."""
    largest = max((value for _, value in series), default=0)
    return [
        Column(
            x=10.0 * index + 1.5,
            y=round(HEIGHT - height, 1),
            width=7.0,
            height=round(height, 1),
            label=label,
            value=value,
        )
        for index, (label, value) in enumerate(series)
        for height in [1.0 if largest <= 0 else max(1.0, HEIGHT * value / largest)]
    ]
