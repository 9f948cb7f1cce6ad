"""F47: a lead is merged while it is scored, accepted, unsubscribed, imported or erased; in real threads."""

# ruff: noqa: B023 (the threads end within the round that started them)

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError, connections

from accounts.models import User
from funnel import actions as funnel_actions
from funnel.models import Offer
from funnel.refusals import Refused
from leads.actions.consent import record_consent, suppress
from leads.actions.erasure import erase
from leads.actions.events import record_event
from leads.actions.merge import CannotMerge, merge, unmerge
from leads.actions.people import Identity, WasErased, recognise
from leads.choices import ConsentState, ContactChannel, Origin, Purpose, SuppressionReason
from leads.consent import may_contact
from leads.models import Event, Lead, Merge
from leads.normalise import normalise_email
from leads.queries import contact_facts
from pipeline.invariants import CHECKS
from pipeline.run import run_until_idle

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 3
LATER = timedelta(minutes=5)


def at_once(*calls: Callable[[], object]) -> list[BaseException | object]:
    """Start all calls at one moment, each in a thread with its own connection; what they gave or raised."""
    barrier = threading.Barrier(len(calls))
    results: list[BaseException | object] = [None] * len(calls)

    def run(place: int, call: Callable[[], object]) -> None:
        try:
            barrier.wait()
            results[place] = call()
        except Exception as error:  # noqa: BLE001  # handed to the test
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place, call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return results


def hold(now: datetime) -> None:
    run_until_idle(now=now)
    for name, check in CHECKS.items():
        assert check(now) == [], name


@pytest.fixture
def marketer(make_user) -> User:
    return make_user("marketer")


@pytest.fixture
def couple(make_lead, now) -> Callable[[], tuple[Lead, Lead]]:
    def make() -> tuple[Lead, Lead]:
        leads = make_lead(), make_lead()
        for lead in leads:
            record_event(lead_id=lead.pk, kind="form_submitted", occurred_at=now, now=now)
        return leads

    return make


@pytest.mark.parametrize("order", ["younger_away", "older_away"])
def test_f47_while_it_is_being_scored(couple, marketer, now, order) -> None:
    for _ in range(ROUNDS):
        ours, theirs = couple() if order == "younger_away" else reversed(couple())
        merged, scored = at_once(
            lambda: merge(keep=ours, away=theirs, now=now, by=marketer),
            lambda: run_until_idle(now=now),
        )
        assert isinstance(merged, Merge)
        assert not isinstance(scored, BaseException)
    hold(now)


def test_f47_while_events_arrive_and_it_is_imported(couple, marketer, now) -> None:
    for number in range(ROUNDS):
        ours, theirs = couple()
        identity = Identity(email=normalise_email(theirs.email))
        merged, _event, met = at_once(
            lambda: merge(keep=ours, away=theirs, now=now, by=marketer),
            lambda: record_event(
                lead_id=theirs.pk, kind="quote_requested", occurred_at=now, now=now, event_id=f"late-{number}"
            ),
            lambda: recognise(identity=identity, profile={"city": "Lyon"}, origin=Origin.IMPORT, now=now),
        )
        assert isinstance(merged, Merge)
        assert met.lead.pk in {ours.pk, theirs.pk}
        run_until_idle(now=now)
        assert Event.objects.get(event_id=f"late-{number}").lead_id == ours.pk
        assert Lead.objects.get(pk=ours.pk).city == "Lyon"
    hold(now)


def test_f47_while_the_rep_accepts(make_rep, make_offer, couple, marketer, now) -> None:
    for _ in range(ROUNDS):
        make_rep(places=3)
        offer = make_offer()
        ours = couple()[0]
        run_until_idle(now=now)
        offer = Offer.objects.select_related("rep__user", "lead").get(pk=offer.pk)
        merged, accepted = at_once(
            lambda: merge(keep=ours, away=offer.lead, now=now + LATER, by=marketer),
            lambda: funnel_actions.accept(offer=offer, by=offer.rep.user, now=now + LATER),
        )
        assert isinstance(merged, Merge)
        assert isinstance(accepted, (Offer, Refused))
        offer.refresh_from_db()
        assert offer.lead_id == ours.pk
        stage = Lead.objects.select_related("standing").get(pk=ours.pk).standing.stage
        assert stage == ("sal" if isinstance(accepted, Offer) else "mql")
    hold(now + LATER)


def test_f47_i7_while_it_unsubscribes(couple, marketer, now) -> None:
    for _ in range(ROUNDS):
        ours, theirs = couple()
        record_consent(lead=ours, purpose=Purpose.NURTURING, state=ConsentState.GRANTED, now=now)

        def unsubscribe(lead: Lead = theirs) -> None:
            suppress(address=lead.email, reason=SuppressionReason.UNSUBSCRIBED, now=now)
            record_consent(
                lead=lead, purpose=Purpose.NURTURING, state=ConsentState.WITHDRAWN, now=now + LATER
            )

        merged, _done = at_once(lambda: merge(keep=ours, away=theirs, now=now, by=marketer), unsubscribe)
        assert isinstance(merged, Merge)
        run_until_idle(now=now + LATER)
        facts = contact_facts([ours.pk], at=now + LATER)[ours.pk]
        answer = may_contact(facts, channel=ContactChannel.EMAIL, purpose=Purpose.NURTURING)
        assert (answer.allowed, answer.reason) == (False, "suppressed:unsubscribed")
    hold(now + LATER)


def test_f47_two_merges_of_the_same_leads_in_opposite_ways(couple, marketer, now) -> None:
    for _ in range(ROUNDS):
        ours, theirs = couple()
        results = at_once(
            lambda: merge(keep=ours, away=theirs, now=now, by=marketer),
            lambda: merge(keep=theirs, away=ours, now=now, by=marketer),
        )
        assert sorted(type(result).__name__ for result in results) == ["CannotMerge", "Merge"]
    hold(now)


def test_f71_while_it_is_erased(couple, marketer, now) -> None:
    for _ in range(ROUNDS):
        ours, theirs = couple()
        address = theirs.email
        merged, erased, met = at_once(
            lambda: merge(keep=ours, away=theirs, now=now, by=marketer),
            lambda: erase(lead=theirs, by=marketer, now=now),
            lambda: recognise(
                identity=Identity(email=normalise_email(address)), profile={}, origin=Origin.IMPORT, now=now
            ),
        )
        assert isinstance(merged, (Merge, CannotMerge))
        assert isinstance(erased, int)
        assert not isinstance(met, OperationalError)
        run_until_idle(now=now)
        gone = Lead.objects.get(pk=theirs.pk)
        assert (gone.email, gone.erased_at) == (None, now)
        with pytest.raises(WasErased):
            recognise(
                identity=Identity(email=normalise_email(address)), profile={}, origin=Origin.IMPORT, now=now
            )
    hold(now)


def test_f47_parting_while_it_is_scored(couple, marketer, now) -> None:
    for _ in range(ROUNDS):
        ours, theirs = couple()
        run_until_idle(now=now)
        done = merge(keep=ours, away=theirs, now=now, by=marketer)
        parted, scored = at_once(
            lambda: unmerge(merge=done, now=now, by=marketer), lambda: run_until_idle(now=now)
        )
        assert not isinstance(parted, BaseException)
        assert not isinstance(scored, BaseException)
    hold(now)
