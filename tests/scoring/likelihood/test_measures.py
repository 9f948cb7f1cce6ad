"""The measures agree with scikit-learn's, where it has them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from scoring.likelihood import measures

ROWS = st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=2, max_size=60)


def _arrays(rows: list[tuple[bool, int]]) -> tuple[measures.Numbers, measures.Floats]:
    truth = np.array([came for came, _said in rows]).astype(np.int64)
    assume(0 < truth.sum() < len(truth))
    return truth, np.array([said / 20 for _came, said in rows])


@given(ROWS)
def test_as_scikit_learn_has_them(rows: list[tuple[bool, int]]) -> None:
    truth, chance = _arrays(rows)
    assert measures.auc(truth, chance) == pytest.approx(roc_auc_score(truth, chance))
    assert measures.average_precision(truth, chance) == pytest.approx(average_precision_score(truth, chance))
    assert measures.brier(truth, chance) == pytest.approx(brier_score_loss(truth, chance))


@given(ROWS)
def test_each_row_is_in_one_group_and_the_groups_rise(rows: list[tuple[bool, int]]) -> None:
    truth, chance = _arrays(rows)
    bins = measures.calibration(truth, chance)
    assert sum(one.rows for one in bins) == len(rows)
    assert [one.said for one in bins] == sorted(one.said for one in bins)
    assert sum(one.rows * one.came for one in bins) == pytest.approx(truth.sum())
    assert 0 <= measures.calibration_error(truth, chance) <= 1


def test_calibration_error_of_what_is_always_too_high() -> None:
    truth = np.tile([1, 0, 0, 0], 25)
    assert measures.calibration_error(truth, np.full(100, 0.45)) == pytest.approx(0.2)
    assert measures.calibration_error(truth, np.full(100, 0.25)) == pytest.approx(0.0)
    assert measures.brier_skill(truth, np.full(100, 0.25)) == pytest.approx(0.0)
    assert measures.brier_skill(truth, truth.astype(float)) == 1.0


def test_lift_of_a_perfect_ranking() -> None:
    truth = np.array([1] * 10 + [0] * 90)
    assert measures.lift(truth, np.linspace(1, 0, 100)) == [10.0] + [0.0] * 9


def test_the_curve_ends_where_all_are_let_in() -> None:
    truth = np.array([1, 0] * 50)
    points = measures.curve(truth, np.linspace(0, 1, 100))
    assert points[0] == (0.0, 0.0)
    assert points[-1] == (1.0, 1.0)


def test_stability_is_nothing_for_the_same_and_much_for_another_population() -> None:
    edges = np.linspace(-2, 2, 9)
    luck = np.random.default_rng(0)
    same = [measures.shares(luck.normal(size=5000), edges) for _ in range(2)]
    other = measures.shares(luck.normal(1.5, size=5000), edges)
    assert measures.stability(*same) < 0.01
    assert measures.stability(same[0], other) > 1


def test_an_auc_needs_both_outcomes() -> None:
    with pytest.raises(ValueError, match="both outcomes"):
        measures.auc(np.ones(3, np.int64), np.ones(3))
