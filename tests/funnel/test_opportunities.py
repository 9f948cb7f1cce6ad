"""Products, revised expectations, what the pipeline is worth, competitors; conversions without a rep."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel import actions
from funnel.actions.revising import revise
from funnel.goals import Goal, possible_amount, reached
from funnel.models import ConversionGoal, Opportunity, OpportunityChange, Product, Standing
from funnel.pipeline import LEAST_CLOSED, OpenBusiness, Record, pipeline_value
from funnel.queries.pipeline_value import pipeline_of
from funnel.queries.products import known_competitors
from funnel.refusals import Incomplete, NotYours, Refused
from leads.actions.events import record_event
from leads.kinds import BY_CODE
from leads.models import Source
from tests.funnel.conftest import HOT, confirm_all, verdict

amounts = st.decimals(0, 10**6, places=2)
business = st.lists(st.builds(OpenBusiness, amounts, st.dates()), max_size=8)
records = st.builds(Record, st.integers(0, 99), st.integers(0, 99))


@given(business, records, st.dates())
def test_the_weighted_value_never_exceeds_the_sum(rows, record, today):
    value = pipeline_value(rows, record, today)
    assert value.total == sum(one.amount for one in rows)
    assert (value.weighted is None) == (record.closed < LEAST_CLOSED)
    assert value.weighted is None or 0 <= value.weighted <= value.total + 1
    assert value.overdue <= value.number == len(rows)


@given(st.text(max_size=8) | st.decimals() | st.none() | st.floats())
def test_b59_only_possible_amounts_are_taken_from_events(value):
    amount = possible_amount(value)
    assert amount is None or (amount.is_finite() and 0 <= amount < Decimal(10) ** 10)


@pytest.mark.parametrize(
    ("goal", "properties", "converts"),
    [
        (Goal(1), {}, True),
        (Goal(2), {}, False),
        (Goal(1, "plan", "Pro"), {"plan": "pro"}, True),
        (Goal(1, "plan", "Pro"), {}, False),
        (Goal(1, least_amount=Decimal(100)), {"amount": "99.99"}, False),
        (Goal(1, least_amount=Decimal(100)), {"amount": 100}, True),
        (Goal(1, least_amount=Decimal(100)), {"amount": "much"}, False),
    ],
)
def test_a_goal_has_its_conditions(goal, properties, converts):
    assert reached([goal], 1, properties) is converts


pytestmark = pytest.mark.django_db


@pytest.fixture
def sql(make_rep, make_sql):
    make_rep(places=20, offers_per_day=50)
    return make_sql()


def revised(standing, now, **changes):
    values = {
        "product": "Audit énergétique",
        "expected_amount": Decimal(12000),
        "expected_close": now.date() + timedelta(days=60),
    } | changes
    return revise(lead=standing.lead, by=standing.rep.user, now=now, **values)


def test_the_usual_amount_of_the_product_is_expected_where_none_is_typed(make_rep, make_sal, now):
    make_rep()
    Product.objects.create(label_fr="Audit", label_en="Energy audit", usual_amount=7500)
    sal = make_sal()
    confirm_all(sal, now)
    actions.qualify(
        lead=sal.lead,
        by=sal.rep.user,
        now=now,
        product="energy audit",
        expected_amount=None,
        expected_close=now.date(),
    )
    assert Opportunity.objects.get().expected_amount == 7500


def test_what_is_revised_is_kept_and_what_stays_leaves_no_trace(sql, now):
    revised(sql, now)
    assert not OpportunityChange.objects.exists()
    revised(sql, now, expected_amount=Decimal(9000))
    change = OpportunityChange.objects.get()
    assert (change.field, change.old, change.new) == ("expected_amount", "12000.00", "9000.00")
    assert Opportunity.objects.get().expected_amount == 9000


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"product": " "}, "product_required"),
        ({"expected_amount": Decimal(-1)}, "amount_impossible"),
        ({"expected_close": None}, "close_date_required"),
    ],
)
def test_b59_revisions_need_possible_figures(sql, now, changes, code):
    with pytest.raises(Incomplete) as refused:
        revised(sql, now, **changes)
    assert refused.value.code == code


def test_b44_b46_only_an_open_opportunity_of_ones_own_is_revised(sql, make_rep, now):
    stranger = make_rep()
    with pytest.raises(NotYours):
        revise(lead=sql.lead, by=stranger.user, now=now, product="x", expected_amount=1, expected_close=None)
    rep = sql.rep
    actions.win(lead=sql.lead, by=rep.user, now=now)
    sql.rep = rep
    stranger.user.role = "manager"
    stranger.user.save()
    with pytest.raises(Refused) as refused:
        revise(
            lead=sql.lead,
            by=stranger.user,
            now=now,
            product="x",
            expected_amount=Decimal(1),
            expected_close=now.date(),
        )
    assert refused.value.code == "not_an_sql"


def test_the_pipeline_adds_up_what_is_open(sql, make_sql, now):
    other = make_sql()
    value = pipeline_of(sql.rep, now=now)
    assert (value.number, value.total, value.weighted, value.overdue) == (2, 24000, None, 0)
    actions.win(lead=other.lead, by=other.rep.user, now=now, amount=Decimal(1))
    later = pipeline_of(None, now=now + timedelta(days=61))
    assert (later.number, later.overdue, later.record.won) == (1, 1, 1)


def test_the_competitor_is_named_and_suggested(sql, now):
    actions.lose(lead=sql.lead, by=sql.rep.user, now=now, reason="lost_to_competitor", competitor="  Voltia ")
    assert Opportunity.objects.get().competitor == "Voltia"
    assert known_competitors() == ["Voltia"]


def trial(lead, now, **properties):
    record_event(
        lead_id=lead.pk,
        kind="trial_started",
        occurred_at=now,
        now=now,
        source=Source.PEOPLE,
        properties=properties,
    )


def test_a_goal_makes_a_customer_without_a_rep(make_lead, now):
    ConversionGoal.objects.create(kind_id=BY_CODE["trial_started"].id, only_property="plan", only_value="pro")
    free, pro = make_lead(), make_lead()
    trial(free, now, plan="free")
    trial(pro, now, plan="Pro", amount="49")
    actions.place({one.pk: verdict(one, HOT) for one in (free, pro)}, now=now)
    assert [Standing.objects.get(lead=one).stage for one in (free, pro)] == ["mql", "customer"]
    assert Opportunity.objects.get(lead=pro).amount == 49


def test_a_goal_out_of_use_converts_nobody(make_lead, now):
    ConversionGoal.objects.update(is_active=False)
    lead = make_lead()
    record_event(
        lead_id=lead.pk, kind="purchase", occurred_at=now, now=now, source=Source.PEOPLE, properties={}
    )
    actions.place({lead.pk: verdict(lead, HOT)}, now=now)
    assert Standing.objects.get(lead=lead).stage == "mql"
