"""The DPO's pages: the register, one request, what is held, the export, erasing."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dashboard.privacy_words import TABLES
from leads.held import NOT_TOLD
from leads.lead_links import lead_links
from leads.models import Lead, PrivacyAct, PrivacyRequest

REGISTER = "/requests/"
EMAIL = "zenobie@radium.fr"


@pytest.fixture
def person(stands) -> Lead:
    return stands(first_name="Zénobie", last_name="Quatrefages", email=EMAIL)


def record(browser, **fields: str) -> PrivacyRequest:
    sent = {"address": EMAIL, "kind": "access", "received_on": "2026-03-01"} | fields
    answer = browser.post(REGISTER + "new/", sent)
    assert answer.status_code == 302, answer.content.decode()
    return PrivacyRequest.objects.latest("id")


def test_a_request_is_recorded_and_the_person_found(person, signed_in) -> None:
    browser = signed_in("dpo")
    row = record(browser, address="Zenobie@Radium.FR", note="By letter")
    page = browser.get(reverse("dashboard:request", args=[row.public_id])).content.decode()
    assert row.lead == person
    assert "Zénobie Quatrefages" in page
    assert "1 April 2026" in page
    assert "By letter" in page
    assert "Recorded" in page
    assert "Zénobie" in browser.get(REGISTER).content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "nobody"},
        {"received_on": "2026-03-13"},
        {"received_on": "1998-01-01"},
        {"kind": "revenge"},
    ],
    ids=["address", "future", "long_ago", "kind"],
)
def test_what_cannot_be_is_refused_with_what_was_typed(wrong, db, signed_in) -> None:
    sent = {"address": EMAIL, "kind": "access", "received_on": "2026-03-01", "note": "Kept"} | wrong
    answer = signed_in("dpo").post(REGISTER + "new/", sent)
    assert answer.status_code == 422
    assert "Kept" in answer.content.decode()
    assert not PrivacyRequest.objects.exists()


def test_the_register_says_what_is_late_and_finds_by_address(person, signed_in) -> None:
    browser = signed_in("dpo")
    record(browser, received_on="2026-01-15")
    assert "Late" in browser.get(REGISTER).content.decode()
    found = browser.get(REGISTER, {"q": "ZENOBIE@radium.fr"}).content.decode()
    assert "Zénobie" in found
    assert "No request here" in browser.get(REGISTER, {"q": "autre@radium.fr"}).content.decode()
    assert "Write an email address" in browser.get(REGISTER, {"q": "zen"}).content.decode()
    assert "No request here" in browser.get(REGISTER, {"state": "refused"}).content.decode()


def test_the_export_holds_everything_with_the_reasons_and_is_noted(person, signed_in) -> None:
    browser = signed_in("admin")
    row = record(browser)
    answer = browser.post(reverse("dashboard:export_request", args=[row.public_id]))
    told = json.loads(answer.content)
    assert "attachment" in answer["Content-Disposition"]
    assert told["person"] == str(person.public_id)
    assert told["held"]["leads.lead"][0]["email"] == EMAIL
    assert told["held"]["scoring.leadscore"][0]["grade"] == "B"
    assert told["held"]["leads.event"]
    assert "score" in told
    assert list(PrivacyAct.objects.values_list("kind", flat=True)) == ["received", "exported"]


def test_what_is_held_is_read_on_a_page(person, signed_in) -> None:
    browser = signed_in("dpo")
    page = browser.get(reverse("dashboard:request_held", args=[record(browser).public_id])).content.decode()
    assert "Quatrefages" in page
    assert "History of the stages" not in page  # nothing there: not listed
    assert "Score" in page


def test_erasing_asks_for_a_ground_and_certainty(person, signed_in) -> None:
    browser = signed_in("dpo")
    row = record(browser, kind="erasure")
    address = reverse("dashboard:erase_request", args=[row.public_id])
    assert browser.post(address, {"ground": "withdrawn"}).status_code == 422
    assert not Lead.objects.exclude(erased_at=None).exists()
    assert browser.post(address, {"ground": "withdrawn", "sure": "on"}).status_code == 302
    page = browser.get(reverse("dashboard:request", args=[row.public_id])).content.decode()
    assert "This person was erased" in page
    assert "Quatrefages" not in page
    assert "Erased person" in browser.get(REGISTER, {"state": "done"}).content.decode()
    # Again, by somebody whose page was still open: refused in words.
    again = browser.post(address, {"ground": "withdrawn", "sure": "on"}, follow=True).content.decode()
    assert "no longer allows" in again


def test_answering_extending_and_choosing(stands, signed_in) -> None:
    one, two = (stands(phone="+33612345678", first_name=name, last_name="P") for name in ("Ann", "Bea"))
    browser = signed_in("dpo")
    row = record(browser, address="0612345678")
    where = reverse("dashboard:request", args=[row.public_id])
    assert "Which of them is it?" in browser.get(where).content.decode()
    browser.post(reverse("dashboard:choose_person", args=[row.public_id, two.public_id]))
    browser.post(reverse("dashboard:extend_request", args=[row.public_id]))
    assert (
        browser.post(reverse("dashboard:answer_request", args=[row.public_id]), {"text": ""}).status_code
        == 422
    )
    browser.post(reverse("dashboard:answer_request", args=[row.public_id]), {"text": "No", "refused": "on"})
    row.refresh_from_db()
    assert (row.lead, row.due_on, row.state) == (two, dt.date(2026, 6, 1), "refused")
    kinds = list(PrivacyAct.objects.values_list("kind", flat=True))
    assert kinds == ["received", "identified", "extended", "refused"]
    assert one.pk != two.pk


@pytest.mark.parametrize("role", ["marketer", "rep", "manager"])
def test_others_neither_read_nor_write_the_register(role, person, signed_in) -> None:
    row = record(signed_in("dpo"))
    browser = signed_in(role)
    for name in ("export_request", "erase_request", "answer_request", "extend_request"):
        assert browser.post(reverse(f"dashboard:{name}", args=[row.public_id])).status_code == 403
    assert browser.post(REGISTER + "new/").status_code == 403
    assert person.erased_at is None


@pytest.mark.parametrize("number", [1, 3])
def test_the_register_takes_the_same_queries_for_one_row_and_for_three(number, stands, signed_in) -> None:
    browser = signed_in("dpo")
    for one in range(number):
        stands(email=f"p{one}@radium.fr")
        record(browser, address=f"p{one}@radium.fr")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        browser.get(REGISTER)
    assert len(queries) == QUERIES


QUERIES = 3


def test_every_table_that_may_be_told_has_a_name_in_words() -> None:
    told = {
        model._meta.label_lower for model, link in lead_links() if link.key or link.rows
    } - NOT_TOLD.keys()
    assert told == TABLES.keys()


def test_b33_what_people_are_called_is_shown_as_text(stands, signed_in) -> None:
    stands(first_name="<b>Marie</b>", last_name="C", email=EMAIL)
    browser = signed_in("dpo")
    row = record(browser)
    for name in ("request", "request_held", "erase_request"):
        page = browser.get(reverse(f"dashboard:{name}", args=[row.public_id])).content.decode()
        assert "<b>Marie</b>" not in page
        assert "&lt;b&gt;Marie" in page
