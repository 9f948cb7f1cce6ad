"""Shapes of two charts of trials: who flows from which cell to which, and two series side by side. Pure.

A table stands beside every chart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, NODE, GAP = 600.0, 10.0, 6.0
LEFT, RIGHT = 56.0, 544.0
LEAST = 2.0  # the thinnest ribbon that is still seen
HEIGHT = 320.0


@dataclass(frozen=True, slots=True)
class Node:
    """A cell on one side: its bar and the number of leads that leave or reach it."""

    label: str
    depth: int
    value: int
    x: float
    y: float
    height: float
    text_x: float
    anchor: str

    @property
    def text_y(self) -> float:
        """The middle of the bar."""
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Ribbon:
    """Leads that flow from one cell to another; ``rises`` when they come nearer to A1."""

    path: str
    title: str
    value: int
    rises: bool


@dataclass(frozen=True, slots=True)
class Sankey:
    """Everything to draw, in a box of ``width`` × ``height``."""

    nodes: list[Node]
    ribbons: list[Ribbon]
    width: float
    height: float


Flow = tuple[str, str, int]


def sankey(flows: Sequence[Flow], *, depth: dict[str, int]) -> Sankey:
    """Flows between cells (from, to, how many), ordered from the best cell down by ``depth``, then by name.

    Heights are in proportion to the leads, but nothing is thinner than two units.
    """
    order = sorted({cell for flow in flows for cell in flow[:2]}, key=lambda cell: (depth.get(cell, 9), cell))
    total = sum(flow[2] for flow in flows)
    scale = HEIGHT / total if total else 0.0
    ordered = sorted(flows, key=lambda flow: (order.index(flow[0]), order.index(flow[1])))
    sides = [_side(ordered, order, side, scale, depth) for side in (0, 1)]
    starts = [{node.label: node.y for node in side} for side in sides]
    drawn = {}
    for side in (0, 1):
        along = sorted(ordered, key=lambda flow: [order.index(cell) for cell in _ends(flow, side)])
        for flow in along:
            cell, _ = _ends(flow, side)
            drawn[flow, side] = starts[side][cell]
            starts[side][cell] += _thick(flow[2], scale)
    ribbons = [
        Ribbon(
            _ribbon(drawn[flow, 0], drawn[flow, 1], _thick(flow[2], scale)),
            f"{flow[0]} → {flow[1]}",
            flow[2],
            depth.get(flow[1], 9) < depth.get(flow[0], 9),
        )
        for flow in ordered
    ]
    nodes = [*sides[0], *sides[1]]
    return Sankey(nodes, ribbons, WIDTH, max((node.y + node.height for node in nodes), default=0.0))


def _side(
    flows: Sequence[Flow], order: Sequence[str], side: int, scale: float, depth: dict[str, int]
) -> list[Node]:
    values: defaultdict[str, int] = defaultdict(int)
    heights: defaultdict[str, float] = defaultdict(float)
    for flow in flows:
        cell, _ = _ends(flow, side)
        values[cell] += flow[2]
        heights[cell] += _thick(flow[2], scale)
    nodes, y = [], 0.0
    for cell in (one for one in order if one in values):
        nodes.append(
            Node(
                label=cell,
                depth=depth.get(cell, 6),
                value=values[cell],
                x=LEFT if side == 0 else RIGHT - NODE,
                y=y,
                height=heights[cell],
                text_x=LEFT - 6 if side == 0 else RIGHT + 6,
                anchor="end" if side == 0 else "start",
            )
        )
        # Labels of thin bars must not run into each other.
        y += max(heights[cell] + GAP, 15.0)
    return nodes


def _ends(flow: Flow, side: int) -> tuple[str, str]:
    """The cell on this side (0: before), and the one on the other."""
    return (flow[0], flow[1]) if side == 0 else (flow[1], flow[0])


def _thick(value: int, scale: float) -> float:
    return max(LEAST, value * scale)


def _ribbon(start: float, end: float, thick: float) -> str:
    left, right = LEFT + NODE, RIGHT - NODE
    middle = (left + right) / 2
    return (
        f"M{left:.1f} {start:.1f}C{middle:.1f} {start:.1f} {middle:.1f} {end:.1f} {right:.1f} {end:.1f}"
        f"V{end + thick:.1f}"
        f"C{middle:.1f} {end + thick:.1f} {middle:.1f} {start + thick:.1f} {left:.1f} {start + thick:.1f}Z"
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """Two bars of one step, in a box of (n × 20) × 100: their tops and heights."""

    label: str
    before: int
    after: int
    x: float
    before_y: float
    before_height: float
    after_x: float
    after_y: float
    after_height: float


@dataclass(frozen=True, slots=True)
class Pairs:
    """Two series side by side, and the height of a line across them (None: no line)."""

    pairs: list[Pair]
    width: float
    line: float | None


def pairs(rows: Sequence[tuple[str, int, int]], line: float | None = None) -> Pairs:
    """Steps of (label, before, after), linear from zero; ``line`` on the same scale."""
    largest = max([1.0, line or 0.0, *(float(max(row[1:])) for row in rows)])
    found = []
    for place, (label, before, after) in enumerate(rows):
        tall = [round(100 * value / largest, 1) for value in (before, after)]
        found.append(
            Pair(
                label=label,
                before=before,
                after=after,
                x=20.0 * place + 3,
                before_y=100 - tall[0],
                before_height=tall[0],
                after_x=20.0 * place + 10.5,
                after_y=100 - tall[1],
                after_height=tall[1],
            )
        )
    return Pairs(found, 20.0 * len(rows), None if line is None else round(100 - 100 * line / largest, 1))
