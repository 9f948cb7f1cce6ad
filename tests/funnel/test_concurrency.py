"""Real threads on a real PostgreSQL: at one moment, one outcome."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections, transaction

from funnel import actions
from funnel.models import Absence, Offer, Passage, Rep, Standing
from funnel.queries import stage_counts
from funnel.refusals import Refused
from funnel.service_levels import UNDO_IN_PAGE
from leads.models import Lead
from tests.funnel.conftest import COLD, HOT, verdict

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], object]) -> list[str]:
    """Run the calls at the same moment, each on its own connection; their refusal codes, "" for success."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> str:
        start.wait(timeout=10)
        try:
            call()
        except Refused as refused:
            return refused.code
        finally:
            connections.close_all()
        return ""

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def verbs(lead_id):
    return list(Passage.objects.filter(lead=lead_id).order_by("id").values_list("verb", flat=True))


def test_f44_two_reps_accept_the_same_lead(make_rep, make_offer, now):
    make_rep()
    offer = make_offer()
    people = [offer.rep.user, *(make_rep(role="manager").user for _ in range(3))]
    results = at_once(*(lambda by=by: actions.accept(offer=offer, by=by, now=now) for by in people))
    assert sorted(results) == ["", *["already_accepted"] * 3]
    winner = people[results.index("")]
    lead = Lead.objects.select_related("standing").get(pk=offer.lead_id)
    assert (lead.owner, lead.standing.rep_id) == (winner, winner.pk)
    assert verbs(offer.lead_id).count("accept") == 1


def test_f44_the_same_rep_presses_ten_times(make_rep, make_offer, now):
    make_rep()
    offer = make_offer()
    press = [lambda: actions.accept(offer=offer, by=offer.rep.user, now=now)] * 10
    assert at_once(*press) == [""] * 10
    assert verbs(offer.lead_id).count("accept") == 1


def test_f45_capacity_of_one_and_two_acceptances(make_rep, make_offer, now):
    rep = make_rep(places=2)
    offers = [make_offer(), make_offer()]
    Rep.objects.filter(pk=rep.pk).update(places=1)
    results = at_once(*(lambda o=offer: actions.accept(offer=o, by=rep.user, now=now) for offer in offers))
    assert sorted(results) == ["", "no_place"]
    assert Standing.objects.filter(rep=rep).count() == 1
    assert Offer.objects.filter(rep=rep, status="open").count() == 1


def test_f45_two_workers_fill_one_place_once(make_rep, make_ready, now):
    make_ready()
    make_ready()
    make_rep(places=1)
    fill = [lambda: actions.fill_places(now=now)] * 4
    assert at_once(*fill) == [""] * 4
    assert Offer.objects.filter(status="open").count() == 1


def test_f46_leave_begins_while_offers_are_made(make_rep, make_ready, now):
    going, staying = make_rep(places=50), make_rep(places=50)
    for _ in range(6):
        make_ready()

    def leave():
        with transaction.atomic():
            Absence.objects.create(rep=going, first_day=now.date())

    assert at_once(lambda: actions.fill_places(now=now), leave) == ["", ""]
    actions.expire_offers(now=now)
    actions.fill_places(now=now)
    assert set(Offer.objects.open().values_list("rep", flat=True)) == {staying.pk}
    assert not Standing.objects.filter(situation="offered").exclude(lead__offers__rep=staying).exists()


def test_f50_the_deadline_passes_as_the_rep_accepts(make_rep, make_offer, now):
    for _ in range(6):
        make_rep()
        offer = make_offer()
        results = at_once(
            lambda offer=offer: actions.accept(offer=offer, by=offer.rep.user, now=offer.deadline),
            lambda offer=offer: actions.expire_offers(now=offer.deadline),
        )
        offer.refresh_from_db()
        standing = Standing.objects.get(lead=offer.lead_id)
        outcome = (results[0], offer.status, standing.stage, standing.situation)
        assert outcome in {("", "accepted", "sal", ""), ("offer_expired", "expired", "mql", "ready")}
        assert len([verb for verb in verbs(offer.lead_id) if verb in ("accept", "expire")]) == 1


