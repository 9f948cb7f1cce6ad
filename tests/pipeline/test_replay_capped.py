"""A history played again under caps: nobody above theirs, everybody served, waits counted by other code."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from pipeline.capped import Caps, handling_days, play, waits
from pipeline.history import Contact, Deal, History

MONDAY = date(2018, 1, 1)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Up to forty leads over six weeks, some of them won by three people, of whom one does both jobs."""
    history = History()
    for number in range(draw(st.integers(1, 40))):
        reference = f"lead-{number}"
        came = MONDAY + timedelta(days=draw(st.integers(0, 40)))
        history.contacts[reference] = Contact(reference, came, "", "")
        if number < 3 or draw(st.booleans()):
            won = datetime.combine(came, datetime.min.time(), tzinfo=UTC) + timedelta(
                days=draw(st.integers(0, 30))
            )
            sdr, rep = draw(st.sampled_from([("s1", "r1"), ("s2", "s1")]))
            history.deals[reference] = Deal(reference, won.replace(tzinfo=None), sdr, rep, {})
    return history


@given(histories(), st.integers(1, 4), st.integers(1, 3))
def test_nobody_is_ever_above_a_cap_and_everybody_is_served(
    history: History, places: int, a_day: int
) -> None:
    played = play(history, Caps(places, a_day))
    assert set(played.offered) == set(history.contacts)
    assert all(played.offered[one] >= played.possible[one] for one in played.offered)
    assert all(day.weekday() < 5 for day in played.offered.values())
    for person in {one.person for one in played.held}:
        mine = [one for one in played.held if one.person == person]
        for day in {one.since for one in mine}:
            assert sum(one.since <= day < one.until for one in mine) <= places
            assert sum(one.since == day for one in mine) <= a_day
    assert waits(played).exceeded == 0


@given(histories())
def test_with_room_for_all_nobody_waits(history: History) -> None:
    played = play(history, Caps(1000, 1000))
    assert waits(played).waited == 0
    assert [played.offered[one] for one in played.offered] == [played.possible[one] for one in played.offered]


@given(histories(), st.integers(1, 3))
def test_who_came_first_is_served_first(history: History, places: int) -> None:
    played = play(history, Caps(places, 1))
    order = sorted(played.offered, key=lambda one: (history.contacts[one].on, one))
    assert [played.offered[one] for one in order] == sorted(played.offered.values())


def test_one_place_makes_the_others_wait_for_it() -> None:
    history = History()
    for number in range(3):
        history.contacts[f"lead-{number}"] = Contact(f"lead-{number}", MONDAY, "", "")
    won = datetime.combine(MONDAY + timedelta(days=4), datetime.min.time())
    history.deals["lead-0"] = Deal("lead-0", won, "s1", "r1", {})
    assert set(handling_days(history).values()) == {4}
    played = play(history, Caps(1, 5))
    assert [played.offered[f"lead-{number}"] for number in range(3)] == [
        MONDAY, MONDAY + timedelta(days=2), MONDAY + timedelta(days=4),
    ]  # fmt: skip
    found = waits(played)
    assert (found.waited, found.median_days, found.longest_queue) == (2, 3.0, 2)


def test_the_published_funnel_under_the_usual_caps(olist: Path) -> None:
    """F: caps never exceeded; the report says how many would have waited, and how long."""
    out = io.StringIO()
    call_command(
        "replay_funnel",
        leads=str(olist / "olist_marketing_qualified_leads_dataset.csv"),
        deals=str(olist / "olist_closed_deals_dataset.csv"),
        capped=True,
        json=True,
        stdout=out,
    )
    found = json.loads(out.getvalue())
    assert (found["leads"], found["exceeded"], found["most_held"]) == (8000, 0, 15)
    assert found["waited"] == sum(month["waited"] for month in found["by_month"]) > 0
