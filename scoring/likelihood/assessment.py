"""A first look at a table: how well could its outcome be foretold, honestly? Needs scikit-learn."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import StratifiedKFold

from scoring.likelihood import measures
from scoring.likelihood.columns import Column
from scoring.likelihood.encoding import Floats, Truth
from scoring.likelihood.learners import LEARNERS

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Honest:
    """A model's measures on rows that it was not fitted on, and how far the AUC differs between folds."""

    auc: float
    average_precision: float
    brier: float
    ece: float
    spread: float

    def figures(self) -> dict[str, float]:
        """The four measures by name."""
        return {
            "auc": round(self.auc, 4),
            "average_precision": round(self.average_precision, 4),
            "brier": round(self.brier, 4),
            "ece": round(self.ece, 4),
        }


def assess(columns: Sequence[Column], truth: Truth) -> dict[str, Honest]:
    """Both models over five folds (stratified, shuffled, seed 0), everything fitted within the other four.

    AUC and average precision are means over the folds; the Brier score and the calibration error are taken
    over all held-out rows together.
    """
    rows = np.arange(len(truth))
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(rows, truth))

    def held_out(job: tuple[str, tuple[Truth, Truth]]) -> Floats:
        name, (inner, outer) = job
        return LEARNERS[name](columns, inner, truth[inner]).chances(columns, outer)

    jobs = [(name, fold) for name in LEARNERS for fold in folds]
    chance = {name: np.zeros(len(truth)) for name in LEARNERS}
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 4)) as workers:
        for (name, (_inner, outer)), said in zip(jobs, workers.map(held_out, jobs), strict=True):
            chance[name][outer] = said
    return {name: _measured(truth, said, [outer for _inner, outer in folds]) for name, said in chance.items()}


def _measured(truth: Truth, chance: Floats, folds: Sequence[Truth]) -> Honest:
    aucs = [measures.auc(truth[fold], chance[fold]) for fold in folds]
    return Honest(
        auc=float(np.mean(aucs)),
        average_precision=float(
            np.mean([measures.average_precision(truth[fold], chance[fold]) for fold in folds])
        ),
        brier=measures.brier(truth, chance),
        ece=measures.calibration_error(truth, chance),
        spread=float(np.std(aucs)),
    )
