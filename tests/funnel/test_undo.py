"""Decisions taken back: everything as before, nothing told in the meantime."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from funnel import actions
from funnel.models import Offer, Opportunity, Passage, Standing
from funnel.queries import used_places
from funnel.refusals import NotYours, Refused
from funnel.stages import Stage
from leads.actions.events import record_event
from leads.models import Due, Event, Lead, Source, Webhook, WebhookDelivery
from leads.webhooks import outbox
from nurturing.models import Enrolment
from pipeline.invariants import i8_history_leads_to_where_the_lead_stands as history_breaches
from pipeline.run import run_until_idle
from tests.funnel.conftest import confirm_all

pytestmark = pytest.mark.django_db

SECONDS = timedelta(seconds=1)


def last(lead_id):
    return Passage.objects.filter(lead=lead_id).order_by("-id").first()


def picture(lead_id):
    """All that a decision may change, but for the agenda, history and an offer's deadline."""
    standing = Standing.objects.filter(lead=lead_id).values().get()
    lead = Lead.objects.filter(pk=lead_id).values("stage", "owner", "former_owner", "offered_to").get()
    offers = list(
        Offer.objects.filter(lead=lead_id)
        .order_by("id")
        .values("id", "status", "rep", "decided_at", "decided_by", "reason", "note", "value_rating", "cycle")
    )
    return standing, lead, offers, list(Opportunity.objects.filter(lead=lead_id).order_by("id").values())


def returned(standing, now, **fields):
    fields = {"reason": "no_budget"} | fields
    return actions.return_to_marketing(lead=standing.lead, by=standing.rep.user, now=now, **fields)


DECISIONS = {
    "accept": lambda offer, now: actions.accept(offer=offer, by=offer.rep.user, now=now, value_rating=4),
    "decline": lambda offer, now: actions.decline(
        offer=offer, by=offer.rep.user, now=now, reason="overloaded"
    ),
    "return": lambda offer, now: actions.return_to_marketing(
        lead=offer.lead, by=offer.rep.user, now=now, reason="no_budget", note="plus tard"
    ),
    "disqualify": lambda offer, now: actions.disqualify(
        lead=offer.lead, by=offer.rep.user, now=now, reason="spam"
    ),
}


@pytest.mark.parametrize("name", DECISIONS)
def test_undoing_a_decision_on_an_offer_restores_everything(name, make_rep, make_offer, now):
    make_rep()
    offer = make_offer()
    before, left = picture(offer.lead_id), offer.deadline - now
    DECISIONS[name](offer, now + 60 * SECONDS)
    actions.undo(passage=last(offer.lead_id), by=offer.rep.user, now=now + 65 * SECONDS)
    assert picture(offer.lead_id) == before
    offer.refresh_from_db()
    assert offer.deadline - (now + 65 * SECONDS) >= left - 60 * SECONDS
    assert history_breaches(now) == []
    assert Event.objects.filter(lead=offer.lead_id, source_id=Source.PEOPLE, voided_at=None).count() == 0


def test_undoing_what_was_decided_on_a_lead_in_work(make_rep, make_sql, now):
    make_rep()
    standing = make_sql()
    by, lead = standing.rep.user, standing.lead
    before = picture(lead.pk)
    ends = [
        lambda: actions.win(lead=lead, by=by, now=now, amount=None, product="Autre chose"),
        lambda: actions.lose(lead=lead, by=by, now=now, reason="lost_to_competitor"),
        lambda: actions.disqualify(lead=lead, by=by, now=now, reason="no_need"),
        lambda: returned(standing, now),
    ]
    for end in ends:
        end()
        assert picture(lead.pk) != before
        actions.undo(passage=last(lead.pk), by=by, now=now + 9 * SECONDS)
        assert picture(lead.pk) == before
    assert history_breaches(now) == []


def test_undoing_sal_to_sql_takes_the_opportunity_away(make_rep, make_sal, now):
    make_rep()
    standing = make_sal()
    confirm_all(standing, now)
    before = picture(standing.lead_id)
    by = standing.rep.user
    actions.qualify(
        lead=standing.lead,
        by=by,
        now=now,
        product="Audit",
        expected_amount=Decimal(100),
        expected_close=now.date(),
    )
    actions.undo(passage=last(standing.lead_id), by=by, now=now)
    assert picture(standing.lead_id) == before
    assert not Opportunity.objects.exists()


