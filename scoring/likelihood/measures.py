"""How good probabilities are, in numbers. Plain numpy: the pages show these without scikit-learn.

``truth`` is 0 or 1 for each row, ``chance`` a probability.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

BINS = 10
_TINY = 1e-4  # the least share of a bin, so that an empty one has a logarithm


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows of like chance: how many, what was said on average, and what share came true."""

    rows: int
    said: float
    came: float


def auc(truth: Numbers, chance: Floats) -> float:
    """The share of pairs (one that came true, one that did not) ranked rightly; ties count half. 0..1.

    Mann and Whitney's U. Raises ValueError when there is no such pair.
    """
    yes = int(truth.sum())
    no = len(truth) - yes
    if not yes or not no:
        raise ValueError("An AUC needs both outcomes.")
    return float((_ranks(chance)[truth == 1].sum() - yes * (yes + 1) / 2) / (yes * no))


def _ranks(values: Floats) -> Floats:
    """From 1; equal values share their mean rank."""
    _, where, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2)[where], dtype=np.float64)


def average_precision(truth: Numbers, chance: Floats) -> float:
    """Precision averaged over recall, as steps (scikit-learn's definition). 0..1."""
    order = np.argsort(-chance, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(chance[order])), len(truth) - 1)
    hits = np.cumsum(truth[order])[ends]
    gained = np.diff(np.concatenate([[0], hits])) / max(int(truth.sum()), 1)
    return float((gained * hits / (ends + 1)).sum())


def brier(truth: Numbers, chance: Floats) -> float:
    """The mean squared difference between what was said and what came (Brier 1950). 0 is perfect."""
    return float(((chance - truth) ** 2).mean())


def brier_skill(truth: Numbers, chance: Floats) -> float:
    """How much of the error of always saying the average is taken away: 1 is all of it, 0 nothing."""
    plain = brier(truth, np.full(len(truth), truth.mean()))
    return 1 - brier(truth, chance) / plain if plain else 0.0


def calibration(truth: Numbers, chance: Floats, bins: int = BINS) -> list[Bin]:
    """Rows in ``bins`` groups of equal size by chance, lowest first; equal chances stay together."""
    edges = np.unique(np.quantile(chance, np.linspace(0, 1, bins + 1)[1:-1]))
    where = np.searchsorted(edges, chance, side="left")
    groups = [where == one for one in range(len(edges) + 1)]
    return [Bin(int(g.sum()), float(chance[g].mean()), float(truth[g].mean())) for g in groups if g.any()]


def calibration_error(truth: Numbers, chance: Floats, bins: int = BINS) -> float:
    """The mean distance between what was said and what came, over ``bins`` groups of equal size.

    0 is perfect. Naeini et al. 2015, with groups of equal size instead of equal width: where few leads reach
    SQL, equal widths put nearly all of them into one group and hide the error.
    """
    return sum(b.rows * abs(b.said - b.came) for b in calibration(truth, chance, bins)) / len(truth)


def lift(truth: Numbers, chance: Floats) -> list[float]:
    """For each tenth of the rows, likeliest first: its share of outcomes over the average share."""
    order = np.argsort(-chance, kind="stable")
    average = truth.mean() or 1.0
    return [float(part.mean() / average) for part in np.array_split(truth[order], BINS) if len(part)]


def curve(truth: Numbers, chance: Floats, points: int = 40) -> list[tuple[float, float]]:
    """The ROC curve: (share of the others let in, share of outcomes found), about ``points`` of them."""
    order = np.argsort(-chance, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(chance[order])), len(truth) - 1)
    found = np.cumsum(truth[order])[ends]
    let_in = ends + 1 - found
    keep = np.unique(np.linspace(0, len(ends) - 1, points).astype(int))
    no = max(len(truth) - int(truth.sum()), 1)
    rest = zip(let_in[keep] / no, found[keep] / max(int(truth.sum()), 1), strict=True)
    return [(0.0, 0.0), *((float(x), float(y)) for x, y in rest)]


def shares(values: Floats, edges: Floats) -> Floats:
    """The share of ``values`` in each group that ``edges`` divide."""
    counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
    return np.asarray(counts / max(len(values), 1), dtype=np.float64)


def stability(then: Floats, now: Floats) -> float:
    """How far a distribution has moved: the population stability index of two rows of shares.

    Below 0.1 is nothing, from 0.25 on it is another population (Siddiqi, Credit Risk Scorecards, 2006).
    """
    old, new = np.maximum(then, _TINY), np.maximum(now, _TINY)
    return float(((new - old) * np.log(new / old)).sum())
