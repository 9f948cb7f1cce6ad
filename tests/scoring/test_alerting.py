"""Which lines are crossed, whom that concerns, and when a mail may leave."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.alerting import Choice, Crossing, Line, State, concerns, is_crossed, mail_due

PARIS = ZoneInfo("Europe/Paris")
STATES = st.builds(
    State,
    st.sampled_from("ABCD"),
    st.integers(1, 4),
    st.sampled_from(["cold", "warm", "hot"]),
    st.integers(0, 100_000),
    st.integers(0, 100_000),
)
LINES = st.one_of(
    st.just(Line("hot")),
    st.sets(st.sampled_from(["A1", "A2", "B1"]), min_size=1).map(lambda b: Line("band", frozenset(b))),
    st.builds(
        Line,
        st.just("points"),
        st.just(frozenset()),
        st.sampled_from(["fit", "engagement"]),
        st.integers(1, 100),
    ),
)


@given(LINES, STATES)
def test_staying_beyond_a_line_crosses_nothing(line, state) -> None:
    assert not is_crossed(line, Crossing(state, state))


@given(LINES, STATES, STATES)
def test_a_line_is_crossed_one_way_only(line, one, other) -> None:
    assert not (is_crossed(line, Crossing(one, other)) and is_crossed(line, Crossing(other, one)))
    assert is_crossed(line, Crossing(one, other)) <= is_crossed(line, Crossing(None, other))


def test_what_the_funnel_did() -> None:
    state = State("D", 4, "cold", 0, 0)
    assert is_crossed(Line("mql"), Crossing(state, state, frozenset({"mql", "ready"})))
    assert not is_crossed(Line("woken"), Crossing(None, state, frozenset({"mql"})))


@pytest.mark.parametrize(
    ("recipients", "role", "is_owner", "told"),
    [
        (["owner"], "rep", True, True),
        (["owner"], "rep", False, False),
        (["marketer"], "marketer", False, True),
        (["marketer"], "rep", True, False),
    ],
)
def test_whom_it_concerns(recipients, role, is_owner, told) -> None:
    assert concerns(recipients, role=role, is_owner=is_owner) is told


def at(hour: int, minute: int = 0, day: int = 12) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


QUIET = Choice(quiet_from=time(20), quiet_until=time(8))


@pytest.mark.parametrize(
    ("choice", "now", "due"),
    [
        (Choice(), at(23), at(23)),
        (Choice(mail="never"), at(9), None),
        (QUIET, at(12), at(12)),
        (QUIET, at(21), at(8, day=13)),
        (QUIET, at(3), at(8)),
        (QUIET, at(8), at(8)),
        (Choice(mail="digest", digest_hour=7), at(6), at(7)),
        (Choice(mail="digest", digest_hour=7), at(7), at(7, day=13)),
    ],
    ids=["at once", "never", "by day", "evening", "night", "morning", "before the digest", "after it"],
)
def test_when_a_mail_may_leave(choice, now, due) -> None:
    assert mail_due(choice, now=now, zone=PARIS) == due


@given(
    st.timedeltas(timedelta(0), timedelta(days=364)),
    st.times(),
    st.times(),
    st.sampled_from(["Europe/Paris", "America/St_Johns", "Pacific/Apia"]),
)
def test_a_mail_leaves_within_a_day_and_never_before_now(moment, begin, end, zone) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + moment
    begin, end = begin.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0)
    due = mail_due(Choice(quiet_from=begin, quiet_until=end), now=now, zone=ZoneInfo(zone))
    assert due is not None
    assert now - timedelta(hours=1) <= due <= now + timedelta(hours=25)
