"""Quiet hours on the person's own wall clock, nights that change the clock included."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurturing.quiet import NEVER, QuietHours, answers_an_act, is_quiet, next_allowed, zone_of

NIGHT = QuietHours(time(21), time(8))
PARIS = ZoneInfo("Europe/Paris")
ZONES = ["Europe/Paris", "Indian/Reunion", "America/Martinique", "Pacific/Noumea", "UTC"]
minutes = st.integers(0, 24 * 60 - 1).map(lambda m: time(m // 60, m % 60))
# Around the two nights of 2026 on which the clock changes in France, and any other time.
DAYS = [datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)]
instants = st.one_of(
    st.builds(
        lambda day, minutes: day + timedelta(minutes=minutes), st.sampled_from(DAYS), st.integers(0, 2200)
    ),
    st.integers(0, 3 * 365 * 1440).map(lambda m: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=m)),
)


@settings(deadline=None)
@given(instants, st.sampled_from(ZONES), minutes, minutes)
def test_next_allowed_is_the_first_not_quiet(at: datetime, zone: str, start: time, end: time) -> None:
    hours, tz = QuietHours(start, end), ZoneInfo(zone)
    allowed = next_allowed(at, tz, hours)
    assert allowed >= at
    assert not is_quiet(allowed, tz, hours)
    if allowed > at:
        before = [at + n * (allowed - at) / 50 for n in range(50)] + [allowed - timedelta(seconds=1)]
        assert all(is_quiet(instant, tz, hours) for instant in before if instant >= at)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("Europe/Paris", "06:00"), ("Indian/Reunion", "04:00"), ("America/Martinique", "22:00")],
)
def test_f63_the_window_is_that_of_the_persons_own_zone(zone: str, expected: str) -> None:
    # Midnight in Paris, two o'clock in Réunion, six in the evening in Martinique.
    evening = datetime(2026, 7, 1, 22, 0, tzinfo=UTC)
    allowed = next_allowed(evening, ZoneInfo(zone), NIGHT)
    assert f"{allowed:%H:%M}" == expected


def test_f63_a_window_that_ends_at_half_past_two_that_does_not_exist() -> None:
    hours = QuietHours(time(22), time(2, 30))
    at = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    # At 2:00 the clock jumps to 3:00, which is past half past two.
    assert next_allowed(at, PARIS, hours) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_f63_half_past_two_comes_twice() -> None:
    hours = QuietHours(time(22), time(2, 30))
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert next_allowed(datetime(2026, 10, 24, 23, 0, tzinfo=UTC), PARIS, hours) == first
    # 2:10 the second time is quiet again, until 2:30 the second time.
    assert next_allowed(first + timedelta(minutes=40), PARIS, hours) == first + timedelta(hours=1)


def test_no_quiet_hours() -> None:
    at = datetime(2026, 1, 1, 3, 0, tzinfo=UTC)
    assert next_allowed(at, PARIS, NEVER) == at


def test_an_answer_within_a_quarter_of_an_hour_wakes_nobody_up() -> None:
    at = datetime(2026, 1, 1, 3, 0, tzinfo=UTC)
    assert answers_an_act(at, at - timedelta(minutes=15))
    assert not answers_an_act(at, at - timedelta(minutes=16))
    assert not answers_an_act(at, at + timedelta(minutes=1))
    assert not answers_an_act(at, None)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "\0"])
def test_an_unknown_zone_is_the_sites(name: str) -> None:
    assert zone_of(name, "Europe/Paris") == PARIS
