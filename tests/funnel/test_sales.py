"""From SAL to SQL, won, lost and referred."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from funnel import actions
from funnel.actions.referrals import record_transfer_consent
from funnel.checklist import State
from funnel.models import ChecklistAnswer, Opportunity, Passage, Standing
from funnel.queries import checklists
from funnel.refusals import Incomplete, NotYours, Refused
from leads.models import Event, Lead
from tests.funnel.conftest import confirm_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def sal(make_rep, make_sal):
    make_rep()
    return make_sal()


def qualify(standing, now, **changes):
    values = {
        "product": "Audit",
        "expected_amount": Decimal(9000),
        "expected_close": now.date() + timedelta(days=30),
    } | changes
    return actions.qualify(lead=standing.lead, by=standing.rep.user, now=now, **values)


def test_sql_is_refused_with_exactly_what_is_missing(sal, now, settings):
    actions.confirm(lead=sal.lead, item="budget", by=sal.rep.user, now=now, value="40 k€")
    actions.confirm(
        lead=sal.lead, item="authority", by=sal.rep.user, now=now, state=State.ASSUMED, value="la DAF"
    )
    with pytest.raises(Refused) as refused:
        qualify(sal, now)
    assert refused.value.code == "checklist_incomplete"
    assert refused.value.values["codes"] == ["decision_process", "authority"]
    assert Standing.objects.get(lead=sal.lead).stage == "sal"


def test_sql_opens_an_opportunity(sal, now):
    confirm_all(sal, now)
    qualify(sal, now)
    opportunity = Opportunity.objects.get(lead=sal.lead)
    assert (opportunity.product, opportunity.expected_amount, opportunity.outcome) == ("Audit", 9000, "")
    assert Standing.objects.get(lead=sal.lead).stage == "sql"
    assert Event.objects.filter(lead=sal.lead, kind__code="qualified").exists()


def test_b46_qualifying_twice_is_done_once(sal, now):
    confirm_all(sal, now)
    qualify(sal, now)
    qualify(sal, now)
    assert Passage.objects.filter(lead=sal.lead, verb="qualify").count() == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"product": " "}, "product_required"),
        ({"product": "x" * 201}, "value_too_long"),
        ({"expected_amount": None}, "amount_required"),
        ({"expected_amount": Decimal(-1)}, "amount_impossible"),
        ({"expected_amount": Decimal("NaN")}, "amount_impossible"),
        ({"expected_amount": Decimal("Infinity")}, "amount_impossible"),
        ({"expected_amount": Decimal("1e999999")}, "amount_impossible"),
        ({"expected_amount": Decimal(10000000000)}, "amount_impossible"),
        ({"expected_close": None}, "close_date_required"),
        ({"expected_close": date(2020, 1, 1)}, "close_date_past"),
    ],
)
def test_b59_an_opportunity_needs_possible_figures(sal, now, changes, code):
    confirm_all(sal, now)
    with pytest.raises(Incomplete) as refused:
        qualify(sal, now, **changes)
    assert refused.value.code == code
    assert Standing.objects.get(lead=sal.lead).stage == "sal"


def test_the_checklist_keeps_value_evidence_who_and_when(sal, now):
    actions.confirm(lead=sal.lead, item="budget", by=sal.rep.user, now=now, value="40 k€", evidence="appel")
    answer = ChecklistAnswer.objects.get(lead=sal.lead)
    assert (answer.value, answer.evidence, answer.by, answer.at) == ("40 k€", "appel", sal.rep.user, now)
    assert checklists([sal])[sal.lead_id].progress.confirmed == 1


@pytest.mark.parametrize(
    ("item", "value", "code"),
    [
        ("budget", " ", "value_required"),
        ("mood", "good", "item_unknown"),
        ("budget", "x" * 501, "value_too_long"),
    ],
)
def test_b13_the_checklist_takes_only_its_own_items(sal, now, item, value, code):
    with pytest.raises(Incomplete) as refused:
        actions.confirm(lead=sal.lead, item=item, by=sal.rep.user, now=now, value=value)
    assert refused.value.code == code


def test_b44_another_reps_checklist_does_not_exist(sal, make_rep, now):
    with pytest.raises(NotYours):
        actions.confirm(lead=sal.lead, item="budget", by=make_rep().user, now=now, value="oui")


def test_winning_keeps_the_owner_and_frees_the_place(make_rep, make_sql, now):
    make_rep()
    standing = make_sql()
    rep = standing.rep.user
    actions.win(lead=standing.lead, by=rep, now=now, amount=Decimal("11500.5"))
    after = Standing.objects.select_related("lead").get(lead=standing.lead)
    assert (after.stage, after.rep, after.lead.owner) == ("customer", None, rep)
    opportunity = Opportunity.objects.get(lead=standing.lead)
    assert (opportunity.outcome, opportunity.amount, opportunity.expected_amount) == (
        "won",
        Decimal("11500.50"),
        Decimal("12000.00"),
    )
    actions.win(lead=standing.lead, by=rep, now=now)
    assert Passage.objects.filter(lead=standing.lead, verb="win").count() == 1


def test_a_sal_may_be_won_without_having_been_qualified(sal, now):
    actions.win(lead=sal.lead, by=sal.rep.user, now=now)
    assert Opportunity.objects.get(lead=sal.lead).outcome == "won"


def test_the_reason_says_where_a_lost_lead_goes(make_rep, make_sql, now):
    make_rep(places=9)
    recycled, gone = make_sql(), make_sql()
    actions.lose(lead=recycled.lead, by=recycled.rep.user, now=now, reason="lost_to_competitor")
    actions.lose(lead=gone.lead, by=gone.rep.user, now=now, reason="no_need")
    one, other = (Standing.objects.get(lead=one.lead) for one in (recycled, gone))
    assert (one.stage, one.wake_on) == ("recycled", now.date() + timedelta(days=365))
    assert (other.stage, other.wake_on) == ("disqualified", None)
    assert set(Passage.objects.filter(verb="lose").values_list("outcome", flat=True)) == {"lost"}
    assert Lead.objects.get(pk=gone.lead_id).former_owner == gone.rep.user


def test_f49_a_sal_cannot_be_lost(sal, now):
    with pytest.raises(Refused) as refused:
        actions.lose(lead=sal.lead, by=sal.rep.user, now=now, reason="no_need")
    assert refused.value.code == "not_qualified"


def test_referring_is_neither_lost_nor_negative(sal, make_partner, now):
    record_transfer_consent(lead=sal.lead, way="phone", by=sal.rep.user, now=now)
    actions.refer(lead=sal.lead, by=sal.rep.user, now=now, partner=make_partner(name="Cabinet Lemoine"))
    passage = Passage.objects.get(lead=sal.lead, verb="refer")
    assert (passage.outcome, passage.to_stage, passage.details) == (
        "referred",
        "disqualified",
        {"partner": "Cabinet Lemoine"},
    )
    assert passage.reason.teaches == "neutral"
    assert Event.objects.get(lead=sal.lead, kind__code="referred").properties["reason"] == "better_served"


def test_returning_an_sql_closes_its_opportunity(make_rep, make_sql, now):
    make_rep()
    standing = make_sql()
    actions.return_to_marketing(
        lead=standing.lead, by=standing.rep.user, now=now, reason="project_far", wake_month=date(2026, 12, 1)
    )
    assert Opportunity.objects.get(lead=standing.lead).outcome == "lost"
    assert Standing.objects.get(lead=standing.lead).wake_on == date(2026, 11, 1)


def test_a_new_cycle_has_a_new_checklist(make_rep, make_sql, make_user, now):
    make_rep()
    standing = make_sql()
    actions.win(lead=standing.lead, by=standing.rep.user, now=now)
    actions.reopen(lead=standing.lead, by=make_user("marketer"), now=now, reason="new_project")
    standing.refresh_from_db()
    assert standing.cycle == 2
    assert checklists([standing])[standing.lead_id].progress.confirmed == 0
