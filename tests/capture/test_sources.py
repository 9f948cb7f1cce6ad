"""The sources' pages: what they cost and brought, costs typed and pasted, campaigns, channel rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from capture.cost_table import read_amount, read_table
from capture.months import read_month
from capture.queries.sources import count_sources, months_before, report
from capture.views.sources import this_month
from funnel.models import Opportunity, Passage
from leads.actions.sources import set_costs
from leads.actions.touches import note_touch
from leads.models import Campaign, ChannelRule, ChannelRun, Lead, SourceCost
from leads.normalise import InvalidValue

pytestmark = pytest.mark.django_db
SOURCES = "/capture/sources/"


@pytest.fixture
def desk(client: Client, make_user: Callable[..., User]) -> Client:
    """A marketer, signed in, reading English."""
    client.force_login(make_user("marketer"), backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def campaign(db: None) -> Campaign:
    """One campaign."""
    return Campaign.objects.create(
        code="salon", name="Salon", channel="trade_show", created_at=timezone.now()
    )


@pytest.fixture
def came(make_lead: Callable[..., Lead], campaign: Campaign) -> list[Lead]:
    """Four from a fair, of whom two became MQL, one SQL and customer; one from nowhere known."""
    found, now = [], timezone.now()
    for turn in range(4):
        lead = make_lead(channel="trade_show", created_at=now)
        note_touch(at=now, lead_id=lead.pk, channel="trade_show", campaign=campaign if turn else None)
        found.append(lead)
    for lead, stage, verb in (
        (found[0], "mql", "enter"),
        (found[1], "mql", "enter"),
        (found[1], "sql", "accept"),
        (found[1], "customer", "win"),
    ):
        Passage.objects.create(lead=lead, cycle=1, from_stage="lead", to_stage=stage, verb=verb, at=now)
    Opportunity.objects.create(
        lead=found[1], cycle=1, opened_at=now, closed_at=now, outcome="won", amount=Decimal("3000.50")
    )
    make_lead(created_at=now, channel="")
    return found


def counted() -> Any:
    """The report of this month."""
    return report(count_sources(time_zone="Europe/Paris"), first=this_month(), last=this_month())


def test_what_a_source_cost_and_brought(came: list[Lead], campaign: Campaign) -> None:
    now = timezone.now()
    amounts: dict[Any, Decimal | None] = {
        (this_month(), "trade_show", campaign.pk): Decimal(1000),
        (this_month(), "trade_show", None): Decimal(200),
        (months_before(this_month(), 1), "trade_show", None): Decimal(999),
        (this_month(), "paid_search", None): Decimal(50),
    }
    assert set_costs(amounts=amounts, by=None, now=now) == 4
    found = counted()
    fair, unknown, ads = found.lines
    assert (fair.leads, fair.mql, fair.sql, fair.customers) == (4, 2, 1, 1)
    assert (fair.cost, fair.revenue) == (Decimal(1200), Decimal("3000.50"))
    assert (fair.per_lead, fair.per_mql, fair.per_customer) == (300, 600, 1200)
    assert fair.result == (Decimal("3000.50") - 1200) / 1200
    (part,) = fair.campaigns
    assert (part.label, part.leads, part.cost, part.customers) == ("Salon", 3, 1000, 1)
    assert (unknown.channel, unknown.leads, unknown.per_lead, unknown.result) == ("", 1, None, None)
    assert (ads.leads, ads.per_lead, ads.result) == (0, None, -1)
    assert (found.total.leads, found.total.cost) == (5, Decimal(1250))


def test_each_figure_leads_to_its_leads(desk: Client, came: list[Lead], campaign: Campaign) -> None:
    fair = counted().lines[0]
    for url, names in (
        (fair.leads_url, {lead.email for lead in came}),
        (fair.mql_url, {came[0].email, came[1].email}),
        (fair.customers_url, {came[1].email}),
        (fair.campaigns[0].leads_url, {lead.email for lead in came[1:]}),
    ):
        html = desk.get(url).content.decode()
        assert {lead.email for lead in Lead.objects.all() if str(lead.public_id) in html} == names, url
    assert desk.get("/leads/?campaign=999999&since=2026-13&until=x").status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_the_report_costs_the_same_however_many_there_are(
    desk: Client, make_lead: Callable[..., Lead], number: int
) -> None:
    for turn in range(number):
        make_lead(created_at=timezone.now(), channel=["social", "video", "webinar"][turn])
    desk.get(SOURCES)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert desk.get(SOURCES).status_code == 200
    assert len(queries) == 6, [query["sql"][:90] for query in queries]


def test_amounts_are_typed_into_the_grid_and_kept_exact(desk: Client, campaign: Campaign) -> None:
    month = f"{this_month():%Y-%m}"
    typed = {
        f"social..{month}": "1,234.56",
        f"trade_show.{campaign.pk}.{month}": "€50",
        f"video..{month}": "",
    }
    assert desk.post(f"{SOURCES}costs/", typed).status_code == 302
    kept = dict(SourceCost.objects.values_list("channel", "amount"))
    assert kept == {"social": Decimal("1234.56"), "trade_show": Decimal("50.00")}
    assert b"1234.56" in desk.get(f"{SOURCES}costs/").content
    assert desk.post(f"{SOURCES}costs/", {f"social..{month}": ""}).status_code == 302
    assert SourceCost.objects.count() == 1


def test_with_one_bad_amount_nothing_is_saved_and_nothing_lost(desk: Client) -> None:
    month = f"{this_month():%Y-%m}"
    answer = desk.post(f"{SOURCES}costs/", {f"social..{month}": "100", f"video..{month}": "a lot"})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert 'value="a lot"' in html
    assert 'value="100"' in html
    assert not SourceCost.objects.exists()


@pytest.mark.parametrize(
    ("text", "language", "amount"),
    [
        ("1 234,56 €", "fr", "1234.56"),
        ("1\u202f234,5", "fr", "1234.5"),
        ("1,234.56", "en", "1234.56"),
        ("0", "fr", "0"),
    ],
)
def test_b72_amounts_as_people_write_them(text: str, language: str, amount: str) -> None:
    assert read_amount(text, language=language) == Decimal(amount)


@pytest.mark.parametrize("text", ["-1", "1,999", "NaN", "1e99", "10000000000", "beaucoup"])
def test_b59_amounts_that_cannot_be(text: str) -> None:
    with pytest.raises(InvalidValue):
        read_amount(text, language="fr")


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-03", dt.date(2026, 3, 1)),
        ("03/2026", dt.date(2026, 3, 1)),
        ("31/03/2026", dt.date(2026, 3, 1)),
        ("Mars 2026", dt.date(2026, 3, 1)),
        ("déc. 2026", dt.date(2026, 12, 1)),
        ("August 2026", dt.date(2026, 8, 1)),
        ("2026-13", None),
        ("0000-01", None),
        ("mars", None),
        ("brumaire 2026", None),
    ],
)
def test_b72_months_as_people_write_them(text: str, month: dt.date | None) -> None:
    assert read_month(text) == month


TABLE = (
    "Canal;Campagne;Mois;Montant\nsocial;;2026-03;1 234,56 €\nSalon professionnel;Salon;mars 2026;14 850\n"
)


def test_costs_are_pasted_as_a_table(desk: Client, campaign: Campaign) -> None:
    desk.cookies["django_language"] = "fr"
    assert desk.post(f"{SOURCES}costs/paste/", {"table": TABLE}).status_code == 302
    rows = SourceCost.objects.order_by("channel").values_list("channel", "campaign", "month", "amount")
    march = dt.date(2026, 3, 1)
    assert list(rows) == [
        ("social", None, march, Decimal("1234.56")),
        ("trade_show", campaign.pk, march, Decimal(14850)),
    ]
    assert desk.post(f"{SOURCES}costs/paste/", {"table": TABLE}).status_code == 302
    assert SourceCost.objects.count() == 2


def test_each_wrong_line_is_named_and_what_was_typed_stays(desk: Client) -> None:
    table = (
        "social;2026-03;10\npigeon;2026-03;10\nsocial;soon;10\nsocial;2026-03;lots\nsocial;2026-03;11\na;b"
    )
    answer = desk.post(f"{SOURCES}costs/paste/", {"table": table})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert [number for number in range(1, 8) if f"Line {number}:" in html] == [2, 3, 4, 5, 6]
    assert "pigeon;2026-03;10" in html
    assert not SourceCost.objects.exists()
    amounts, errors = read_table("", campaigns={}, language="fr")
    assert (amounts, errors) == ({}, [])


def test_campaigns_are_made_and_changed(desk: Client) -> None:
    typed = {"name": "Été 2026", "channel": "social", "acquisition": "indirect", "is_active": "on"}
    assert desk.post(f"{SOURCES}campaigns/new/", typed).status_code == 302
    made = Campaign.objects.get()
    assert made.code == "ete-2026"
    wrong = typed | {"starts_on": "2026-05-02", "ends_on": "2026-05-01"}
    assert desk.post(f"{SOURCES}campaigns/{made.pk}/", wrong).status_code == 422
    assert desk.post(f"{SOURCES}campaigns/{made.pk}/", typed | {"code": "Ete"}).status_code == 302
    made.refresh_from_db()
    assert (made.code, made.name) == ("ete", "Été 2026")


def test_a_rule_is_made_moved_and_taken_out_and_the_past_asked_for(desk: Client) -> None:
    rules = f"{SOURCES}rules/"
    typed = {
        "channel": "newsletter",
        "is_active": "on",
        "operator0": "is",
        "operator1": "is",
        "operator2": "is",
    }
    assert desk.post(f"{rules}new/", typed | {"field0": ""}).status_code == 422
    good = typed | {"field0": "utm_source", "values0": "Lettre, mail "}
    assert desk.post(f"{rules}new/", good).status_code == 302
    rule = ChannelRule.objects.first()
    assert rule is not None
    assert rule.conditions == [{"field": "utm_source", "operator": "is", "values": ["lettre", "mail"]}]
    assert b"lettre, mail" in desk.get(f"{rules}{rule.pk}/").content
    assert desk.post(f"{rules}{rule.pk}/act/down/").status_code == 302
    assert ChannelRule.objects.get(pk=rule.pk).position == 2
    assert desk.post(f"{rules}{rule.pk}/act/nothing/").status_code == 404
    assert desk.get(f"{rules}past/").status_code == 200
    for _ in range(2):
        assert desk.post(f"{rules}past/").status_code == 302
    assert ChannelRun.objects.count() == 1
    assert desk.post(f"{rules}{rule.pk}/act/remove/").status_code == 302
    assert not ChannelRule.objects.filter(pk=rule.pk).exists()
