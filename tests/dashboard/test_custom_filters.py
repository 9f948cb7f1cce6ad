"""Custom fields in the list of leads, on the page and over the API: as filters and as a column."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from leads.custom_fields import About, FieldType
from leads.models import Company, CustomField, Lead

LIST, API = "/leads/", "/api/v1/leads/"
MADE = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _fields(db: None) -> None:
    choices = {
        "option_codes": ["a", "b"],
        "option_labels_fr": ["Un", "Deux"],
        "option_labels_en": ["One", "Two"],
    }
    made = [
        ("plan", FieldType.CHOICE, "Plan", choices),
        ("tools", FieldType.MULTIPLE, "Tools", choices),
        ("seats", FieldType.NUMBER, "Seats", {}),
        ("since", FieldType.DATE, "Since", {}),
        ("vip", FieldType.BOOLEAN, "VIP", {}),
        ("word", FieldType.TEXT, "Word", {}),
    ]
    for code, kind, label, rest in made:
        CustomField.objects.create(
            code=code, type=kind, label_fr=label, label_en=label, about=About.LEAD, created_at=MADE, **rest
        )


@pytest.fixture
def people(stands) -> dict[str, Lead]:
    told = {
        "Ann": {
            "plan": "a",
            "tools": ["a", "b"],
            "seats": 9,
            "since": "2024-05-01",
            "vip": True,
            "word": "Bleu",
        },
        "Bea": {
            "plan": "b",
            "tools": ["b"],
            "seats": 100,
            "since": "2026-01-31",
            "vip": False,
            "word": "vert",
        },
        "Cid": {},
    }
    return {name: stands(first_name=name, last_name="X", custom=custom) for name, custom in told.items()}


ASKED = [
    ({"custom.plan": "a"}, "Ann"),
    ({"custom.tools": "b"}, "Ann Bea"),
    ({"custom.seats.from": "10"}, "Bea"),
    ({"custom.seats.to": "9"}, "Ann"),
    ({"custom.seats.from": "9", "custom.seats.to": "100"}, "Ann Bea"),
    ({"custom.since.from": "2024-05-02"}, "Bea"),
    ({"custom.since.to": "2024-05-01"}, "Ann"),
    ({"custom.vip": "true"}, "Ann"),
    ({"custom.vip": "false"}, "Bea"),
    ({"custom.word": "BLE"}, "Ann"),
    ({"custom.word": "%"}, ""),
    ({"custom.plan": "a", "custom.vip": "false"}, ""),
    ({"custom.plan": ""}, "Ann Bea Cid"),
]
NAMES = [str(sorted(asked.items())) for asked, _expected in ASKED]


@pytest.mark.parametrize(("asked", "expected"), ASKED, ids=NAMES)
def test_the_page_and_the_api_find_the_same(asked, expected, people, signed_in) -> None:
    browser = signed_in()
    page = browser.get(LIST, asked).content.decode()
    assert {name for name in people if f"{name} X" in page} == set(expected.split())
    told = browser.get(API, asked).json()["results"]
    assert {one["first_name"] for one in told} == set(expected.split())


def test_what_is_not_understood_is_left_out_on_the_page_and_refused_by_the_api(people, signed_in) -> None:
    browser = signed_in()
    page = browser.get(LIST, {"custom.seats.from": "many"}).content.decode()
    assert "Not understood" in page
    assert "Cid X" in page
    refused = browser.get(API, {"custom.seats.from": "many"})
    assert refused.status_code == 400
    assert "custom.seats.from" in refused.content.decode()
    assert browser.get(API, {"custom.nothing": "1"}).status_code == 400


def test_a_field_out_of_use_filters_nothing(people, signed_in) -> None:
    CustomField.objects.filter(code="plan").update(is_active=False)
    assert "Cid X" in signed_in().get(LIST, {"custom.plan": "a"}).content.decode()


def test_a_filter_is_said_in_words_and_can_be_taken_off(people, signed_in) -> None:
    page = signed_in().get(LIST, {"custom.plan": "b", "custom.vip": "false"}).content.decode()
    assert "Remove the filter: Plan" in page
    assert "Two" in page
    assert "Remove the filter: VIP" in page


def test_a_field_is_shown_as_a_column(people, signed_in) -> None:
    browser = signed_in()
    page = browser.get(LIST, {"column": "tools"}, headers={"hx-request": "true", "hx-target": "rows"})
    text = page.content.decode()
    assert '<th scope="col" class="from-m">Tools</th>' in text
    assert "One, Two" in text
    assert "One, Two" not in browser.get(LIST, {"column": "nothing"}).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_a_column_and_a_filter_take_no_query_a_row(number, stands, signed_in) -> None:
    for _one in range(number):
        stands(custom={"plan": "a"})
    browser = signed_in()
    with CaptureQueriesContext(connection) as queries:
        browser.get(LIST, {"column": "plan", "custom.plan": "a"})
    assert len(queries) == 6  # session and user among them


def test_a_companys_own_fields_stand_on_its_page(signed_in) -> None:
    CustomField.objects.create(
        code="fleet", type=FieldType.NUMBER, label_fr="Flotte", label_en="Fleet", about=About.COMPANY,
        created_at=MADE,
    )  # fmt: skip
    company = Company.objects.create(name="Hydro", created_at=MADE, custom={"fleet": 1200, "gone": "unseen"})
    page = signed_in().get(reverse("dashboard:company", args=[company.public_id])).content.decode()
    assert "Fleet" in page
    assert "1,200" in page
    assert "unseen" not in page
    assert "edit=custom.fleet" not in page
