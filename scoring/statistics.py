"""How far counts may be trusted: intervals for shares, of samples and of what people decided. Pure.

All intervals are 95 %. A share of few cases gets Wilson's score interval (E. B. Wilson, Probable inference,
the law of succession, and statistical inference, JASA 22, 1927), which keeps within 0 and 1 and is honest
where nothing or everything happened. What has no formula is drawn again and again (B. Efron, Bootstrap
methods, Annals of Statistics 7, 1979), from a fixed seed: the same cases give the same interval.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor, sqrt

import numpy as np
from numpy.typing import NDArray

Z = 1.959963984540054  # the normal distribution's 97.5 % quantile
DRAWS = 1000
SEED = 20_140_927
Rows = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``cases`` with its interval; ``value`` is None for no cases at all."""

    hits: int
    cases: int
    low: float
    high: float

    @property
    def value(self) -> float | None:
        """The share, 0 to 1."""
        return self.hits / self.cases if self.cases else None


def wilson(hits: int, cases: int) -> Share:
    """A share with Wilson's interval; 0 to 1 for no cases. Raises ValueError for more hits than cases."""
    if not 0 <= hits <= cases:
        raise ValueError(f"{hits} of {cases}")
    if cases == 0:
        return Share(0, 0, 0.0, 1.0)
    share, spread = hits / cases, Z * Z / cases
    centre = (share + spread / 2) / (1 + spread)
    half = Z * sqrt(share * (1 - share) / cases + spread / (4 * cases)) / (1 + spread)
    # Rounding must not take what was seen out of its own interval.
    return Share(hits, cases, min(max(0.0, centre - half), share), max(min(1.0, centre + half), share))


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many of everybody, from a sample: the best guess and its bounds; exact when all were read."""

    value: int
    low: int
    high: int

    @property
    def is_exact(self) -> bool:
        """Whether everybody was read."""
        return self.low == self.high


def scaled(hits: int, read: int, everybody: int) -> Estimate:
    """``hits`` among ``read`` leads of a sample, told of ``everybody``.

    What was read is known, so the interval is about the rest only: a sample of all has none.
    """
    if read >= everybody:
        return Estimate(hits, hits, hits)
    share, rest = wilson(hits, read), everybody - read
    guess = round(hits * everybody / read) if read else 0
    low, high = hits + floor(share.low * rest), min(everybody, hits + ceil(share.high * rest))
    return Estimate(guess, min(low, guess), max(high, guess))


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference with its interval; None where it cannot be told."""

    value: float | None
    low: float | None
    high: float | None


def bootstrap(cases: int, measure: Callable[[NDArray[np.int64]], float | None]) -> Difference:
    """``measure`` of the cases' numbers (0 … cases - 1), and the middle 95 % of what it gives for draws of
    as many cases with repetition."""
    value = measure(np.arange(cases)) if cases else None
    if value is None:
        return Difference(None, None, None)
    random = np.random.default_rng(SEED)
    drawn = [measure(random.integers(0, cases, cases)) for _ in range(DRAWS)]
    found = [one for one in drawn if one is not None]
    low, high = np.percentile(found, (2.5, 97.5)) if found else (value, value)
    return Difference(value, min(float(low), value), max(float(high), value))