def test_moves_of_marketing_are_undone_too(make_rep, make_ready, make_user, now):
    marketer = make_user("marketer")
    standing = make_ready()
    for stage, reason in ((Stage.LEAD, "not_ripe"), (Stage.MQL, "not_ripe")):
        before = picture(standing.lead_id)
        actions.move(lead=standing.lead, to=stage, by=marketer, now=now, reason=reason)
        assert picture(standing.lead_id) != before
        actions.undo(passage=last(standing.lead_id), by=marketer, now=now)
        assert picture(standing.lead_id) == before
    actions.disqualify(lead=standing.lead, by=marketer, now=now, reason="spam")
    before = picture(standing.lead_id)
    actions.reopen(lead=standing.lead, by=marketer, now=now, reason="mistake")
    assert Standing.objects.get(lead=standing.lead_id).cycle == 2
    actions.undo(passage=last(standing.lead_id), by=marketer, now=now)
    assert picture(standing.lead_id) == before


def test_undo_too_late_moved_on_or_somebody_elses(make_rep, make_offer, make_user, now):
    make_rep()
    offer = make_offer()
    by = offer.rep.user
    actions.accept(offer=offer, by=by, now=now)
    passage = last(offer.lead_id)
    with pytest.raises(NotYours):
        actions.undo(passage=passage, by=make_rep().user, now=now)
    with pytest.raises(Refused) as refused:
        actions.undo(passage=passage, by=by, now=now + timedelta(minutes=5, seconds=1))
    assert refused.value.code == "undo_too_late"
    actions.disqualify(lead=offer.lead, by=by, now=now, reason="spam")
    with pytest.raises(Refused) as refused:
        actions.undo(passage=passage, by=by, now=now)
    assert refused.value.code == "undo_moved_on"
    manager = make_user("manager")
    actions.undo(passage=last(offer.lead_id), by=manager, now=now)
    assert Standing.objects.get(lead=offer.lead_id).stage == "sal"


def test_what_no_person_decided_cannot_be_undone(make_rep, make_offer, make_user, now):
    make_rep()
    offer = make_offer()
    with pytest.raises(Refused) as refused:
        actions.undo(passage=last(offer.lead_id), by=make_user("manager"), now=now)
    assert refused.value.code == "undo_impossible"


def test_undoing_twice_is_one_undo(make_rep, make_offer, now):
    make_rep()
    offer = make_offer()
    actions.accept(offer=offer, by=offer.rep.user, now=now)
    passage = last(offer.lead_id)
    for _ in range(3):
        actions.undo(passage=passage, by=offer.rep.user, now=now)
    assert Passage.objects.filter(verb="undo").count() == 1
    again = actions.accept(offer=Offer.objects.get(pk=offer.pk), by=offer.rep.user, now=now)
    assert again.status == "accepted"


def test_a_freed_place_counts_as_taken_until_nobody_can_undo_in_the_page(make_rep, make_sal, make_ready, now):
    rep = make_rep(places=1)
    standing = make_sal()
    waiting = make_ready()
    returned(standing, now)
    assert used_places([rep.pk], now=now)[rep.pk].total == 1
    assert used_places([rep.pk], now=now + 10 * SECONDS)[rep.pk].total == 0
    assert actions.fill_places(now=now + 9 * SECONDS) == []
    run_until_idle(now=now + 9 * SECONDS)
    assert not Offer.objects.open().exists()
    assert run_until_idle(now=now + 10 * SECONDS).offered == 1
    assert Offer.objects.open().get().lead_id == waiting.lead_id


def test_after_its_place_was_given_away_a_decision_stands(make_rep, make_sal, make_ready, now):
    make_rep(places=1)
    standing = make_sal()
    by = standing.rep.user
    make_ready()
    returned(standing, now)
    passage = last(standing.lead_id)
    actions.fill_places(now=now + 10 * SECONDS)
    with pytest.raises(Refused) as refused:
        actions.undo(passage=passage, by=by, now=now + 11 * SECONDS)
    assert refused.value.code == "undo_no_place"
    assert Standing.objects.get(lead=standing.lead_id).stage == "recycled"


def test_a_declined_lead_is_offered_to_nobody_else_for_ten_seconds(make_rep, make_offer, now):
    make_rep()
    offer = make_offer()
    make_rep()
    actions.decline(offer=offer, by=offer.rep.user, now=now, reason="overloaded")
    assert actions.fill_places(now=now + 5 * SECONDS) == []
    assert len(actions.fill_places(now=now + 10 * SECONDS)) == 1


@pytest.fixture
def told(db, make_user, now):
    """A webhook that wants to hear of returns."""
    Webhook.objects.create(
        name="CRM", url="https://crm.example/x", kinds=["returned", "decision_undone"], created_at=now
    )
    outbox.forget()
    yield WebhookDelivery.objects
    outbox.forget()


