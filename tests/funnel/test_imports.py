"""Imported history."""

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from funnel import actions
from funnel.actions.imports import Imported, ImportedOutcome
from funnel.models import Opportunity, Passage, Standing
from funnel.queries import stage_counts
from funnel.stages import Stage
from leads.models import Event, Lead
from tests.funnel.conftest import COLD, WARM, verdict

pytestmark = pytest.mark.django_db

FIRST = datetime(2017, 6, 14, tzinfo=UTC)
WON = datetime(2018, 2, 1, 15, 30, tzinfo=UTC)


def outcome(lead, **values):
    return ImportedOutcome(lead_id=lead.pk, entered_at=FIRST, **values)


def test_a_won_lead_has_its_whole_way_at_the_dates_that_are_known(make_lead, make_user, now):
    sdr, closer = make_user("rep", last_name="Sdr"), make_user("rep", last_name="Closer")
    lead = make_lead()
    won = outcome(
        lead, stage=Stage.CUSTOMER, reached_at=WON, accepted_by=sdr, closed_by=closer, amount=Decimal(900)
    )
    assert actions.record_outcomes([won], now=now) == Imported(recorded=1, skipped=0)
    rows = Passage.objects.filter(lead=lead).order_by("id")
    assert list(rows.values_list("verb", "to_stage", "at", "actor")) == [
        ("enter", "lead", FIRST, None),
        ("gate", "mql", FIRST, None),
        ("offer", "mql", WON, None),
        ("accept", "sal", WON, sdr.pk),
        ("qualify", "sql", WON, sdr.pk),
        ("win", "customer", WON, closer.pk),
    ]
    assert all(row.is_imported and row.fit is None for row in rows)
    assert Lead.objects.get(pk=lead.pk).owner == closer
    assert Opportunity.objects.get(lead=lead).amount == 900
    won_event = Event.objects.get(lead=lead, kind__code="won")
    assert (won_event.occurred_at, won_event.source_id) == (WON, 1)


def test_an_imported_mql_stays_one_until_the_gate_has_seen_it(make_lead, now):
    lead = make_lead(email=None, reference="a1")
    actions.record_outcomes([outcome(lead)], now=now)
    actions.place({lead.pk: verdict(lead, COLD)}, now=now)
    assert Standing.objects.get(lead=lead).stage == "mql"
    actions.place({lead.pk: verdict(lead, WARM)}, now=now)
    actions.place({lead.pk: verdict(lead, COLD)}, now=now)
    assert Standing.objects.get(lead=lead).stage == "lead"


def test_importing_twice_records_once(make_lead, now):
    lead = make_lead()
    actions.record_outcomes([outcome(lead)], now=now)
    again = actions.record_outcomes([outcome(lead, stage=Stage.CUSTOMER, reached_at=WON)], now=now)
    assert (again.recorded, again.skipped) == (0, 1)
    assert Standing.objects.get(lead=lead).stage == "mql"


def test_a_customer_nobody_sold_to_converted_by_itself(make_lead, now):
    lead = make_lead()
    actions.record_outcome(outcome(lead, stage=Stage.CUSTOMER, reached_at=WON), now=now)
    assert Passage.objects.filter(lead=lead).latest("id").verb == "convert"


@pytest.mark.parametrize("stage", [Stage.SAL, Stage.SQL])
def test_a_history_that_cannot_be_is_refused(make_lead, now, stage):
    with pytest.raises(ValueError, match="imported"):
        actions.record_outcome(outcome(make_lead(), stage=stage), now=now)


def test_a_lost_lead_rests_and_wakes(make_lead, now):
    lead = make_lead()
    actions.record_outcome(outcome(lead, stage=Stage.RECYCLED, reached_at=WON), now=now)
    standing = Standing.objects.get(lead=lead)
    assert (standing.stage, standing.wake_on) == ("recycled", (WON + timedelta(days=30)).date())
    assert [p.verb for p in Passage.objects.filter(lead=lead).order_by("id")][-1] == "lose"


def test_thousands_are_imported_in_seconds(make_user, now):
    closer = make_user("rep")
    leads = Lead.objects.bulk_create(Lead(reference=f"o{number}", created_at=FIRST) for number in range(4000))
    outcomes = [
        outcome(lead, stage=Stage.CUSTOMER, reached_at=WON, closed_by=closer)
        if number % 10 == 0
        else outcome(lead)
        for number, lead in enumerate(leads)
    ]
    began = time.perf_counter()
    actions.record_outcomes(outcomes, now=now)
    assert time.perf_counter() - began < 10
    assert stage_counts().stages[Stage.CUSTOMER] == 400
    assert stage_counts().stages[Stage.MQL] == 3600
