"""The funnel's verbs over HTTP: by people and by programs, once, refused with the funnel's own codes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from funnel import actions
from funnel.models import ChecklistItem, Offer, Passage, Reason, Rep, Standing
from funnel.stages import Stage
from tests.api_fixtures import Call, codes, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    """The API reads the real clock, so its leads live now."""
    return timezone.now()


def url(offer: Offer, verb: str) -> str:
    """The address of a verb."""
    return f"/api/v1/leads/{offer.lead.public_id}/{verb}/"


def browser(user: User) -> Client:
    """Somebody signed in."""
    client = Client()
    client.force_login(user)
    return client


def confirm_all(offer: Offer, by: User) -> None:
    """The whole checklist holds."""
    for item in ChecklistItem.objects.all():
        actions.confirm(
            lead=offer.lead, item=item.code, by=by, now=timezone.now(), value="yes", evidence="call"
        )


def test_a_rep_takes_a_lead_to_its_end(
    call: Call, make_rep: Callable[..., Rep], make_offer: Callable[..., Offer]
) -> None:
    user = make_rep().user
    offer = make_offer()
    client = browser(user)
    [listed] = call("GET", "/api/v1/offers/", client=client).json()["results"]
    assert (listed["lead"], listed["rep"]) == (str(offer.lead.public_id), user.email)
    accepted = call("POST", url(offer, "accept"), {"value_rating": 4}, client=client)
    assert (accepted.status_code, accepted.json()["stage"], accepted.json()["rep"]) == (
        200,
        "sal",
        user.email,
    )
    assert call("GET", "/api/v1/offers/", client=client).json()["results"] == []
    deal = {
        "product": "Audit",
        "expected_amount": "12000.50",
        "expected_close": (timezone.now() + timedelta(days=60)).date().isoformat(),
    }
    refused = problem(call("POST", url(offer, "qualify"), deal, client=client), 409, "checklist_incomplete")
    assert refused["errors"]
    confirm_all(offer, user)
    assert call("POST", url(offer, "qualify"), deal, client=client).json()["stage"] == "sql"
    won = call("POST", url(offer, "won"), {"amount": 11000}, client=client)
    assert (won.status_code, won.json()["stage"]) == (200, "customer")


def test_a_program_names_who_decides(
    call: Call, secret: str, make_rep: Callable[..., Rep], make_offer: Callable[..., Offer]
) -> None:
    user = make_rep().user
    offer = make_offer()
    for by in ({}, {"by": "nobody@ecluse.example"}):
        assert codes(problem(call("POST", url(offer, "accept"), by, key=secret), 400, "invalid")) == {
            ("by", "user_unknown")
        }
    assert call("POST", url(offer, "accept"), {"by": user.email.upper()}, key=secret).json()["stage"] == "sal"
    assert Passage.objects.filter(lead=offer.lead, verb="accept").get().actor == user


@pytest.mark.parametrize(
    ("verb", "body", "stage"),
    [
        (
            "return",
            {
                "reason": "too_far",
                "wake_month": f"{datetime.now(UTC).year + 1}-12",
                "note": "Projet en fin d'année",
            },
            Stage.RECYCLED,
        ),
        ("disqualify", {"reason": "out_of_target"}, Stage.DISQUALIFIED),
    ],
)
def test_rejecting(
    call: Call,
    make_rep: Callable[..., Rep],
    make_offer: Callable[..., Offer],
    verb: str,
    body: dict[str, Any],
    stage: Stage,
) -> None:
    user = make_rep().user
    offer = make_offer()
    reason = _reason(verb, body["reason"])
    answer = call("POST", url(offer, verb), body | {"reason": reason}, client=browser(user))
    assert (answer.status_code, answer.json().get("stage")) == (200, stage), answer.content


def _reason(verb: str, wanted: str) -> str:
    """A shipped reason for the verb: the wanted one, or one that asks for a month (return) or nothing."""
    reasons = Reason.objects.filter(verbs__contains=[verb], is_active=True)
    if reasons.filter(code=wanted).exists():
        return wanted
    return str(reasons.filter(needs_month=verb == "return", needs_fields=False).first().code)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("verb", "body", "error"),
    [
        ("return", {}, ("reason", "required")),
        ("return", {"reason": "nothing"}, ("reason", "reason_unknown")),
        ("accept", {"value_rating": 6}, ("value_rating", "max_value")),
        ("accept", {"value_rating": True}, ("value_rating", "invalid")),
        ("accept", {"stage": "sql"}, ("stage", "unknown_field")),
        (
            "qualify",
            {"product": "x", "expected_amount": "nan", "expected_close": "2030-01-01"},
            ("expected_amount", "invalid"),
        ),
        (
            "qualify",
            {"product": "x", "expected_amount": -1, "expected_close": "2030-01-01"},
            ("expected_amount", "min_value"),
        ),
    ],
)
def test_what_must_be_corrected(
    call: Call,
    make_rep: Callable[..., Rep],
    make_offer: Callable[..., Offer],
    verb: str,
    body: dict[str, Any],
    error: tuple[str, str],
) -> None:
    user = make_rep().user
    offer = make_offer()
    assert error in codes(problem(call("POST", url(offer, verb), body, client=browser(user)), 400, "invalid"))
    assert Standing.objects.get(lead=offer.lead).stage == Stage.MQL


@pytest.mark.parametrize(
    ("verb", "body", "code"),
    [
        ("won", {}, "not_with_sales"),
        ("lost", {"reason": "lost"}, "not_qualified"),
        ("qualify", {"product": "x", "expected_amount": 1, "expected_close": "2099-01-01"}, "not_accepted"),
    ],
)
def test_f49_b46_no_stage_is_jumped(
    call: Call,
    make_rep: Callable[..., Rep],
    make_offer: Callable[..., Offer],
    make_user: Callable[..., User],
    verb: str,
    body: dict[str, Any],
    code: str,
) -> None:
    make_rep()
    offer, manager = make_offer(), make_user("manager")
    if verb == "lost":
        body = {"reason": _reason("lose", "competitor")}
    before = Passage.objects.count()
    problem(call("POST", url(offer, verb), body, client=browser(manager)), 409, code)
    assert Passage.objects.count() == before


def test_b46_accepting_what_is_not_offered(
    call: Call, secret: str, make_rep: Callable[..., Rep], make_ready: Callable[..., Standing]
) -> None:
    standing = make_ready()
    user = make_rep().user
    path = f"/api/v1/leads/{standing.lead.public_id}/accept/"
    problem(call("POST", path, {"by": user.email}, key=secret), 409, "not_offered")


def test_b46_another_reps_offer_does_not_exist(
    call: Call, make_rep: Callable[..., Rep], make_offer: Callable[..., Offer]
) -> None:
    make_rep()
    offer = make_offer()
    other = make_rep().user
    for verb, body in {
        "accept": {},
        "return": {"reason": "x"},
        "disqualify": {"reason": "x"},
        "won": {},
    }.items():
        problem(call("POST", url(offer, verb), body, client=browser(other)), 404, "not_found")
    assert call("GET", "/api/v1/offers/", client=browser(other)).json()["results"] == []


@pytest.mark.parametrize("role", ["marketer", "dpo"])
def test_b45_only_sales_accept(
    call: Call,
    make_rep: Callable[..., Rep],
    make_offer: Callable[..., Offer],
    make_user: Callable[..., User],
    role: str,
) -> None:
    make_rep()
    offer = make_offer()
    problem(call("POST", url(offer, "accept"), {}, client=browser(make_user(role))), 403, "forbidden")


def test_a_refusal_is_an_answer_too_and_is_replayed(
    call: Call, secret: str, make_rep: Callable[..., Rep], make_ready: Callable[..., Standing]
) -> None:
    standing, user = make_ready(), make_rep().user
    path = f"/api/v1/leads/{standing.lead.public_id}/accept/"
    first = call("POST", path, {"by": user.email}, key=secret, Idempotency_Key="a")
    again = call("POST", path, {"by": user.email}, key=secret, Idempotency_Key="a")
    assert (first.status_code, again.status_code) == (409, 409)
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_replayed_accept_happens_once(
    call: Call, make_rep: Callable[..., Rep], make_offer: Callable[..., Offer]
) -> None:
    client = browser(make_rep().user)
    offer = make_offer()
    answers = [call("POST", url(offer, "accept"), {}, client=client, Idempotency_Key="a") for _ in range(3)]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert Passage.objects.filter(lead=offer.lead, verb="accept").count() == 1


def test_an_unknown_lead(call: Call, secret: str, make_rep: Callable[..., Rep]) -> None:
    user = make_rep().user
    problem(call("POST", f"/api/v1/leads/{uuid4()}/won/", {"by": user.email}, key=secret), 404, "not_found")
