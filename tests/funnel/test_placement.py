"""Verdicts moving real leads."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from funnel import actions
from funnel.models import Offer, Opportunity, Passage, Standing
from leads.actions.events import record_event
from leads.models import Due, Event, Lead, Wake
from scoring.models import LeadScore
from tests.funnel.conftest import COLD, HOT, WARM, verdict

pytestmark = pytest.mark.django_db


def where(lead):
    standing = Standing.objects.get(lead=lead)
    return standing.stage, standing.situation, standing.cycle


def passages(lead):
    return list(
        Passage.objects.filter(lead=lead).order_by("id").values_list("verb", "to_stage", "to_situation")
    )


def kinds(lead):
    return list(Event.objects.filter(lead=lead).order_by("id").values_list("kind__code", flat=True))


def test_a_new_lead_enters_the_funnel(make_lead, now):
    lead = make_lead()
    actions.place({lead.pk: verdict(lead, COLD)}, now=now)
    assert where(lead) == ("lead", "", 1)
    assert passages(lead) == [("enter", "lead", "")]


def test_a_hot_lead_enters_and_is_ready_in_one_run(make_lead, now):
    lead = make_lead()
    actions.place({lead.pk: verdict(lead, HOT, fast_path="quote")}, now=now)
    assert where(lead) == ("mql", "ready", 1)
    assert passages(lead) == [("enter", "lead", ""), ("gate", "mql", "ready")]
    assert kinds(lead) == ["became_mql", "ready"]
    assert Passage.objects.get(lead=lead, verb="gate").cause == "quote"


def test_placing_twice_changes_nothing(make_lead, now):
    lead = make_lead()
    actions.place({lead.pk: verdict(lead, HOT)}, now=now)
    before = passages(lead)
    assert actions.place({lead.pk: verdict(lead, HOT)}, now=now) == []
    assert passages(lead) == before


def test_what_the_pipeline_writes_wakes_nobody(make_lead, now):
    lead = make_lead()
    actions.place({lead.pk: verdict(lead, HOT)}, now=now)
    assert not Wake.objects.filter(lead_id=lead.pk).exists()


def test_a_passage_keeps_the_scores_of_its_instant(make_lead, now):
    lead = make_lead()
    scored = verdict(lead, WARM)
    names = [field.name for field in LeadScore._meta.fields if hasattr(scored, field.name)]
    LeadScore.objects.create(
        lead=lead, as_of=now.date(), updated_at=now, **{name: getattr(scored, name) for name in names}
    )
    actions.place({lead.pk: scored}, now=now)
    LeadScore.objects.filter(lead=lead).update(fit=1, grade="D")
    passage = Passage.objects.get(lead=lead, verb="gate")
    assert (passage.fit, passage.engagement, passage.grade, passage.level, passage.rules_version) == (
        80_000,
        60_000,
        "A",
        2,
        1,
    )


def test_an_unreachable_lead_becomes_an_mql_but_is_never_ready(make_lead, now):
    lead = make_lead(email=None, reference="mql-1")
    actions.place({lead.pk: verdict(lead, HOT)}, now=now)
    assert where(lead) == ("mql", "marketing", 1)


def test_merged_and_erased_leads_are_left_alone(make_lead, now):
    other = make_lead()
    gone, erased = make_lead(merged_into=other), make_lead(erased_at=now)
    actions.place({one.pk: verdict(one, HOT) for one in (gone, erased)}, now=now)
    assert not Standing.objects.exists()


def test_cooling_withdraws_the_open_offer(make_rep, make_offer, now):
    make_rep()
    offer = make_offer()
    tomorrow = now + timedelta(hours=1)
    actions.place({offer.lead_id: verdict(offer.lead, COLD)}, now=tomorrow)
    offer.refresh_from_db()
    assert offer.status == "withdrawn"
    assert where(offer.lead) == ("lead", "", 1)
    assert Lead.objects.get(pk=offer.lead_id).offered_to is None


def test_a_second_passage_the_same_day_waits_for_midnight(make_lead, now):
    lead = make_lead()
    for says, hours in ((WARM, 0), (COLD, 1), (WARM, 2)):
        actions.place({lead.pk: verdict(lead, says)}, now=now + timedelta(hours=hours))
    assert where(lead) == ("lead", "", 1)
    due = Due.objects.get(lead_id=lead.pk, purpose="funnel.gate").due_at
    assert due == now.replace(hour=23)  # midnight in Paris
    actions.place({lead.pk: verdict(lead, WARM)}, now=due)
    assert where(lead) == ("mql", "marketing", 1)


def returned(offer, now):
    actions.return_to_marketing(lead=offer.lead, by=offer.rep.user, now=now, reason="no_budget")


def test_a_returned_lead_wakes_on_its_date_in_a_new_cycle(make_rep, make_offer, now):
    make_rep()
    offer = make_offer()
    returned(offer, now)
    before, on_time = now + timedelta(days=89), now + timedelta(days=90)
    actions.place({offer.lead_id: verdict(offer.lead, HOT)}, now=before)
    assert where(offer.lead) == ("recycled", "", 1)
    actions.place({offer.lead_id: verdict(offer.lead, WARM)}, now=on_time)
    assert where(offer.lead) == ("mql", "marketing", 2)


def test_a_strong_event_wakes_a_returned_lead_at_once(make_rep, make_offer, now):
    make_rep()
    offer = make_offer()
    returned(offer, now)
    later = now + timedelta(days=3)
    record_event(lead_id=offer.lead_id, kind="quote_requested", occurred_at=later, now=later)
    actions.place({offer.lead_id: verdict(offer.lead, HOT)}, now=later + timedelta(seconds=1))
    assert where(offer.lead) == ("mql", "ready", 2)


def test_f35_a_strong_event_of_long_ago_wakes_nobody(make_rep, make_offer, now):
    make_rep()
    offer = make_offer()
    returned(offer, now)
    record_event(
        lead_id=offer.lead_id, kind="quote_requested", occurred_at=now - timedelta(days=400), now=now
    )
    actions.place({offer.lead_id: verdict(offer.lead, HOT)}, now=now + timedelta(days=1))
    assert where(offer.lead) == ("recycled", "", 1)


def test_a_purchase_makes_a_customer_without_any_rep(make_lead, now):
    lead = make_lead()
    record_event(lead_id=lead.pk, kind="purchase", occurred_at=now, now=now, properties={"amount": "1250.50"})
    actions.place({lead.pk: verdict(lead, WARM)}, now=now + timedelta(seconds=1))
    assert where(lead) == ("customer", "", 1)
    opportunity = Opportunity.objects.get(lead=lead)
    assert (opportunity.outcome, str(opportunity.amount)) == ("won", "1250.50")


def test_an_old_purchase_does_not_convert_a_reopened_customer_again(make_lead, make_user, now):
    lead = make_lead()
    record_event(lead_id=lead.pk, kind="purchase", occurred_at=now, now=now)
    actions.place({lead.pk: verdict(lead, WARM)}, now=now)
    actions.reopen(lead=lead, by=make_user("marketer"), now=now + timedelta(hours=1), reason="new_project")
    actions.place({lead.pk: verdict(lead, WARM)}, now=now + timedelta(hours=2))
    assert where(lead) == ("mql", "marketing", 2)


def test_priority_follows_the_score_without_a_passage(make_lead, now):
    lead = make_lead()
    actions.place({lead.pk: verdict(lead, WARM, priority=5)}, now=now)
    actions.place({lead.pk: verdict(lead, WARM, priority=9)}, now=now)
    assert Standing.objects.get(lead=lead).priority == 9
    assert len(passages(lead)) == 2


def test_a_batch_costs_no_more_queries_than_one_lead(make_lead, now):
    def queries(leads):
        with CaptureQueriesContext(connection) as seen, transaction.atomic():
            actions.place({lead.pk: verdict(lead, HOT) for lead in leads}, now=now)
        return len(seen)

    queries([make_lead()])  # what a process remembers is read once
    assert queries([make_lead()]) == queries([make_lead() for _ in range(30)])


def test_offers_over_their_deadline_expire_when_the_agenda_brings_the_lead(make_rep, make_offer, now):
    make_rep()
    offer = make_offer()
    assert Due.objects.get(lead_id=offer.lead_id, purpose="funnel.deadline").due_at == offer.deadline
    actions.place({offer.lead_id: verdict(offer.lead, HOT)}, now=offer.deadline)
    assert Offer.objects.get(pk=offer.pk).status == "expired"
    assert where(offer.lead) == ("mql", "ready", 1)
