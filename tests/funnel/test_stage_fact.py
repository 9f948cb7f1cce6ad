"""Each lead knows where it stands, by whatever way it came there, and its history knows since when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from funnel import actions
from funnel.actions.imports import ImportedOutcome, record_outcomes
from funnel.actions.passages import Step, pass_on
from funnel.models import Standing
from funnel.stages import MARKETING, Stage, Verb
from leads.models import Lead, ProfileChange
from pipeline.invariants import leads_know_where_they_stand
from tests.funnel.conftest import COLD, HOT, WARM, verdict

pytestmark = pytest.mark.django_db


def stages_of(lead):
    rows = ProfileChange.objects.filter(lead=lead, field="stage").order_by("id")
    return [(row.old, row.new, row.at) for row in rows]


def test_a_passage_through_the_gate_is_told_to_the_lead(make_lead, now):
    lead = make_lead()
    actions.place({lead.pk: verdict(lead, COLD)}, now=now)
    lead.refresh_from_db()
    assert (lead.stage, stages_of(lead)) == ("lead", [])
    actions.place({lead.pk: verdict(lead, WARM)}, now=now)
    lead.refresh_from_db()
    assert (lead.stage, stages_of(lead)) == ("mql", [("lead", "mql", now)])


def test_becoming_ready_is_no_change_of_stage(make_lead, now):
    lead = make_lead()
    actions.place({lead.pk: verdict(lead, WARM)}, now=now)
    actions.place({lead.pk: verdict(lead, HOT)}, now=now + timedelta(hours=1))
    assert len(stages_of(lead)) == 1


def test_many_at_once_are_told_in_one_statement(make_lead, now, django_assert_num_queries):
    def statements(count):
        leads = [make_lead() for _ in range(count)]
        actions.place({lead.pk: verdict(lead, COLD) for lead in leads}, now=now)
        steps = [
            Step(standing, Verb.GATE, MARKETING, now)
            for standing in Standing.objects.filter(lead__in=[lead.pk for lead in leads])
        ]
        with django_assert_num_queries(1):
            pass_on(steps)
        assert set(
            Lead.objects.filter(pk__in=[lead.pk for lead in leads]).values_list("stage", flat=True)
        ) == {"mql"}

    statements(1)
    statements(3)


def test_what_people_decide_is_told_with_who_did_it(make_rep, make_sql, make_user, now):
    make_rep()
    standing = make_sql()
    lead = standing.lead
    actions.win(lead=lead, by=standing.rep.user, now=now)
    lead.refresh_from_db()
    assert lead.stage == "customer"
    actions.reopen(lead=lead, by=make_user("marketer"), now=now, reason="mistake")
    lead.refresh_from_db()
    assert lead.stage == "lead"
    last = ProfileChange.objects.filter(lead=lead, field="stage").latest("id")
    assert (last.old, last.new, last.by.role) == ("customer", "lead", "marketer")
    assert leads_know_where_they_stand(now) == []


def test_imported_histories_are_told_at_their_own_times(make_lead, make_rep, now):
    rep = make_rep()
    came, won = now - timedelta(days=90), now - timedelta(days=30)
    outcomes = [
        ImportedOutcome(make_lead().pk, came, stage, reached_at=won, accepted_by=rep.user) for stage in Stage
    ]
    record_outcomes(outcomes, now=now)
    for outcome in outcomes:
        assert Lead.objects.get(pk=outcome.lead_id).stage == outcome.stage
    worked = Standing.objects.exclude(rep=None)
    assert {(one.stage, one.rep_id) for one in worked} == {("sal", rep.pk), ("sql", rep.pk)}
    customer = next(one.lead_id for one in outcomes if one.stage is Stage.CUSTOMER)
    assert stages_of(customer) == [
        ("lead", "mql", came), ("mql", "sal", won), ("sal", "sql", won), ("sql", "customer", won)
    ]  # fmt: skip
    assert leads_know_where_they_stand(now) == []


def test_the_invariant_finds_a_lead_that_was_not_told(make_rep, make_sal, now):
    make_rep()
    standing = make_sal()
    assert leads_know_where_they_stand(now) == []
    Standing.objects.filter(lead=standing.lead).update(stage="sql")
    assert leads_know_where_they_stand(now) == [standing.lead_id]
