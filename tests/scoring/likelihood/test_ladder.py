"""Labels, the ladder of entitlement, drift: decisions on plain values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.likelihood.entitlement import (
    Exam,
    Rung,
    Why,
    enough,
    examine,
    has_drifted,
    is_better,
    split_by_time,
    verdict,
)
from scoring.likelihood.labels import Label, Outcome, label

NOW = datetime(2026, 11, 1, tzinfo=UTC)
OFFERED = NOW - timedelta(days=200)


def _outcome(**more: object) -> Outcome:
    return Outcome(**({"lead_id": 1, "at": OFFERED} | more))


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (_outcome(sql_at=OFFERED + timedelta(days=90)), Label.YES),
        (_outcome(sql_at=OFFERED + timedelta(days=91)), Label.NO),
        (_outcome(sql_at=OFFERED + timedelta(days=150), is_imported=True), Label.YES),
        (_outcome(), Label.NO),
        (_outcome(teaches="negative"), Label.NO),
        (_outcome(teaches="neutral"), Label.EXCLUDED),
        (_outcome(teaches="positive"), Label.YES),
        (_outcome(sql_at=OFFERED + timedelta(days=5), teaches="neutral"), Label.YES),
        (_outcome(is_judged=False), Label.EXCLUDED),
        (_outcome(at=NOW - timedelta(days=89), sql_at=NOW), Label.CENSORED),
        (_outcome(at=NOW - timedelta(days=89), teaches="negative"), Label.CENSORED),
        (_outcome(at=NOW - timedelta(days=90), teaches="negative"), Label.NO),
    ],
    ids=[
        "in_time",
        "too_late",
        "imported",
        "never",
        "negative",
        "not_its_fault",
        "a_good_lead",
        "sql_then_excused",
        "nobody_judged",
        "young_sql",
        "young_refusal",
        "just_old_enough",
    ],
)
def test_what_a_past_offer_teaches(outcome: Outcome, expected: Label) -> None:
    assert label(outcome, NOW) is expected


@given(st.integers(0, 89), st.sampled_from(["", "positive", "negative", "neutral"]), st.booleans())
def test_what_is_young_teaches_nothing_whatever_became_of_it(days: int, teaches: str, is_sql: bool) -> None:
    at = NOW - timedelta(days=days)
    assert label(_outcome(at=at, teaches=teaches, sql_at=NOW if is_sql else None), NOW) is Label.CENSORED


def _exam(**more: float) -> Exam:
    good = {"auc": 0.75, "rules_auc": 0.7, "brier": 0.15, "skill": 0.1, "ece": 0.03, "average_precision": 0.5}
    return Exam(rows=200, yes=60, **(good | more))


@pytest.mark.parametrize(
    ("exam", "expected"),
    [
        (_exam(), (Rung.SHOWN, Why.PASSED)),
        (_exam(ece=0.05), (Rung.SHOWN, Why.PASSED)),
        (_exam(auc=0.7), (Rung.SHADOW, Why.NOT_ABOVE_RULES)),
        (_exam(skill=0.0), (Rung.SHADOW, Why.NO_SKILL)),
        (_exam(ece=0.051), (Rung.SHADOW, Why.NOT_CALIBRATED)),
        (None, (Rung.SHADOW, Why.FEW_TESTED)),
    ],
    ids=["passed", "just_passed", "as_the_rules", "no_skill", "not_calibrated", "no_exam"],
)
def test_the_gate(exam: Exam | None, expected: tuple[Rung, Why]) -> None:
    assert verdict(exam) == expected


def test_forty_of_each_are_enough() -> None:
    assert enough(40, 40)
    assert not enough(39, 4000)
    assert not enough(4000, 39)


def test_the_challenger_must_be_better_at_everything() -> None:
    assert is_better(_exam(auc=0.8, brier=0.14), _exam())
    assert not is_better(_exam(auc=0.755, brier=0.14), _exam())
    assert not is_better(_exam(auc=0.8, brier=0.16), _exam())
    assert not is_better(_exam(auc=0.8, brier=0.14, ece=0.06), _exam())
    assert not is_better(None, _exam())


def test_the_newest_fifth_is_the_exam() -> None:
    assert split_by_time(100) == 80
    assert examine(np.array([1] * 7 + [0] * 93), np.full(100, 0.1), np.full(100, 1.0)) is None


def test_drift_is_what_chance_does_not_do() -> None:
    luck = np.random.default_rng(0)
    said = luck.uniform(0.1, 0.5, 400)
    assert not has_drifted((luck.random(400) < said).astype(np.int64), said)
    assert has_drifted((luck.random(400) < said / 2).astype(np.int64), said)
    assert not has_drifted(np.zeros(39, np.int64), np.full(39, 0.9))  # too few to contradict
