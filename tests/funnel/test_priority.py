"""Who is served first: the pure sum, and that the database orders by the same."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.models import Standing
from funnel.priority import points
from funnel.queries.waiting import points_of, waiting_room
from scoring.models import LeadLikelihood, LikelihoodModel

TODAY = date(2026, 3, 10)
priorities = st.integers(0, 400)
permilles = st.none() | st.integers(0, 1000)
waits = st.integers(0, 1000)


@given(priorities, permilles, waits, st.integers(0, 200), st.integers(0, 500), st.integers(0, 100))
def test_nothing_that_speaks_for_a_lead_puts_it_back(priority, permille, days, more, likelier, longer):
    ready_on = TODAY - timedelta(days=days)
    here = points(priority, permille, ready_on, TODAY)
    assert points(priority + more, permille, ready_on, TODAY) == here + more
    assert points(priority, (permille or 0) + likelier, ready_on, TODAY) >= here
    assert points(priority, permille, ready_on - timedelta(days=longer), TODAY) == here + longer


@given(priorities, priorities, permilles, waits)
def test_nobody_waits_for_ever(mine, newcomer, permille, days):
    """Whoever comes later with any priority is overtaken by one who has waited long enough."""
    enough = TODAY - timedelta(days=newcomer + 101)
    assert points(mine, None, enough, TODAY) > points(newcomer, permille, TODAY, TODAY)


def test_a_likelihood_is_worth_a_point_a_percent():
    assert points(100, 129, TODAY, TODAY) == 112
    assert points(100, None, TODAY, TODAY) == 100


def test_the_database_orders_by_the_same_sum(make_ready, now):
    made = [make_ready(priority=priority) for priority in (100, 104, 96, 103, 103)]
    for standing, days in zip(made, (0, 0, 9, 1, 2), strict=True):
        Standing.objects.filter(pk=standing.pk).update(ready_since=now - timedelta(days=days))
    room = list(waiting_room())
    said = [points_of(one, now=now) for one in room]
    assert said == sorted(said, reverse=True)
    assert [one.lead_id for one in room] == [made[place].lead_id for place in (2, 4, 3, 1, 0)]


@pytest.mark.parametrize(("status", "first"), [("shown", 1), ("shadow", 0)])
def test_a_likelihood_counts_only_once_it_is_entitled(make_ready, now, status, first):
    made = [make_ready(priority=priority) for priority in (110, 100)]
    LikelihoodModel.objects.create(version=7, status=status, why="entitled", trained_at=now, recipe={})
    LeadLikelihood.objects.create(lead=made[1].lead, permille=250, version=7, as_of=TODAY)
    assert waiting_room()[0].lead_id == made[first].lead_id
