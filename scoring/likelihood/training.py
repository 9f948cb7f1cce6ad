"""Learning from outcomes in the order of time: an exam on the newest, a verdict, a model.

Needs scikit-learn: import it in tasks only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from scoring.likelihood import measures
from scoring.likelihood.columns import Column
from scoring.likelihood.encoding import Floats, Truth
from scoring.likelihood.entitlement import (
    Exam,
    Rung,
    Why,
    enough,
    examine,
    groups,
    is_better,
    split_by_time,
    verdict,
)
from scoring.likelihood.features import learnable
from scoring.likelihood.learners import BOOSTING, LEARNERS, LOGISTIC, Learned
from scoring.likelihood.recipe import Recipe

SCORE_EDGES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)


@dataclass(frozen=True, slots=True)
class Examples:
    """Outcomes, the oldest first: what was known then, whether it came to SQL, what the rules ranked by."""

    columns: Sequence[Column]
    truth: Truth
    rules: Floats


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of it. ``card`` is all that the model's page shows; without a model only its counts."""

    rung: Rung
    why: Why
    card: dict[str, Any]
    learner: str = ""
    recipe: Recipe | None = None
    boosted: Learned | None = None


def train(examples: Examples) -> Trained:
    """Learn from the oldest 80 %, examine on the newest 20 %, then learn once more from all."""
    truth = examples.truth
    yes = int(truth.sum())
    counts = {"yes": yes, "no": len(truth) - yes}
    if not enough(yes, len(truth) - yes):
        return Trained(Rung.RULES, Why.FEW_OUTCOMES, {"counts": counts})
    columns = learnable(examples.columns)
    cut = split_by_time(len(truth))
    early, late = np.arange(cut), np.arange(cut, len(truth))
    if not enough_to_fit(truth[:cut]):
        return Trained(Rung.SHADOW, Why.FEW_TESTED, {"counts": counts})
    said = {name: fit(columns, early, truth[:cut]).chances(columns, late) for name, fit in LEARNERS.items()}
    exams = {name: examine(truth[cut:], chance, examples.rules[cut:]) for name, chance in said.items()}
    best = BOOSTING if is_better(exams[BOOSTING], exams[LOGISTIC]) else LOGISTIC
    rung, why = verdict(exams[best])
    everyone = np.arange(len(truth))
    regression = LEARNERS[LOGISTIC](columns, everyone, truth)
    boosted = LEARNERS[BOOSTING](columns, everyone, truth) if best == BOOSTING else None
    recipe = _recipe(regression)
    chance = (boosted or regression).chances(columns, everyone)
    card = {
        "counts": counts,
        "exams": {name: asdict(exam) if exam else None for name, exam in exams.items()},
        "tested": _tested(truth[cut:], said[best], examples.rules[cut:]),
        "features": _weights(recipe, columns),
        "scores": measures.shares(chance, np.array(SCORE_EDGES)).tolist(),
    }
    return Trained(rung, why, card, best, recipe, boosted)


def enough_to_fit(truth: Truth) -> bool:
    """Whether the older part holds both outcomes at all often enough for folds."""
    return bool(min(truth.sum(), len(truth) - truth.sum()) >= 10)


def _tested(truth: Truth, chance: Floats, rules: Floats) -> dict[str, Any]:
    """What the page draws of the exam: curves, calibration, lift."""
    if not 0 < truth.sum() < len(truth):
        return {}
    return {
        "curve": measures.curve(truth, chance),
        "rules_curve": measures.curve(truth, rules),
        "calibration": [asdict(one) for one in measures.calibration(truth, chance, groups(len(truth)))],
        "lift": measures.lift(truth, chance),
    }


def _recipe(learned: Learned) -> Recipe:
    return Recipe(
        encoder=learned.encoder,
        coefficients=tuple(learned.estimator.coef_[0].tolist()),
        intercept=float(learned.estimator.intercept_[0]),
        slope=learned.slope,
        offset=learned.offset,
    )


def _weights(recipe: Recipe, columns: Sequence[Column]) -> list[dict[str, Any]]:
    """How far each column moves a lead's log-odds, on average, the most important first."""
    pushes = recipe.pushes(columns)
    found = [{"name": name, "weight": float(np.abs(push).mean())} for name, push in pushes.items()]
    return sorted(found, key=lambda one: -float(str(one["weight"])))


__all__ = ["Exam", "Examples", "Trained", "train"]
