"""What either reader concludes about one lead. Equality of two outcomes is equality to the last digit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """Scores in thousandths (0..100 000), grade A–D, level 1–4, completeness in whole percent.

    ``mql_gate`` and ``ready_gate`` tell who may enter, the ``keep`` ones who may stay; ``fast_path`` names
    the fast path by which a lead is ready, or is empty; a higher ``priority`` is offered first.
    """

    fit: int
    engagement: int
    grade: str
    level: int
    phase: str
    temperature: str
    completeness: int
    mql_gate: bool
    mql_keep: bool
    ready_gate: bool
    ready_keep: bool
    fast_path: str
    priority: int
