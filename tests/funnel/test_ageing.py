"""Leads that never came to anything: off by default, previewed, given up at night, taken back by hand."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel import actions
from funnel.actions.ageing import give_up_aged, set_rule
from funnel.ageing import Life, Limits, is_aged
from funnel.models import Passage, Standing
from funnel.queries.ageing import aged, would_age
from funnel.refusals import Incomplete
from tests.funnel.conftest import COLD, HOT, verdict

moments = st.datetimes()
limits = st.builds(Limits, st.none() | st.integers(30, 999), st.none() | st.integers(1, 9))


@given(st.builds(Life, moments, st.integers(1, 20)), limits, moments)
def test_a_lead_ages_by_days_or_by_cycles_and_without_limits_never(life, rule, now):
    try:
        found = is_aged(life, rule, now)
    except OverflowError:
        return
    assert not found or rule.says_when
    if found and rule.days is None:
        assert life.cycles > rule.cycles


pytestmark = pytest.mark.django_db
YEAR = Limits(days=365)


@pytest.fixture
def old(make_lead, now):
    lead = make_lead(created_at=now - timedelta(days=400))
    actions.place({lead.pk: verdict(lead, COLD)}, now=now)
    return lead


def stage(lead):
    return Standing.objects.get(lead=lead).stage


def test_nothing_happens_while_the_rule_is_off(old, now):
    assert give_up_aged(now=now) == 0
    assert stage(old) == "lead"


def test_an_old_lead_is_given_up_with_a_reason_of_its_own(old, make_lead, make_user, now):
    young = make_lead(created_at=now - timedelta(days=10))
    actions.place({young.pk: verdict(young, COLD)}, now=now)
    set_rule(limits=YEAR, is_on=True, by=make_user("manager"), now=now)
    assert give_up_aged(now=now) == 1
    assert (stage(old), stage(young)) == ("disqualified", "lead")
    passage = Passage.objects.filter(lead=old).latest("pk")
    assert (passage.reason.code, passage.cause, passage.actor) == ("aged", "ageing", None)
    assert give_up_aged(now=now) == 0


def test_a_look_ahead_counts_exactly_whom_the_night_takes(old, make_user, now):
    ahead = would_age(YEAR, now=now)
    assert (ahead.number, ahead.by_stage, ahead.first[0].lead) == (1, (("lead", 1),), old)
    set_rule(limits=YEAR, is_on=True, by=make_user("admin"), now=now)
    assert give_up_aged(now=now) == ahead.number


def test_who_is_with_sales_or_ever_was_an_opportunity_is_left_alone(make_rep, make_sql, make_ready, now):
    make_rep(places=9)
    standing = make_sql(created_at=now - timedelta(days=900))
    make_ready(created_at=now - timedelta(days=900))
    actions.lose(lead=standing.lead, by=standing.rep.user, now=now, reason="lost_to_competitor")
    assert not aged(YEAR, now=now).exists()


def test_reopening_takes_it_back_and_counts_anew(old, make_user, now):
    set_rule(limits=Limits(days=365, cycles=1), is_on=True, by=make_user("admin"), now=now)
    give_up_aged(now=now)
    actions.reopen(lead=old, by=make_user("marketer"), now=now, reason="mistake")
    assert give_up_aged(now=now + timedelta(days=1)) == 0
    assert give_up_aged(now=now + timedelta(days=366)) == 1


def test_more_cycles_than_allowed(make_ready, make_user, now):
    standing = make_ready()
    Standing.objects.filter(pk=standing.pk).update(cycle=3, stage="lead", situation="", ready_since=None)
    assert not aged(Limits(cycles=3), now=now).exists()
    assert aged(Limits(cycles=2), now=now).count() == 1


@pytest.mark.parametrize(
    ("rule", "code"), [(Limits(), "limit_required"), (Limits(days=5), "limit_too_short")]
)
def test_a_rule_says_when(make_user, now, rule, code):
    with pytest.raises(Incomplete) as refused:
        set_rule(limits=rule, is_on=True, by=make_user("admin"), now=now)
    assert refused.value.code == code


def test_the_page_looks_ahead_before_it_switches_on(client, old, make_user):
    client.force_login(make_user("manager"))
    assert 'value="on"' not in client.get("/settings/ageing/").content.decode()
    ahead = client.get("/settings/ageing/?days=365&cycles=").content.decode()
    assert 'value="on"' in ahead
    assert client.post("/settings/ageing/", {"days": "365", "cycles": "", "do": "on"}).status_code == 302
    assert client.post("/settings/ageing/", {"days": "365", "cycles": "", "do": "off"}).status_code == 302
    assert client.post("/settings/ageing/", {"days": "3", "do": "on"}).status_code == 422


def test_hot_leads_are_not_given_up(make_lead, now):
    lead = make_lead(created_at=now - timedelta(days=400))
    actions.place({lead.pk: verdict(lead, HOT)}, now=now)
    assert not aged(YEAR, now=now).exists()
