"""What a company is worth by its people: the formula, in one place (docs/scoring.md tells it in words).

``fit`` is that of its best person. ``engagement`` is the sum of its five most engaged people's, at most 100:
a score decays by itself, so the sum does; and five people who read are not outweighed by fifty who once did.
The badge reads both by the matrix of the live rules, as a lead's does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scoring.engine.rules import FULL, GRADES, Matrix

MOST_ENGAGED = 5
ACTIVE_DAYS = 90


@dataclass(frozen=True, slots=True)
class CompanyWorth:
    """Fit and engagement in thousandths, with their badge."""

    fit: int
    engagement: int
    grade: str
    level: int


def company_worth(people: Iterable[tuple[int, int]], matrix: Matrix) -> CompanyWorth:
    """The worth of a company of these people: (fit, engagement) of each, in thousandths; at least one."""
    scores = list(people)
    fit = max(one for one, _engagement in scores)
    most = sorted((engagement for _fit, engagement in scores), reverse=True)[:MOST_ENGAGED]
    engagement = min(FULL, sum(most))
    return CompanyWorth(
        fit, engagement, GRADES[_rank(fit, matrix.fit)], 1 + _rank(engagement, matrix.engagement)
    )


def _rank(score: int, thresholds: Sequence[int]) -> int:
    """0 for the best class … 3 for the last."""
    return sum(1 for least in thresholds if score < least * 1000)
