"""What a rep with an empty inbox can expect."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.deadlines import Calendar
from funnel.next_offer import FEWEST, HABIT, Desk, When, outlook
from funnel.outlook_words import outlook_in_words

# A Tuesday, 11:00 in Paris.
NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)
PARIS = Calendar("Europe/Paris")
FREE = Desk(calendar=PARIS, is_active=True, free=3, used_up=False, waiting=0, lately=0)


def away(first, last):
    return Calendar("Europe/Paris", absences=((first, last),))


@pytest.mark.parametrize(
    ("desk", "when", "at"),
    [
        (None, When.NO_DESK, None),
        (replace(FREE, is_active=False), When.CLOSED, None),
        (replace(FREE, free=0, waiting=4), When.FULL, None),
        (replace(FREE, used_up=True, waiting=4), When.TOMORROW, datetime(2026, 3, 4, 8, tzinfo=UTC)),
        (replace(FREE, waiting=4), When.NOW, None),
        (replace(FREE, lately=FEWEST - 1), When.UNKNOWN, None),
    ],
)
def test_what_holds_back_longest_is_said_first(desk, when, at):
    found = outlook(desk, NOW)
    assert (found.when, found.at) == (when, at)


def test_who_is_away_reads_when_leads_come_again():
    desk = replace(FREE, calendar=away(date(2026, 3, 2), date(2026, 3, 6)), waiting=2)
    assert outlook(desk, NOW).at == datetime(2026, 3, 9, 8, tzinfo=UTC)


def test_with_nobody_waiting_the_last_weeks_tell():
    # 28 days hold 20 days of work of 8 hours: 40 offers are one every four hours.
    found = outlook(replace(FREE, lately=40), NOW)
    assert (found.when, found.at) == (When.USUALLY, datetime(2026, 3, 3, 15, tzinfo=UTC))


DESKS = st.builds(
    Desk,
    calendar=st.sampled_from([PARIS, Calendar("Pacific/Noumea"), away(date(2026, 1, 1), date.max)]),
    is_active=st.booleans(),
    free=st.integers(0, 3),
    used_up=st.booleans(),
    waiting=st.integers(0, 3),
    lately=st.integers(0, 200),
)


@given(desk=DESKS, minutes=st.integers(0, 60 * 24 * 365))
def test_it_never_promises_the_past_and_always_has_words(desk, minutes):
    now = NOW + timedelta(minutes=minutes)
    found = outlook(desk, now)
    assert found.at is None or now <= found.at <= now + HABIT * 20
    assert outlook_in_words(found)