def test_undone_at_five_seconds_nothing_ever_followed(make_rep, make_sal, now, told):
    make_rep()
    standing = make_sal()
    run_until_idle(now=now + timedelta(minutes=1))
    at = now + timedelta(minutes=2)
    returned(standing, at, reason="project_far", wake_month=(at + timedelta(days=120)).date())
    run_until_idle(now=at + 4 * SECONDS)
    assert told.filter(due_at__lte=at + 9 * SECONDS).count() == 0
    actions.undo(passage=last(standing.lead_id), by=standing.rep.user, now=at + 5 * SECONDS)
    run_until_idle(now=at + timedelta(minutes=10))
    assert told.count() == 0
    assert not Enrolment.objects.filter(lead=standing.lead_id, track__code="incubation").exists()
    assert Standing.objects.get(lead=standing.lead_id).stage == "sal"
    assert not Due.objects.filter(lead_id=standing.lead_id, purpose="funnel.decided").exists()


def test_after_eleven_seconds_everything_followed_once(make_rep, make_sal, now, told):
    make_rep()
    standing = make_sal()
    run_until_idle(now=now + timedelta(minutes=1))
    at = now + timedelta(minutes=2)
    returned(standing, at, reason="project_far", wake_month=(at + timedelta(days=120)).date())
    for later in (11, 12, 60):
        run_until_idle(now=at + later * SECONDS)
    assert told.filter(due_at__lte=at + 11 * SECONDS).count() == 1
    assert Enrolment.objects.filter(lead=standing.lead_id, track__code="incubation").count() == 1


def test_undone_after_webhooks_were_told_they_are_told_again(make_rep, make_sal, now, told):
    make_rep()
    standing = make_sal()
    returned(standing, now)
    told.update(state="delivered", attempts=1)
    actions.undo(passage=last(standing.lead_id), by=standing.rep.user, now=now + 60 * SECONDS)
    assert set(told.values_list("kind", flat=True)) == {"returned", "decision_undone"}


def test_figures_leave_out_what_was_undone(make_rep, make_offer, now):
    make_rep()
    offer = make_offer()
    actions.accept(offer=offer, by=offer.rep.user, now=now)
    actions.undo(passage=last(offer.lead_id), by=offer.rep.user, now=now)
    lasting = Passage.objects.filter(lead=offer.lead_id).lasting()
    assert [one.verb for one in lasting.order_by("id")] == ["enter", "gate", "offer"]


def test_whatever_happens_in_those_seconds_the_lead_stays_until_the_decision_is_settled(
    make_rep, make_offer, now
):
    make_rep()
    offer = make_offer()
    lead, by = offer.lead, offer.rep.user
    actions.return_to_marketing(lead=lead, by=by, now=now, reason="no_budget")
    later = now + 3 * SECONDS
    record_event(lead_id=lead.pk, kind="quote_requested", occurred_at=later, now=later)
    run_until_idle(now=now + 9 * SECONDS)
    assert Standing.objects.get(lead=lead).stage == "recycled"
    run_until_idle(now=now + 10 * SECONDS)
    assert Standing.objects.get(lead=lead).cycle == 2


def test_undo_against_the_next_allocation_and_a_second_press(make_rep, make_offer, now, db):
    """One after the other: whoever is first decides, the other is told."""
    make_rep()
    offer = make_offer()
    make_rep()
    by = offer.rep.user
    actions.decline(offer=offer, by=by, now=now, reason="overloaded")
    passage = last(offer.lead_id)
    assert len(actions.fill_places(now=now + 10 * SECONDS)) == 1
    with pytest.raises(Refused) as refused:
        actions.undo(passage=passage, by=by, now=now + 11 * SECONDS)
    assert refused.value.code == "undo_moved_on"


def test_undo_over_http(client, make_rep, make_offer, make_user, now):
    make_rep()
    offer = make_offer()
    actions.accept(offer=offer, by=offer.rep.user, now=timezone.now())
    passage = last(offer.lead_id)
    url = reverse("funnel:undo", args=[passage.pk])
    client.force_login(make_rep().user)
    assert client.post(url).status_code == 404
    client.force_login(offer.rep.user)
    assert client.get(url).status_code == 405
    response = client.post(url, {"back": "https://evil.example/"})
    assert (response.status_code, response["Location"]) == (302, f"/inbox/{offer.pk}/")
    actions.accept(offer=Offer.objects.get(pk=offer.pk), by=offer.rep.user, now=timezone.now())
    refused = client.post(url)
    assert refused.status_code == 409
    assert "changé depuis" in refused.content.decode() or "moved on" in refused.content.decode()
    again = client.post(url, headers={"HX-Request": "true"})
    assert again.status_code == 409
