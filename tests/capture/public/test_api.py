"""Forms for headless sites: read, sent, refused field by field; nobody learns who is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from capture.actions.accept import take_in_due
from capture.models import Form, Submission
from leads.models import ConsentEvent, ConsentWording, Lead
from tests.api_fixtures import Call, codes, problem
from tests.capture.public.conftest import ANSWERS, SITE


@pytest.fixture
def headless(make_form: Callable[..., Form]) -> Form:
    """A form of a headless site."""
    return make_form(origins=[SITE])


def read(call: Call, form: Form, **headers: str) -> dict[str, Any]:
    answer = call("GET", f"/api/v1/forms/{form.slug}/", **headers)
    assert answer.status_code == 200
    return answer.json()  # type: ignore[no-any-return, attr-defined]


def send(call: Call, form: Form, body: Any, **headers: str) -> Any:
    return call("POST", f"/api/v1/forms/{form.slug}/submissions/", body, **headers)


def test_a_form_says_what_it_asks_and_is_sent_with_its_token(
    call: Call, form: Form, box: ConsentWording, make_lead: Callable[..., Lead]
) -> None:
    make_lead(email=ANSWERS["lead.email"])
    told = read(call, form)
    assert [question["name"] for question in told["questions"]] == list(ANSWERS)
    assert told["questions"][0] == {
        "name": "lead.email",
        "type": "email",
        "label": "Adresse e-mail",
        "help": "",
        "required": True,
        "options": [],
    }
    assert told["consents"][0]["name"] == box.text_version
    assert told["consents"][0]["text"] == "Exemple SAS peut m’écrire."
    known = send(call, form, {"token": told["token"], "answers": ANSWERS, "consents": [box.text_version]})
    other = ANSWERS | {"lead.email": "paul@acier.example"}
    unknown = send(call, form, {"token": read(call, form)["token"], "answers": other})
    assert known.status_code == unknown.status_code == 202
    assert known.content == unknown.content
    take_in_due(now=timezone.now())
    assert Lead.objects.count() == 2
    assert ConsentEvent.objects.get().text_version == box.text_version


def test_b13_what_is_wrong_is_named_field_by_field_and_kept(call: Call, form: Form) -> None:
    token = read(call, form)["token"]
    answer = send(
        call, form, {"token": token, "answers": {"lead.email": "x", "lead.score": "100"}, "owner": 1}
    )
    body = problem(answer, 400, "invalid")
    assert codes(body) == {("owner", "unknown_field"), ("answers.lead.score", "unknown_field")}
    answer = send(call, form, {"token": token, "answers": {"lead.email": "x"}})
    assert codes(problem(answer, 400, "invalid")) == {("answers.lead.email", "email_invalid")}
    assert codes(problem(send(call, form, {"answers": ANSWERS}), 400, "invalid")) == {
        ("token", "token_missing")
    }
    assert set(Submission.objects.values_list("state", flat=True)) == {"rejected"}
    assert Submission.objects.count() == 3
    assert send(call, form, {"token": token, "answers": ANSWERS}).status_code == 202


def test_f30_a_used_idempotency_key_with_other_words_is_refused(call: Call, form: Form) -> None:
    body = {"token": read(call, form)["token"], "answers": ANSWERS}
    first = send(call, form, body, Idempotency_Key="k1")
    again = send(call, form, body, Idempotency_Key="k1")
    assert first.content == again.content
    assert again.headers["Idempotent-Replayed"] == "true"
    other = body | {"answers": ANSWERS | {"lead.first_name": "Paul"}}
    problem(send(call, form, other, Idempotency_Key="k1"), 422, "idempotency_key_reused")
    assert Submission.objects.count() == 1


def test_f31_a_token_with_other_words_is_set_aside_and_the_first_wins(call: Call, form: Form) -> None:
    token = read(call, form)["token"]
    first = send(call, form, {"token": token, "answers": ANSWERS})
    second = send(call, form, {"token": token, "answers": ANSWERS | {"lead.first_name": "Bot"}})
    assert first.status_code == second.status_code == 202
    assert first.content == second.content
    kept = Submission.objects.order_by("id")
    assert [each.state for each in kept] == ["received", "spam"]
    assert kept[1].reasons == ["token_reused"]


@pytest.mark.parametrize(
    ("origin", "status"),
    [(SITE, 200), ("https://evil.example", 403), ("null", 403), (f"{SITE}.evil.example", 403)],
    ids=["own", "evil", "null", "suffix"],
)
def test_b54_only_the_forms_own_sites_may_call(call: Call, headless: Form, origin: str, status: int) -> None:
    answer = call("GET", f"/api/v1/forms/{headless.slug}/", Origin=origin)
    assert answer.status_code == status
    allowed = answer.headers.get("Access-Control-Allow-Origin")
    assert allowed == (SITE if status == 200 else None)
    assert "Access-Control-Allow-Credentials" not in answer.headers
    preflight = call(
        "OPTIONS",
        f"/api/v1/forms/{headless.slug}/submissions/",
        Origin=origin,
        Access_Control_Request_Method="POST",
    )
    assert preflight.headers.get("Access-Control-Allow-Origin") == allowed
    if status == 403:
        problem(send(call, headless, {"answers": ANSWERS}, Origin=origin), 403, "origin_not_allowed")
        assert not Submission.objects.exists()


def test_b66_too_many_wait(call: Call, form: Form, settings: Any) -> None:
    settings.API_LIMITS = settings.API_LIMITS | {"form_posts": (1, 60)}
    send(call, form, {"token": "x", "answers": ANSWERS})
    answer = send(call, form, {"token": "x", "answers": ANSWERS})
    problem(answer, 429, "throttled")
    assert int(answer.headers["Retry-After"]) > 0


def test_drafts_and_closed_forms(call: Call, make_form: Callable[..., Form]) -> None:
    problem(call("GET", f"/api/v1/forms/{make_form(state='draft').slug}/"), 404, "not_found")
    problem(call("GET", f"/api/v1/forms/{make_form(state='closed').slug}/"), 410, "form_closed")
    problem(call("GET", "/api/v1/forms/no-such-form/"), 404, "not_found")


@pytest.mark.parametrize(
    "body", ["null", "[1]", '{"answers": 1}', '{"answers": {"lead.email": {"a": 1}}}', "{"]
)
def test_b01_anything_else_is_a_problem_not_an_error(call: Call, form: Form, body: str) -> None:
    assert send(call, form, body).status_code == 400
