"""The course of a score: inside its box, in order; its account and its differences add up."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dashboard.curve import Change, curve, movements
from dashboard.ledger import ledger
from dashboard.score_diff import differences
from scoring.queries import ShownLine

START = datetime(2026, 1, 1, tzinfo=UTC)
POINTS = st.integers(0, 100_000)
CHANGES = st.lists(
    st.tuples(st.integers(0, 10**6), POINTS, POINTS, st.sampled_from(["event", "midnight", "publish"])),
    min_size=1,
    max_size=20,
).map(
    lambda rows: [
        Change(
            START + timedelta(minutes=minute),
            fit,
            score,
            "ABCD"[fit % 4],
            1 + score % 4,
            cause,
            7,
            1,
        )
        for minute, fit, score, cause in sorted(rows)
    ]
)
LINES = st.lists(
    st.builds(
        lambda measure, group, rule, points: ShownLine(
            measure, "attribute", rule, points, points, 0, rule, group, None, None, group
        ),
        st.sampled_from(["fit", "engagement"]),
        st.sampled_from(["g", "h"]),
        st.sampled_from(["r", "s", "t"]),
        st.integers(-50_000, 50_000),
    ),
    max_size=12,
)


@given(CHANGES)
def test_everything_stays_in_the_box(changes) -> None:
    drawn = curve(changes, until=START + timedelta(days=800))
    assert drawn is not None
    for path in (drawn.fit, drawn.engagement, drawn.area):
        assert all(0 <= float(number) <= 100 for number in re.findall(r"-?\d+(?:\.\d+)?", path))
    assert all(0 <= mark.x <= 100 and 0 <= mark.y <= 100 for mark in drawn.marks)
    assert [mark.x for mark in drawn.marks] == sorted(mark.x for mark in drawn.marks)


@given(CHANGES)
def test_movements_lead_from_nothing_to_the_last_score(changes) -> None:
    moved = movements(changes)
    assert sum(one.by_fit for one in moved) == changes[-1].fit // 1000
    assert sum(one.by_engagement for one in moved) == changes[-1].engagement // 1000


def test_there_is_no_course_without_a_change() -> None:
    assert curve([], until=START) is None


@given(LINES, LINES)
def test_differences_add_up_to_the_change_of_each_measure(before, after) -> None:
    found = differences(before, after)
    for measure in ("fit", "engagement"):
        change = sum(one.points for one in after if one.measure == measure) - sum(
            one.points for one in before if one.measure == measure
        )
        assert sum(one.by for one in found if one.measure == measure) == change
    assert differences(before, before) == []


@given(LINES)
def test_an_account_loses_nothing(lines) -> None:
    account = ledger(lines, day=START.date())
    assert account.total == sum(line.points for line in lines)
    assert sum(section.total for section in account.sections) == account.total
