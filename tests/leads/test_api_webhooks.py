"""Webhooks and the consent ledger over the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.actions import create_api_key
from accounts.models import ApiKey
from accounts.scopes import Scope
from leads.models import ConsentEvent, Lead, Webhook, WebhookDelivery
from tests.api_fixtures import Call, codes, problem

pytestmark = pytest.mark.django_db
PATH = "/api/v1/webhooks/"
HOOK = {"name": "CRM", "url": "https://crm.example/hook", "kinds": ["won", "accepted"]}


@pytest.fixture
def manager_key(db: None) -> str:
    """A key that may manage webhooks."""
    return create_api_key(name="ops", kind=ApiKey.Kind.SECRET, scopes=[Scope.WEBHOOKS_MANAGE])[1]


def test_a_webhook_is_made_read_changed_tried_and_deleted(call: Call, manager_key: str) -> None:
    made = call("POST", PATH, HOOK, key=manager_key)
    assert made.status_code == 201, made.content
    body = made.json()
    hook = Webhook.objects.get()
    assert body["secret"] == hook.secret
    there = f"{PATH}{body['public_id']}/"
    assert "secret" not in call("GET", there, key=manager_key).json()
    changed = call("PUT", there, HOOK | {"kinds": ["lost"]}, key=manager_key)
    assert changed.json()["kinds"] == ["lost"]
    assert call("POST", f"{there}test/", key=manager_key).status_code == 202
    assert WebhookDelivery.objects.get().kind == "webhook_test"
    assert [one["name"] for one in call("GET", PATH, key=manager_key).json()] == ["CRM"]
    assert call("DELETE", there, key=manager_key).status_code == 204
    assert call("GET", there, key=manager_key).status_code == 404


def test_making_one_twice_with_one_idempotency_key_makes_one(call: Call, manager_key: str) -> None:
    answers = [call("POST", PATH, HOOK, key=manager_key, Idempotency_Key="once") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert Webhook.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"url": "http://10.0.0.1:6379/"}, ("url", "invalid")),
        ({"kinds": ["no_such_kind"]}, ("kinds", "invalid")),
        ({"secret": "mine"}, ("secret", "unknown_field")),
        ({"kinds": []}, ("kinds", "min_length")),
    ],
    ids=["address", "kind", "unknown field", "no kinds"],
)
def test_b13_b56_what_cannot_be_is_refused_by_its_field(
    call: Call, manager_key: str, given: dict[str, Any], error: tuple[str, str]
) -> None:
    assert error in codes(problem(call("POST", PATH, HOOK | given, key=manager_key), 400, "invalid"))
    assert not Webhook.objects.exists()


def test_b45_an_ordinary_secret_key_may_not_send_data_elsewhere(
    call: Call, secret: str, publishable: str
) -> None:
    for key in (secret, publishable):
        problem(call("POST", PATH, HOOK, key=key), 403, "scope_missing")


def test_the_ledger_is_read_and_added_to(call: Call, secret: str, make_lead: Callable[..., Lead]) -> None:
    lead = make_lead()
    there = f"/api/v1/leads/{lead.public_id}/consents/"
    said = {"purpose": "nurturing", "state": "granted", "text_version": "nurturing-fr-v1"}
    assert call("POST", there, said, key=secret).status_code == 201
    assert call("POST", there, said | {"state": "withdrawn"}, key=secret).status_code == 201
    told = call("GET", there, key=secret).json()["results"]
    assert [(line["purpose"], line["state"]) for line in told] == [
        ("nurturing", "withdrawn"),
        ("nurturing", "granted"),
    ]
    assert all(line["actor"] == f"key:{secret.partition('.')[0]}" for line in told)
    assert told[1]["text_version"] == "nurturing-fr-v1"


def test_b45_a_page_neither_reads_nor_writes_the_ledger(
    call: Call, publishable: str, make_lead: Callable[..., Lead]
) -> None:
    there = f"/api/v1/leads/{make_lead().public_id}/consents/"
    said = {"purpose": "nurturing", "state": "granted"}
    problem(call("POST", there, said, key=publishable), 403, "scope_missing")
    problem(call("GET", there, key=publishable), 403, "scope_missing")
    assert not ConsentEvent.objects.exists()
