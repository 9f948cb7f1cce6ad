"""How long a lead may stand in a stage before somebody should look at it. Plain values."""

from __future__ import annotations

from enum import StrEnum


class Stay(StrEnum):
    """A stay against what is usual in that stage."""

    USUAL = "usual"
    LONG = "long"
    TOO_LONG = "too_long"


def stay(days: int, norm: int | None) -> Stay:
    """`days` in a stage where `norm` days are usual: over it is long, over twice it too long."""
    if norm is None or days <= norm:
        return Stay.USUAL
    return Stay.LONG if days <= 2 * norm else Stay.TOO_LONG
