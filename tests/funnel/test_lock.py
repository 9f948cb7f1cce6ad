"""The lock's arithmetic: what fits, and a threshold that neither flutters nor runs away."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from funnel.lock import (
    HIGHEST,
    LOWEST,
    Costs,
    Desk,
    Limits,
    Pace,
    Why,
    automatic,
    cautious,
    coming_free,
    cost_each,
    limit,
    lowest_within,
    room,
)

TODAY = date(2026, 3, 10)
thresholds = st.integers(LOWEST, HIGHEST)
expectations = st.lists(st.floats(0, 500), min_size=HIGHEST + 1, max_size=HIGHEST + 1)
frees = st.floats(0, 400)
paces = st.builds(Pace, st.floats(0, 3), st.floats(0, 1))
desks = st.builds(
    Desk,
    places=st.integers(0, 40),
    worked=st.integers(0, 40),
    offers=st.integers(0, 10),
    offers_per_day=st.integers(0, 10),
    offered_today=st.integers(0, 10),
    working_days=st.integers(0, 7),
)


@st.composite
def limits(draw):
    lowest = draw(thresholds)
    return Limits(
        lowest, draw(st.integers(lowest, HIGHEST)), draw(st.integers(1, 100)), draw(st.floats(0, 0.5))
    )


def falling(by=1.0, top=100.0):
    return [max(0.0, top - by * one) for one in range(HIGHEST + 1)]


@given(thresholds, expectations, frees, limits())
def test_it_changes_at_most_once_a_day(current, expected, free, bounds):
    for ago in (0, -1):
        changed = TODAY - timedelta(days=ago)
        assert automatic(current, expected, free, bounds, changed_on=changed, today=TODAY) == current


@given(thresholds, expectations, frees, limits())
def test_it_stays_within_its_bounds_and_its_step(current, expected, free, bounds):
    found = automatic(current, expected, free, bounds, changed_on=None, today=TODAY)
    assert bounds.lowest <= found <= bounds.highest
    if bounds.lowest <= current <= bounds.highest:
        assert abs(found - current) <= bounds.step


@given(thresholds, expectations, frees, frees, limits())
def test_more_room_never_raises_it_and_less_never_lowers_it(current, expected, one, other, bounds):
    less, more = sorted((one, other))
    found = [
        automatic(current, expected, free, bounds, changed_on=None, today=TODAY) for free in (less, more)
    ]
    assert found[1] <= found[0]


@given(thresholds, expectations, frees, st.floats(0, 1), limits())
def test_more_arrivals_never_lower_it(current, expected, free, more, bounds):
    crowded = [value * (1 + more) for value in expected]
    found = [
        automatic(current, curve, free, bounds, changed_on=None, today=TODAY) for curve in (expected, crowded)
    ]
    assert found[0] <= found[1]


@given(thresholds, expectations, frees, limits())
def test_it_comes_to_rest(current, expected, free, bounds):
    """With nothing else changing it ends somewhere and stays, day after day."""
    here, ways = current, set()
    for day in range(250):
        found = automatic(
            here,
            expected,
            free,
            bounds,
            changed_on=TODAY + timedelta(days=day - 1),
            today=TODAY + timedelta(day),
        )
        if bounds.lowest <= here <= bounds.highest and found != here:
            ways.add(found > here)
        here = found
    after = automatic(here, expected, free, bounds, changed_on=None, today=TODAY)
    assert after == here
    assert len(ways) <= 1


def test_it_rises_when_too_many_come_and_falls_when_there_is_room():
    wide = Limits(step=100)
    assert automatic(20, falling(), 50, wide, changed_on=None, today=TODAY) == 50
    assert automatic(50, falling(), 80, wide, changed_on=None, today=TODAY) == 28  # ten percent to spare
    assert automatic(50, falling(), 50, wide, changed_on=None, today=TODAY) == 50
    assert automatic(47, falling(), 50, wide, changed_on=None, today=TODAY) == 47  # within the margin
    assert automatic(20, falling(), 50, Limits(step=5), changed_on=None, today=TODAY) == 25


@given(expectations)
def test_the_cautious_curve_never_grows_and_never_says_less(expected):
    curve = cautious(expected)
    assert curve == sorted(curve, reverse=True)
    assert all(said >= value for said, value in zip(curve, expected, strict=True))


@given(expectations, frees)
def test_the_lowest_within_fits_if_anything_does(expected, free):
    found = lowest_within(expected, free)
    if min(expected[HIGHEST], *expected[found:]) <= free and expected[HIGHEST] <= free:
        assert max(expected[found:]) <= free
    assert found == LOWEST or max(expected[found - 1 :]) > free


@given(desks, paces)
def test_nobody_has_more_room_than_places_and_days_give(desk, pace):
    found = room(desk, pace)
    assert 0 <= found <= max(0, desk.offers_per_day * desk.working_days - desk.offered_today)
    assert found <= max(0, desk.places - desk.worked - desk.offers) + desk.worked + desk.offers
    assert 0 <= coming_free(desk, pace) <= desk.worked + desk.offers


@given(desks, paces, st.integers(1, 20))
def test_another_place_never_takes_room_away(desk, pace, more):
    wider = Desk(
        desk.places + more,
        desk.worked,
        desk.offers,
        desk.offers_per_day,
        desk.offered_today,
        desk.working_days,
    )
    assert room(wider, pace) >= room(desk, pace)


def test_why_a_rep_takes_no_more():
    pace = Pace()
    assert limit(Desk(15, 5, 1, 5, 0, 0), pace) is Why.AWAY
    assert limit(Desk(15, 14, 1, 5, 0, 5), pace) is Why.PLACES
    assert limit(Desk(15, 3, 1, 5, 5, 1), pace) is Why.DAILY
    assert limit(Desk(15, 3, 1, 5, 0, 5), pace) is Why.ROOM


def test_what_an_outcome_costs():
    costs = Costs(rep_hour=40, hours_per_lead=2.5, message=0.05, messages_a_week=1.5)
    assert costs.handled == 100
    assert round(costs.nurtured, 3) == 0.075
    assert cost_each(30, 6, costs) == 500
    assert cost_each(30, 0, costs) is None
