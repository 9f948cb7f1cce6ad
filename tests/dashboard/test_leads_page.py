"""The list of leads: filters, search, orders, keyset pages, who sees what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from funnel.models import Passage, Reason
from leads.models import Company, Lead
from tests.dashboard.conftest import NOON

# Session, user, owners to choose from, who matches, the page of rows.
LIST_QUERIES = 6


def names(client: Client, query: str = "") -> list[str]:
    """The leads listed, in order."""
    page = client.get(f"/leads/{query}").context["page"]
    return [lead.first_name for lead in page.rows]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_whatever_its_length(
    rows: int,
    signed_in: Callable[..., Client],
    stands: Callable[..., Lead],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = signed_in()
    for _ in range(rows):
        stands("sal")
    with django_assert_num_queries(LIST_QUERIES):
        assert len(client.get("/leads/").context["page"].rows) == rows


def test_an_empty_list_says_what_to_do(signed_in: Callable[..., Client]) -> None:
    assert "No lead yet" in signed_in().get("/leads/").content.decode()
    assert "No lead matches" in signed_in().get("/leads/?stage=sql").content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?stage=mql", ["Ready", "Offered", "Warm"]),
        ("?stage=ready", ["Ready"]),
        ("?stage=offered", ["Offered"]),
        ("?stage=customer", ["Won"]),
        ("?temperature=hot", ["Ready"]),
        ("?band=A", ["Ready", "Won"]),
        ("?band=A1", ["Ready"]),
        ("?channel=social", ["Won"]),
        ("?reachable=no", ["Mute"]),
        ("?stage=mql&band=A1", ["Ready"]),
        ("?created=5", []),
        ("?created=40", ["Ready", "Offered", "Warm", "Won", "Mute"]),
        ("?month=2026-02", ["Ready", "Offered", "Warm", "Won", "Mute"]),
        ("?month=2026-01", []),
        ("?arrived=customer", ["Won"]),
        ("?decided=win&days=3", ["Won"]),
        ("?reason=no_budget", []),
        ("?q=re", ["Ready"]),
        ("?q=%C3%89LODIE", []),
        ("?q=off&stage=mql", ["Offered"]),
        ("?q=acier+du", ["Warm"]),
    ],
)
def test_filters(
    query: str,
    found: list[str],
    signed_in: Callable[..., Client],
    stands: Callable[..., Lead],
    passes: Callable[..., Passage],
) -> None:
    past = {"created_at": NOON - timedelta(days=20)}
    acier = Company.objects.create(name="Acier Dupont", search_text="acier dupont", created_at=NOON)
    stands("lead", first_name="Mute", email=None, reference="olist-1", **past)
    won = stands("customer", first_name="Won", grade="A", level=3, channel="social", **past)
    passes(won, "win", "sql", "customer")
    stands("mql", first_name="Warm", company=acier, **past)
    stands("mql", "offered", first_name="Offered", **past)
    stands("mql", "ready", first_name="Ready", grade="A", level=1, temperature="hot", **past)
    assert names(signed_in(), query) == found


def test_leads_behind_a_rejection_are_those_rejected_for_that_reason(
    signed_in: Callable[..., Client], stands: Callable[..., Lead], passes: Callable[..., Passage]
) -> None:
    reasons = {reason.code: reason for reason in Reason.objects.all()}
    for name, code, ago in [("Poor", "no_budget", 1), ("Old", "no_budget", 90), ("Far", "project_far", 1)]:
        lead = stands("recycled", first_name=name)
        passes(lead, "return", "mql", "recycled", reason=reasons[code], at=NOON - timedelta(days=ago))
    assert names(signed_in(), "?decided=return&reason=no_budget&days=30") == ["Poor"]


def test_a_filter_without_a_control_is_told_in_words_and_can_be_taken_off(
    signed_in: Callable[..., Client], stands: Callable[..., Lead]
) -> None:
    stands("lead")
    response = signed_in().get("/leads/?decided=return&reason=no_budget&days=30&stage=mql&month=2018-02")
    assert [(one.name, one.words) for one in response.context["told"]] == [
        ("decided", "Returned to marketing"),
        ("reason", "No budget yet"),
        ("month", "February 2018"),
        ("days", "30"),
    ]
    assert 'href="?decided=return&amp;days=30&amp;stage=mql&amp;month=2018-02"' in response.content.decode()


BAD_VALUES = [
    "?stage=nowhere",
    "?band=Z9",
    "?band=A9",
    "?temperature=%00",
    "?channel=%FF%FE",
    "?owner=99999999999999999999999",
    "?owner=abc",
    "?owner=-1",
    "?created=1e999",
    "?created=-5",
    "?created=99999999999999999999",
    "?days=NaN&arrived=mql",
    "?month=0000-00",
    "?month=2026-13",
    "?arrived=%27%3B--",
    "?q=" + "x" * 5000,
    "?q=%00",
    "?q=%25_%5C%27%22",
    "?reason=%00",
    "?sort=password",
    "?sort=email__startswith",
    "?after=%00",
    "?after=" + "A" * 400,
    "?after=W10",
    "?after=WzEsIDJd",
    "?before=WyIyMDI2IiwgMV0",
    "?before=W1tbW1tbW10",
    "?after=bm90IGpzb24",
    "?sort=priority&after=WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwgMV0",
]


@pytest.mark.parametrize("query", BAD_VALUES)
def test_b20_b21_a_bad_value_never_breaks_the_list(
    query: str, signed_in: Callable[..., Client], stands: Callable[..., Lead]
) -> None:
    stands("lead", first_name="Only")
    response = signed_in().get(f"/leads/{query}")
    assert response.status_code == 200


def test_a_value_that_was_not_understood_is_named(
    signed_in: Callable[..., Client], stands: Callable[..., Lead]
) -> None:
    stands("lead", first_name="Only")
    response = signed_in().get("/leads/?stage=nowhere")
    assert [lead.first_name for lead in response.context["page"].rows] == ["Only"]
    assert "Not understood, so left out: Stage." in response.content.decode()


@pytest.mark.parametrize("few", [0, 2_000])  # found while walking the order's index, or found first
@pytest.mark.parametrize("sort", ["recent", "oldest", "priority"])
def test_every_order_pages_forth_and_back_over_equal_values(
    sort: str,
    few: int,
    signed_in: Callable[..., Client],
    stands: Callable[..., Lead],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dashboard.views.leads.PAGE_SIZE", 2)
    monkeypatch.setattr("dashboard.queries.leads.FEW", few)
    for number in range(5):
        stands(
            "lead",
            first_name=str(number),
            priority=number // 2,
            created_at=NOON - timedelta(days=number // 2),
        )
    client = signed_in()
    seen, cursor, pages = [], "", []
    while True:
        page = client.get(f"/leads/?sort={sort}&stage=lead&after={cursor}").context["page"]
        pages.append([lead.first_name for lead in page.rows])
        seen += pages[-1]
        if page.next is None:
            break
        cursor = page.next
    assert sorted(seen) == list("01234")
    assert [len(rows) for rows in pages] == [2, 2, 1]
    back = client.get(f"/leads/?sort={sort}&stage=lead&before={page.previous}").context["page"]
    assert [lead.first_name for lead in back.rows] == pages[1]
    first = client.get(f"/leads/?sort={sort}&stage=lead&before={back.previous}").context["page"]
    assert ([lead.first_name for lead in first.rows], first.previous) == (pages[0], None)


def test_a_rep_sees_their_own_and_what_is_offered_to_them_and_nothing_else(
    signed_in: Callable[..., Client], stands: Callable[..., Lead], make_user: Callable[..., User]
) -> None:
    rep = make_user("rep")
    stands("sal", first_name="Mine", owner=rep)
    stands("mql", "offered", first_name="Offered", offered_to=rep)
    stands("sal", first_name="Theirs")
    stands("lead", first_name="Nobody's")
    assert names(signed_in(rep)) == ["Offered", "Mine"]
    assert names(signed_in(rep), "?q=theirs") == []


def test_b44_the_palette_offers_only_what_one_may_see(
    signed_in: Callable[..., Client], stands: Callable[..., Lead], make_user: Callable[..., User]
) -> None:
    rep = make_user("rep")
    stands("sal", first_name="Martine", last_name="Secret")
    assert "Martine" not in signed_in(rep).get("/palette/?q=marti").content.decode()
    assert "Martine Secret" in signed_in("manager").get("/palette/?q=marti").content.decode()
    assert signed_in().get("/palette/?q=%00").status_code == 200


def test_htmx_gets_only_the_rows(signed_in: Callable[..., Client], stands: Callable[..., Lead]) -> None:
    stands("lead", first_name="Only")
    response = signed_in().get("/leads/", headers={"HX-Request": "true", "HX-Target": "rows"})
    text = response.content.decode()
    assert "<html" not in text
    assert "Only" in text
    assert "HX-Request" in response["Vary"]
    assert response["Cache-Control"] == "no-store"


def test_a_name_is_text_and_nothing_else(
    signed_in: Callable[..., Client], stands: Callable[..., Lead]
) -> None:
    stands("lead", first_name="<img src=x onerror=alert(1)>", last_name="{{ 7|add:7 }}")
    text = signed_in().get("/leads/").content.decode()
    assert "<img" not in text
    assert "{{ 7|add:7 }}" in text


def test_strangers_are_asked_to_sign_in(db: None, client: Client) -> None:
    for address in ["/", "/leads/", "/funnel/", "/messages/", "/scoring/", "/palette/"]:
        response = client.get(address)
        assert (response.status_code, response["Location"].split("?")[0]) == (302, "/accounts/login/")


def test_the_length_is_counted_as_far_as_it_matters(
    signed_in: Callable[..., Client], stands: Callable[..., Lead], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.queries.leads.COUNTED_UP_TO", 2)
    for _ in range(3):
        stands("lead")
    assert "More than 2 leads" in signed_in().get("/leads/").content.decode()


def test_the_most_promising_of_all_needs_a_filter(
    signed_in: Callable[..., Client], stands: Callable[..., Lead]
) -> None:
    stands("lead", first_name="Low", priority=1)
    stands("mql", first_name="High", priority=9, created_at=NOON - timedelta(days=1))
    assert names(signed_in(), "?sort=priority") == ["Low", "High"]
    assert names(signed_in(), "?sort=priority&temperature=warm") == ["High", "Low"]
