"""Filling places with rules and caps, and the log and the dry run beside it."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funnel import actions
from funnel.actions import offers as offer_actions
from funnel.actions.allocation_log import forget_old_decisions
from funnel.actions.offers import fill_all_places
from funnel.models import AllocationDecision, AllocationRule, Offer, Rep, SalesPolicy, Standing
from funnel.queries import why_nobody
from funnel.refusals import Refused

from .test_concurrency import at_once

pytestmark = pytest.mark.django_db


def rule(rep, kind, *values, unknown=True):
    AllocationRule.objects.create(rep=rep, kind=kind, values=list(values), takes_unknown=unknown)


def test_leads_go_where_they_lie(make_rep, make_ready, now):
    south, north = make_rep(), make_rep()
    rule(south, "department", "13", "2A", "2B")
    rule(north, "region", "32")
    marseille = make_ready(postcode="13001", country="FR")
    corte, lille = make_ready(postcode="20250"), make_ready(postcode="59000")
    actions.fill_places(now=now)
    found = dict(Offer.objects.values_list("lead", "rep"))
    assert found == {marseille.lead_id: south.pk, corte.lead_id: south.pk, lille.lead_id: north.pk}


def test_the_company_tells_what_nobody_noted_of_the_person(make_rep, make_ready, make_company, now):
    generalist, specialist = make_rep(weight=9), make_rep()
    rule(specialist, "sector", "industry")
    rule(specialist, "department", "69")
    rule(specialist, "size", "10_49")
    company = make_company(sector="industry", headcount="10_49", postcode="69003", country="FR")
    make_ready(company=company)
    [offer] = actions.fill_places(now=now)
    assert (offer.rep_id, offer.why["rule"]) == (specialist.pk, "made_for_it")
    assert generalist.pk != specialist.pk


def test_languages_and_interests(make_rep, make_ready, now):
    german, other = make_rep(), make_rep()
    rule(german, "language", "de")
    rule(german, "product", "Toiture", unknown=False)
    make_ready(language="de", interests=["toiture "])
    make_ready(language="fr", interests=["toiture"])
    actions.fill_places(now=now)
    assert sorted(Offer.objects.values_list("rep", flat=True)) == sorted([german.pk, other.pk])
    assert Offer.objects.get(lead__language="de").rep_id == german.pk


def test_leads_that_fit_nobody_do_not_hold_up_those_behind(make_rep, make_ready, now, monkeypatch):
    monkeypatch.setattr("funnel.queries.foreseen_offers.SPARE", 1)
    rep = make_rep(places=1)
    rule(rep, "department", "75", unknown=False)
    for _ in range(9):
        make_ready(priority=900, postcode="69003")
    behind = make_ready(priority=1, postcode="75011")
    assert [offer.lead_id for offer in actions.fill_places(now=now)] == [behind.lead_id]


def test_a_cap_of_one_gives_one(make_rep, make_ready, now):
    make_rep(sal_cap=1)
    make_ready()
    make_ready()
    assert len(actions.fill_places(now=now)) == 1
    assert actions.fill_places(now=now) == []


def test_a_cap_of_nothing_gives_nothing_and_nothing_crashes(make_rep, make_ready, now):
    for caps in ({"places": 0}, {"sal_cap": 0}, {"offers_per_day": 0}):
        make_rep(**caps)
    make_ready()
    assert actions.fill_places(now=now) == []


def test_more_sal_than_the_cap_cannot_be_accepted(make_rep, make_offer, now):
    rep = make_rep()
    offers = [make_offer(), make_offer()]
    Rep.objects.filter(pk=rep.pk).update(sal_cap=1)
    actions.accept(offer=offers[0], by=rep.user, now=now)
    with pytest.raises(Refused, match="sal_cap"):
        actions.accept(offer=offers[1], by=rep.user, now=now)


@pytest.mark.django_db(transaction=True)
def test_f45_two_acceptances_at_once_keep_the_cap_on_sal(make_rep, make_offer, now):
    rep = make_rep()
    offers = [make_offer(), make_offer()]
    Rep.objects.filter(pk=rep.pk).update(sal_cap=1)
    results = at_once(*(lambda o=offer: actions.accept(offer=o, by=rep.user, now=now) for offer in offers))
    assert sorted(results) == ["", "sal_cap"]


def test_more_than_one_run_offers_are_made_in_several_short_ones(make_rep, make_ready, now, monkeypatch):
    monkeypatch.setattr(offer_actions, "MOST_OFFERS", 2)
    make_rep(offers_per_day=100)
    for _ in range(5):
        make_ready()
    assert fill_all_places(now=now) == 5
    assert Standing.objects.filter(situation="offered").count() == 5


def test_the_site_says_after_how_many_reps_the_manager_gets_it(make_rep, make_offer, now):
    SalesPolicy.objects.create(reps_before_manager=1)
    manager = make_rep(role="manager", is_last_resort=True)
    make_rep()
    offer = make_offer()
    make_rep()
    actions.expire_offers(now=offer.deadline)
    assert actions.fill_places(now=offer.deadline)[0].rep_id == manager.pk


def test_a_lead_that_waits_is_noted_once_a_reason(make_rep, make_ready, now):
    free, rep = make_rep(), make_rep()
    rule(free, "department", "75", unknown=False)
    rule(rep, "department", "75", unknown=False)
    standing = make_ready(postcode="69003")
    for minute in range(3):
        actions.fill_places(now=now + timedelta(minutes=minute))
    [noted] = AllocationDecision.objects.filter(lead=standing.lead_id)
    assert (noted.rep, noted.why_not) == (None, {"territory": [free.pk, rep.pk]})
    Rep.objects.filter(pk=rep.pk).update(is_active=False)
    actions.fill_places(now=now + timedelta(hours=1))
    assert AllocationDecision.objects.filter(lead=standing.lead_id).count() == 2


def test_the_log_is_kept_90_days(make_rep, make_offer, now):
    make_rep()
    make_offer()
    assert forget_old_decisions(now=now + timedelta(days=89)) == 0
    assert forget_old_decisions(now=now + timedelta(days=91)) == 1


departments = st.sampled_from(["", "13001", "59000", "20250"])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.none() | st.integers(0, 2), st.sampled_from(["", "13", "59"])),
        min_size=1,
        max_size=3,
    ),
    departments,
)
def test_the_dry_run_is_what_the_run_then_does(make_rep, make_ready, now, desks, postcode):
    Offer.objects.all().delete()
    Standing.objects.all().delete()
    Rep.objects.update(is_active=False)
    for places, sal_cap, department in desks:
        rep = make_rep(places=places, sal_cap=sal_cap)
        if department:
            rule(rep, "department", department)
    standing = make_ready(postcode=postcode)
    answer = why_nobody(standing, now=now)
    assert not Offer.objects.exists()
    offers = actions.fill_places(now=now)
    assert [offer.rep_id for offer in offers] == ([answer.assignment.rep] if answer.assignment else [])
