"""What people sent: listed, shown whole, reviewed, exported without formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from capture.models import Form, Submission
from capture.queries.submissions import guarded, whole
from leads.models import ConsentWording, Lead

pytestmark = pytest.mark.django_db


@pytest.fixture
def make_submission(live: Form, now: datetime) -> Callable[..., Submission]:
    """Makes submissions as rows: ``make_submission(state="spam")``."""
    made = 0

    def make(**values: object) -> Submission:
        nonlocal made
        made += 1
        answers = {"lead.email": f"a{made}@exemple.fr", "lead.first_name": "Ana", "lead.need": "Une presse"}
        defaults = {
            "form": live,
            "form_version": 1,
            "received_at": now - timedelta(minutes=made),
            "answers": answers,
        }
        return Submission.objects.create(**(defaults | values))

    return make


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_whatever_its_length(
    client: Client,
    make_submission: Callable[..., Submission],
    make_lead: Callable[..., Lead],
    django_assert_num_queries: Callable[..., object],
    count: int,
) -> None:
    for _ in range(count):
        make_submission(state="accepted", lead=make_lead())
    with django_assert_num_queries(5):  # type: ignore[attr-defined]
        assert client.get("/capture/submissions/").status_code == 200


def test_filters_find_what_waits_for_somebody(
    client: Client, make_submission: Callable[..., Submission], now: datetime
) -> None:
    make_submission(state="accepted", answers={"lead.email": "good@exemple.fr"})
    make_submission(state="spam", answers={"lead.email": "waits@exemple.fr"})
    make_submission(state="spam", answers={"lead.email": "seen@exemple.fr"}, reviewed_at=now)
    html = client.get("/capture/submissions/?state=to_review").content.decode()
    assert "waits@exemple.fr" in html
    assert "good@exemple.fr" not in html
    assert "seen@exemple.fr" not in html


@pytest.mark.parametrize(
    "query", ["state=x", "days=-1", "form=nobody", "after=%00", "before=x", "days=9e999", "form=%00"]
)
def test_b18_b20_nothing_in_an_address_breaks_the_page(
    client: Client, make_submission: Callable[..., Submission], query: str
) -> None:
    make_submission(state="spam")
    assert client.get(f"/capture/submissions/?{query}").status_code == 200


def test_one_submission_is_shown_whole(client: Client, make_submission: Callable[..., Submission]) -> None:
    wording = ConsentWording.objects.get(code="newsletter", language="fr")
    row = make_submission(
        state="rejected",
        reasons=["errors"],
        errors=[{"field": "lead.phone", "code": "x", "detail": "Ce numéro ne peut exister."}],
        answers={
            "lead.email": "a@b.fr",
            "lead.phone": "12",
            "lead.budget_range": "5k_20k",
            "gone": ["x", "y"],
        },
        consents=[{"wording": wording.pk, "text_version": "newsletter-fr-v1"}],
        utm={"source": "salon"},
        page="https://acme.example/contact",
    )
    shown = whole(row)
    assert [(one.label, one.words) for one in shown.answers][-1] == ("gone", "x, y")
    assert {one.label: one.problem for one in shown.answers}["Téléphone"] == "Ce numéro ne peut exister."
    assert shown.leaves_at == row.received_at + timedelta(days=30)
    html = client.get(f"/capture/submissions/{row.public_id}/").content.decode()
    for part in ("Ce numéro ne peut exister.", "newsletter-fr-v1", "salon", "https://acme.example/contact"):
        assert part in html


def test_b35_whatever_was_sent_is_shown_as_text(
    client: Client, make_submission: Callable[..., Submission]
) -> None:
    canary = '"><img src=x onerror=alert(1)>'
    answers = dict.fromkeys(("lead.first_name", "lead.need", canary), canary)
    row = make_submission(
        state="spam", answers=answers, page=f"https://a.example/{canary}", utm={canary: canary}
    )
    for page in ("", f"{row.public_id}/"):
        assert "<img src=x" not in client.get(f"/capture/submissions/{page}").content.decode()


def test_not_spam_takes_it_in(client: Client, make_submission: Callable[..., Submission]) -> None:
    row = make_submission(state="spam", answers={"lead.email": "ana@atelier.example", "lead.need": "x"})
    answer = client.post(f"/capture/submissions/{row.public_id}/take/", follow=True)
    row.refresh_from_db()
    assert row.state == "accepted"
    assert row.reviewed_at is not None
    assert Lead.objects.filter(email="ana@atelier.example").exists()
    assert answer.status_code == 200


def test_what_names_nobody_is_not_taken_and_the_page_says_why(
    client: Client, make_submission: Callable[..., Submission]
) -> None:
    row = make_submission(state="rejected", answers={"lead.need": "x"})
    html = client.post(f"/capture/submissions/{row.public_id}/take/", follow=True).content.decode()
    row.refresh_from_db()
    assert row.state == "rejected"
    assert "Non accepté" in html


def test_many_at_once_and_none_stops_the_others(
    client: Client, make_submission: Callable[..., Submission]
) -> None:
    good = make_submission(state="spam", answers={"lead.email": "un@atelier.example"})
    nobody = make_submission(state="spam", answers={})
    chosen = [str(nobody.public_id), str(good.public_id), "not-an-id"]
    client.post("/capture/submissions/sift/", {"verb": "take", "chosen": chosen})
    assert [Submission.objects.get(pk=row.pk).state for row in (good, nobody)] == ["accepted", "spam"]
    client.post("/capture/submissions/sift/", {"verb": "spam", "chosen": chosen})
    nobody.refresh_from_db()
    assert nobody.reviewed_at is not None


@pytest.mark.parametrize(
    "cell", ["=cmd|' /C calc'!A0", "+33612345678", "-1", "@sum(A1)", "\tx", "\rx", "\0x"]
)
def test_b40_a_cell_is_never_a_formula(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


def test_b40_the_export_guards_every_cell(client: Client, make_submission: Callable[..., Submission]) -> None:
    make_submission(
        state="accepted", answers={"lead.email": "a@b.fr", "=evil": "=1+1", "lead.need": 'Une; "presse"'}
    )
    answer = client.get("/capture/submissions/export/")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    header, row = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert dict(zip(header, row, strict=True))["'=evil"] == "'=1+1"
    assert dict(zip(header, row, strict=True))["lead.need"] == 'Une; "presse"'
    assert "attachment" in answer["Content-Disposition"]
