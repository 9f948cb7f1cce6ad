"""The picture of the lock: leads expected by threshold, against what sales can take (pure).

A box of 100 × 100, the origin at the top left, as in SVG; a table stands beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from funnel.lock import HIGHEST

HEIGHT = 96.0  # what the largest value reaches


@dataclass(frozen=True, slots=True)
class Drawing:
    """``area`` is what is expected, ``free`` the height of what sales can take; ``live`` and ``chosen`` are
    where those thresholds stand, from the left."""

    area: str
    line: str
    free: float
    live: float
    chosen: float
    most: int


def drawing(expected: Sequence[float], free: float, *, none: int, live: int, chosen: int) -> Drawing:
    """The expectations from threshold ``none`` to the highest, as a line of steps."""
    shown = expected[none:]
    most = max([*shown, free, 1.0])
    steps = [(_across(none + place, none), _down(value, most)) for place, value in enumerate(shown)]
    line = f"M0 {steps[0][1]}" + "".join(f"H{x}V{y}" for x, y in steps[1:])
    return Drawing(
        area=f"{line}H100V100H0Z",
        line=line,
        free=_down(free, most),
        live=_across(live, none),
        chosen=_across(chosen, none),
        most=round(most),
    )


def _across(threshold: int, none: int) -> float:
    return round(100 * (threshold - none) / max(1, HIGHEST - none), 2)


def _down(value: float, most: float) -> float:
    return round(100 - HEIGHT * value / most, 2)