def test_accepting_while_the_lead_cools_has_one_outcome(make_rep, make_offer, now):
    make_rep()
    offer = make_offer()

    def cool():
        with transaction.atomic():
            Lead.objects.select_for_update(no_key=True).get(pk=offer.lead_id)
            actions.place({offer.lead_id: verdict(offer.lead, COLD)}, now=now + timedelta(minutes=1))

    results = at_once(lambda: actions.accept(offer=offer, by=offer.rep.user, now=now), cool)
    standing = Standing.objects.get(lead=offer.lead_id)
    offer.refresh_from_db()
    assert (results[0], offer.status, standing.stage) in {
        ("", "accepted", "sal"),
        ("offer_withdrawn", "withdrawn", "lead"),
    }


def test_a_decision_and_its_opposite_have_one_outcome(make_rep, make_offer, now):
    make_rep()
    offer = make_offer()
    by = offer.rep.user
    results = at_once(
        lambda: actions.accept(offer=offer, by=by, now=now),
        lambda: actions.decline(offer=offer, by=by, now=now, reason="overloaded"),
    )
    assert results.count("") == 1
    assert len([verb for verb in verbs(offer.lead_id) if verb in ("accept", "decline")]) == 1


def test_deciding_and_filling_many_at_once_ends_without_deadlock(make_rep, make_ready, now):
    rep = make_rep(places=8, offers_per_day=100)
    for _ in range(16):
        make_ready()
    offers = actions.fill_places(now=now)
    decide = [lambda o=offer: actions.accept(offer=o, by=rep.user, now=now) for offer in offers[:4]]
    give_back = [
        lambda o=offer: actions.return_to_marketing(lead=o.lead, by=rep.user, now=now, reason="no_budget")
        for offer in offers[4:8]
    ]
    fill = [lambda: actions.fill_places(now=now)] * 3
    assert set(at_once(*decide, *give_back, *fill)) == {""}
    assert actions.fill_places(now=now) == []
    actions.fill_places(now=now + UNDO_IN_PAGE)
    worked = Standing.objects.filter(rep=rep).count()
    offered = Offer.objects.open().filter(rep=rep).count()
    assert (worked, offered) == (4, 4)


def test_counts_stay_true_under_concurrency(make_ready, make_lead, now):
    leads = [make_lead() for _ in range(8)]
    place = [lambda one=lead: actions.place({one.pk: verdict(one, HOT)}, now=now) for lead in leads]
    assert at_once(*place, actions.fold_counts, actions.fold_counts) == [""] * 10
    assert stage_counts().stages["mql"] == Standing.objects.filter(stage="mql").count() == 8


def test_an_undo_pressed_ten_times_is_one(make_rep, make_offer, now):
    make_rep()
    offer = make_offer()
    by = offer.rep.user
    actions.accept(offer=offer, by=by, now=now)
    passage = Passage.objects.get(lead=offer.lead_id, verb="accept")
    assert at_once(*[lambda: actions.undo(passage=passage, by=by, now=now)] * 10) == [""] * 10
    assert verbs(offer.lead_id).count("undo") == 1
    assert Offer.objects.get(pk=offer.pk).status == "open"


def test_an_undo_against_a_further_decision_has_one_outcome(make_rep, make_offer, now):
    make_rep()
    for _ in range(4):
        offer = make_offer()
        by = offer.rep.user
        actions.accept(offer=offer, by=by, now=now)
        passage = Passage.objects.get(lead=offer.lead_id, verb="accept")
        results = at_once(
            lambda passage=passage, by=by: actions.undo(passage=passage, by=by, now=now),
            lambda offer=offer, by=by: actions.win(lead=offer.lead, by=by, now=now),
        )
        stage = Standing.objects.get(lead=offer.lead_id).stage
        assert (*results, stage) in {("undo_moved_on", "", "customer"), ("", "not_yours", "mql")}, results


def test_an_undo_against_the_next_allocation_has_one_outcome(make_rep, make_offer, now):
    for _ in range(4):
        make_rep(places=1)
        offer = make_offer()
        by = offer.rep.user
        make_rep(places=1)
        actions.decline(offer=offer, by=by, now=now, reason="overloaded")
        passage = Passage.objects.get(lead=offer.lead_id, verb="decline")
        later = now + UNDO_IN_PAGE
        results = at_once(
            lambda passage=passage, by=by, at=later: actions.undo(passage=passage, by=by, now=at),
            lambda at=later: actions.fill_places(now=at),
        )
        assert results[0] in {"", "undo_moved_on"}
        assert Offer.objects.open().filter(lead=offer.lead_id).count() == 1
        Offer.objects.open().update(status="withdrawn", decided_at=now)
        Standing.objects.update(situation="marketing")
