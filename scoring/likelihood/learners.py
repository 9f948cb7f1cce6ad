"""The two learners: calibrated logistic regression, whose coefficients are the reasons, and its challenger.

One thread each: beside other work, threads that wait for each other cost seven times the processor time.

Import this in tasks and commands only: it needs scikit-learn, which the web runs without.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from scoring.likelihood.columns import Column, Kind
from scoring.likelihood.encoding import Encoder, Floats, Rows, Truth

LOGISTIC, BOOSTING = "logistic_regression", "gradient_boosting"
_PENALTIES = (0.01, 0.1, 1.0)  # inverse strength of the penalty on large coefficients
_ROUNDS = (15, 30, 60, 100)


@dataclass(frozen=True, slots=True)
class Learned:
    """A fitted model: what was learned of the columns, the estimator, how its log-odds become a chance."""

    name: str
    encoder: Encoder
    estimator: Any
    slope: float
    offset: float

    def chances(self, columns: Sequence[Column], rows: Rows) -> Floats:
        """The calibrated chance of each of ``rows``, 0..1."""
        features = _features(self.name, self.encoder, columns, rows)
        return _sigmoid(self.slope * self.estimator.decision_function(features) + self.offset)


class Learner(Protocol):
    """Learns from ``rows``, of which ``truth`` is the outcome."""

    def __call__(self, columns: Sequence[Column], rows: Rows, truth: Truth) -> Learned: ...


@threadpool_limits.wrap(limits=1)  # type: ignore[untyped-decorator]  # ships no types
def logistic(columns: Sequence[Column], rows: Rows, truth: Truth) -> Learned:
    """Logistic regression; the penalty and the calibration come from folds within ``rows``."""
    held_out = {penalty: np.zeros(len(rows)) for penalty in _PENALTIES}
    for inner, outer in _folds(truth):
        encoder, features = Encoder.fit(columns, rows[inner], truth[inner])
        tests = encoder.transform(columns, rows[outer])
        for penalty, odds in held_out.items():
            model = _regression(penalty).fit(features, truth[inner])
            odds[outer] = model.decision_function(tests)
    fits = {penalty: calibrate(odds, truth) for penalty, odds in held_out.items()}
    best = min(fits, key=lambda penalty: fits[penalty][2])
    encoder, features = Encoder.fit(columns, rows, truth)
    model = _regression(best).fit(features, truth)
    return Learned(LOGISTIC, encoder, model, *fits[best][:2])


@threadpool_limits.wrap(limits=1)  # type: ignore[untyped-decorator]  # ships no types
def boosting(columns: Sequence[Column], rows: Rows, truth: Truth) -> Learned:
    """Gradient boosted trees; the number of rounds and the calibration come from folds within ``rows``."""
    held_out = {rounds: np.zeros(len(rows)) for rounds in _ROUNDS}
    for inner, outer in _folds(truth):
        encoder, features = _fit_for_trees(columns, rows[inner], truth[inner])
        tests = _with_numbers(encoder, columns, rows[outer])
        model = _trees(max(_ROUNDS), len(inner)).fit(features, truth[inner])
        for done, odds in enumerate(model.staged_decision_function(tests), start=1):
            if done in held_out:
                held_out[done][outer] = odds
    fits = {rounds: calibrate(odds, truth) for rounds, odds in held_out.items()}
    best = min(fits, key=lambda rounds: fits[rounds][2])
    encoder, features = _fit_for_trees(columns, rows, truth)
    model = _trees(best, len(rows)).fit(features, truth)
    return Learned(BOOSTING, encoder, model, *fits[best][:2])


LEARNERS: dict[str, Learner] = {LOGISTIC: logistic, BOOSTING: boosting}


def _folds(truth: Truth) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Folds for calibration, more of them where rows are few."""
    folds = min(5 if len(truth) < 3000 else 3, int(truth.sum()), len(truth) - int(truth.sum()))
    yield from StratifiedKFold(max(folds, 2), shuffle=True, random_state=1).split(truth, truth)


def _regression(penalty: float) -> Any:
    return LogisticRegression(C=penalty, max_iter=300)


def _trees(rounds: int, rows: int) -> Any:
    return HistGradientBoostingClassifier(
        max_iter=rounds,
        learning_rate=0.08,
        max_leaf_nodes=10,
        min_samples_leaf=min(30, max(5, rows // 40)),
        l2_regularization=2.0,
        early_stopping=False,
        random_state=0,
    )


def _features(name: str, encoder: Encoder, columns: Sequence[Column], rows: Rows) -> Floats:
    return encoder.transform(columns, rows) if name == LOGISTIC else _with_numbers(encoder, columns, rows)


def _fit_for_trees(columns: Sequence[Column], rows: Rows, truth: Truth) -> tuple[Encoder, Floats]:
    """Trees cut numbers themselves, and bear a missing one: only words are encoded for them."""
    encoder, features = Encoder.fit(
        [c for c in columns if c.kind is not Kind.NUMBER or _mixed(c)], rows, truth
    )
    return encoder, np.column_stack([features, _numbers(columns, rows)])


def _with_numbers(encoder: Encoder, columns: Sequence[Column], rows: Rows) -> Floats:
    ours = [column for column in columns if column.name in encoder.spans]
    return np.column_stack([encoder.transform(ours, rows), _numbers(columns, rows)])


def _mixed(column: Column) -> bool:
    return bool((column.words != "").any())


def _numbers(columns: Sequence[Column], rows: Rows) -> Floats:
    parts = [column.numbers[rows] for column in columns if column.kind in (Kind.NUMBER, Kind.DATE)]
    return np.column_stack(parts) if parts else np.zeros((len(rows), 0))


def calibrate(odds: Floats, truth: Truth) -> tuple[float, float, float]:
    """Slope and offset that make held-out log-odds chances (Platt 1999), and the log loss that is left."""
    spread = float(odds.std()) or 1.0
    model = LogisticRegression(C=1e6, max_iter=300).fit(odds[:, None] / spread, truth)
    slope, offset = max(float(model.coef_[0, 0]) / spread, 0.0), float(model.intercept_[0])
    chance = np.clip(_sigmoid(slope * odds + offset), 1e-9, 1 - 1e-9)
    return slope, offset, float(-np.where(truth == 1, np.log(chance), np.log(1 - chance)).mean())


def _sigmoid(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -50, 50))), dtype=np.float64)
