"""Whether a likelihood may be shown: a ladder that is climbed by outcomes and by honest measures. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from scoring.likelihood import measures
from scoring.likelihood.measures import Floats, Numbers

LEAST_OUTCOMES = 40  # of each kind
LEAST_TESTED = 8  # of each kind among the newest
TESTED = 0.2  # the newest part, by time
MOST_ERROR = 0.05
_DRIFTS_AT = 3.0  # standard deviations; by chance once in 370 looks


class Rung(StrEnum):
    """How far a likelihood has come."""

    RULES = "rules"  # too few outcomes: nothing is learned
    SHADOW = "shadow"  # learned and computed, seen on the model's page only
    SHOWN = "shown"


class Why(StrEnum):
    """What keeps it on its rung."""

    FEW_OUTCOMES = "few_outcomes"
    FEW_TESTED = "few_tested"
    NOT_ABOVE_RULES = "not_above_rules"
    NO_SKILL = "no_skill"
    NOT_CALIBRATED = "not_calibrated"
    DRIFTED = "drifted"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Exam:
    """A model on the newest part of the outcomes, which it did not learn from."""

    rows: int
    yes: int
    auc: float
    rules_auc: float
    brier: float
    skill: float
    ece: float
    average_precision: float


def examine(truth: Numbers, chance: Floats, rules: Floats) -> Exam | None:
    """The exam; None when the newest part holds too few of either outcome. ``rules``: what they rank by."""
    yes = int(truth.sum())
    if min(yes, len(truth) - yes) < LEAST_TESTED:
        return None
    return Exam(
        rows=len(truth),
        yes=yes,
        auc=measures.auc(truth, chance),
        rules_auc=measures.auc(truth, rules),
        brier=measures.brier(truth, chance),
        skill=measures.brier_skill(truth, chance),
        ece=measures.calibration_error(truth, chance, groups(len(truth))),
        average_precision=measures.average_precision(truth, chance),
    )


def groups(rows: int) -> int:
    """In how many groups calibration is looked at: 25 rows and more in each, ten groups at most.

    Smaller groups measure luck: among 5 rows the share that came true is off by 20 points without any fault
    of the model's.
    """
    return int(min(max(rows // 25, 2), measures.BINS))


def enough(yes: int, no: int) -> bool:
    """Whether there are outcomes enough to learn anything from."""
    return min(yes, no) >= LEAST_OUTCOMES


def verdict(exam: Exam | None) -> tuple[Rung, Why]:
    """The rung an exam entitles to, and the first thing that is wrong with it."""
    if exam is None:
        return Rung.SHADOW, Why.FEW_TESTED
    if exam.auc <= exam.rules_auc:
        return Rung.SHADOW, Why.NOT_ABOVE_RULES
    if exam.skill <= 0:
        return Rung.SHADOW, Why.NO_SKILL
    if exam.ece > MOST_ERROR:
        return Rung.SHADOW, Why.NOT_CALIBRATED
    return Rung.SHOWN, Why.PASSED


def is_better(challenger: Exam | None, champion: Exam | None) -> bool:
    """Whether the challenger replaces the regression, whose reasons people can read: better at everything."""
    if challenger is None or champion is None:
        return False
    return (
        challenger.auc > champion.auc + 0.01
        and challenger.brier < champion.brier
        and challenger.ece <= MOST_ERROR
    )


def split_by_time(rows: int) -> int:
    """How many of ``rows``, the oldest first, are learned from; the rest is the exam."""
    return rows - round(rows * TESTED)


def has_drifted(truth: Numbers, chance: Floats) -> bool:
    """Whether outcomes since the training contradict what was said: more or fewer than chance allows.

    The number that came true is compared with its expectation, in standard deviations (Spiegelhalter 1986
    for the mean). Too few outcomes contradict nothing.
    """
    if len(truth) < LEAST_OUTCOMES:
        return False
    spread = float(np.sqrt((chance * (1 - chance)).sum()))
    return abs(float(truth.sum() - chance.sum())) > _DRIFTS_AT * max(spread, 1e-9)
