"""Rule sets over the API: read, drafted, replaced with If-Match, validated, compared and published."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.actions import create_api_key
from accounts.models import ApiKey
from accounts.scopes import Scope
from scoring.actions.publishing import template
from scoring.drafts import get, put
from scoring.models import RuleSet
from scoring.queries import live_rule_set

PRICING = ("groups", "comparing", "rules", "pricing")


class Caller:
    """A server with a secret key."""

    def __init__(self, *scopes: Scope) -> None:
        secret = create_api_key(name="rules", kind=ApiKey.Kind.SECRET, scopes=list(scopes))[1]
        self.client = Client(headers={"authorization": f"Bearer {secret}", "accept-language": "en"})

    def __call__(self, method: str, address: str, body: Any = None, **headers: str) -> HttpResponse:
        data = json.dumps(body) if body is not None else ""
        return self.client.generic(
            method, f"/api/v1/rule-sets/{address}", data, content_type="application/json", headers=headers
        )


@pytest.fixture
def call(db: None) -> Caller:
    return Caller(Scope.SCORING_READ, Scope.SCORING_MANAGE)


def changed(points: float) -> dict[str, Any]:
    """The shipped document with other points for one rule."""
    document = template("b2b_services")
    return put(document, PRICING, get(document, PRICING) | {"points": points})


def test_a_draft_is_made_replaced_compared_and_published(call: Caller) -> None:
    made = call("POST", "", {})
    assert made.status_code == 201
    draft = made.json()
    assert (draft["status"], draft["revision"], draft["version"]) == ("draft", 1, 2)
    assert made["ETag"] == f'"{draft["id"]}-1"'
    replaced = call(
        "PUT", f"{draft['id']}/document/", {"document": changed(12)}, **{"If-Match": made["ETag"]}
    )
    assert (replaced.status_code, replaced.json()["revision"]) == (200, 2)
    (change,) = call("GET", f"{draft['id']}/diff/").json()["changes"]
    assert (change["path"], change["kind"]) == (list(PRICING), "changed")
    assert change["after"].startswith("+12 · Pricing viewed")
    published = call("POST", f"{draft['id']}/publish/", **{"If-Match": replaced["ETag"]})
    assert (published.status_code, published.json()["status"]) == (200, "live")
    assert get(call("GET", f"{draft['id']}/document/").json(), PRICING)["points"] == 12


def test_f38_who_read_an_older_state_gets_412_and_changes_nothing(call: Caller) -> None:
    made = call("POST", "", {"document": changed(11)})
    address = f"{made.json()['id']}/document/"
    assert call("PUT", address, {"document": changed(12)}, **{"If-Match": made["ETag"]}).status_code == 200
    late = call("PUT", address, {"document": changed(13)}, **{"If-Match": made["ETag"]})
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert late["ETag"].endswith('-2"')
    assert get(RuleSet.objects.get(pk=made.json()["id"]).document, PRICING)["points"] == 12
    early = call("POST", f"{made.json()['id']}/publish/", **{"If-Match": made["ETag"]})
    assert early.status_code == 412


def test_without_if_match_nothing_is_replaced(call: Caller) -> None:
    made = call("POST", "", {})
    answer = call("PUT", f"{made.json()['id']}/document/", {"document": changed(12)})
    assert (answer.status_code, answer.json()["code"]) == (428, "if_match_required")


def test_b58_what_is_wrong_is_told_with_its_path(call: Caller) -> None:
    answer = call("POST", "validate/", {"document": changed(1001)})
    assert answer.status_code == 200
    assert answer.json() == {
        "valid": False,
        "errors": [
            {
                "path": "$.groups[4].rules[0].points",
                "detail": "A number from -1000 to 1000, up to three decimals.",
            }
        ],
    }
    assert call("POST", "validate/", {"document": changed(1)}).json() == {"valid": True, "errors": []}
    refused = call("POST", "", {"document": changed(1001)})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "$.groups[4].rules[0].points")
    assert RuleSet.objects.count() == 1


def test_rolling_back_publishes_the_old_rules_under_a_new_number(call: Caller) -> None:
    old = live_rule_set()
    assert old is not None
    made = call("POST", "", {"document": changed(12)})
    assert call("POST", f"{made.json()['id']}/publish/", **{"If-Match": made["ETag"]}).status_code == 200
    back = call("POST", f"{old.pk}/roll-back/")
    assert (back.status_code, back.json()["version"], back.json()["status"]) == (200, 3, "live")
    assert RuleSet.objects.get(version=3).document == old.document
    assert call("POST", f"{made.json()['id']}/publish/", **{"If-Match": made["ETag"]}).status_code == 409
    assert call("POST", f"{back.json()['id']}/roll-back/").json()["code"] == "not_archived"


def test_a_draft_is_thrown_away_and_no_longer_changed(call: Caller) -> None:
    made = call("POST", "", {})
    assert call("DELETE", f"{made.json()['id']}/").status_code == 204
    answer = call(
        "PUT", f"{made.json()['id']}/document/", {"document": changed(1)}, **{"If-Match": made["ETag"]}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "not_a_draft")


def test_the_list_names_every_version_without_its_document(call: Caller) -> None:
    call("POST", "", {})
    rows = call("GET", "").json()
    assert [(row["version"], row["status"]) for row in rows] == [(2, "draft"), (1, "live")]
    assert "document" not in rows[0]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_key_does_only_what_it_was_given(method: str, db: None) -> None:
    reads, nothing = Caller(Scope.SCORING_READ), Caller(Scope.LEADS_READ)
    assert nothing(method, "", {} if method == "POST" else None).json()["code"] == "scope_missing"
    assert reads(method, "", {} if method == "POST" else None).status_code == (
        200 if method == "GET" else 403
    )


def test_the_same_idempotency_key_makes_one_draft(call: Caller) -> None:
    answers = [call("POST", "", {}, **{"Idempotency-Key": "once-0001"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert RuleSet.objects.filter(status="draft").count() == 1
