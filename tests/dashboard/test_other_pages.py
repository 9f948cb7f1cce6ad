"""The message log, the rules, the style guide, sign-in and error pages, and both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from leads.models import Lead
from nurturing.models import Message
from scoring.models import RuleSet
from scoring.queries import live_rule_set

# Session, user, the page of rows.
LOG_QUERIES = 3
# Session, user, the live rules, the drafts, the versions.
RULES_QUERIES = 5


@pytest.mark.parametrize("rows", [1, 3])
def test_the_log_costs_the_same_whatever_its_length(
    rows: int,
    signed_in: Callable[..., Client],
    stands: Callable[..., Lead],
    writes: Callable[..., Message],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = signed_in()
    for _ in range(rows):
        writes(stands("lead"))
    with django_assert_num_queries(LOG_QUERIES):
        assert len(client.get("/messages/").context["page"].rows) == rows


def test_the_log_narrows_by_state_and_reason(
    signed_in: Callable[..., Client], stands: Callable[..., Lead], writes: Callable[..., Message]
) -> None:
    lead = stands("lead")
    writes(lead, subject="One")
    writes(lead, "held", subject="Two", reason="cap")
    writes(lead, "held", subject="Three", reason="quiet_hours")
    client = signed_in()
    found = {
        query: [message.subject for message in client.get(f"/messages/{query}").context["page"].rows]
        for query in [
            "?state=sent",
            "?state=held&reason=cap",
            "?purpose=newsletter",
            "?state=%00",
            "?after=junk",
        ]
    }
    assert found == {
        "?state=sent": ["One"],
        "?state=held&reason=cap": ["Two"],
        "?purpose=newsletter": [],
        "?state=%00": ["Three", "Two", "One"],
        "?after=junk": ["Three", "Two", "One"],
    }


@pytest.mark.parametrize(
    ("role", "answer"), [("marketer", 200), ("manager", 200), ("dpo", 200), ("admin", 200), ("rep", 403)]
)
def test_who_sees_the_log(role: str, answer: int, signed_in: Callable[..., Client]) -> None:
    assert signed_in(role).get("/messages/").status_code == answer


def test_the_live_rules_are_readable(
    signed_in: Callable[..., Client], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in("rep")
    client.get("/scoring/")
    with django_assert_num_queries(RULES_QUERIES):
        response = client.get("/scoring/")
    text = response.content.decode()
    rule_set = live_rule_set()
    assert rule_set is not None
    assert f"version {rule_set.version}" in text
    assert all(group["sentences"] for group in response.context["groups"])
    assert [str(gate) for gate in response.context["gates"]] == ["Gate to MQL", "Gate to ready for sales"]


def test_without_live_rules_the_page_says_so(signed_in: Callable[..., Client]) -> None:
    RuleSet.objects.filter(status="live").update(status="archived")
    assert "No rules are live" in signed_in().get("/scoring/").content.decode()


def test_the_style_guide_is_for_development_and_demo(signed_in: Callable[..., Client], settings: Any) -> None:
    settings.DEBUG, settings.DEMO = False, True
    assert signed_in().get("/styleguide/").status_code == 200
    settings.DEMO = False
    assert signed_in().get("/styleguide/").status_code == 404


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "413", "429", "500"])
def test_error_pages_need_nothing(name: str) -> None:
    text = render_to_string(f"{name}.html")
    assert "<h1>" in text
    assert 'href="/"' in text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_speaks_the_readers_language(
    language: str, signed_in: Callable[..., Client], stands: Callable[..., Lead]
) -> None:
    lead = stands("mql", "offered")
    client = signed_in("marketer", language)
    for address in ["/", "/leads/", f"/leads/{lead.public_id}/", "/funnel/", "/messages/", "/scoring/"]:
        response = client.get(address)
        assert f'<html lang="{language}">' in response.content.decode()
        assert response["Content-Language"] == language


@pytest.mark.parametrize("language", ["fr", "en"])
def test_sign_in_pages(language: str, db: None) -> None:
    client = Client(headers={"accept-language": language})
    for address in ["/accounts/login/", "/accounts/password/reset/", "/accounts/password/reset/done/"]:
        response = client.get(address)
        assert response.status_code == 200
        assert 'class="entrance"' in response.content.decode()


def test_the_language_can_be_switched_and_is_remembered(db: None) -> None:
    client = Client(headers={"accept-language": "fr"})
    client.post("/i18n/setlang/", {"language": "en", "next": "/accounts/login/"})
    assert '<html lang="en">' in client.get("/accounts/login/").content.decode()


def test_navigation_has_what_the_role_may_open(signed_in: Callable[..., Client]) -> None:
    def places(role: str) -> set[str]:
        nav = signed_in(role).get("/leads/").context["nav"]
        return {str(item.label) for item in nav.all}

    assert {"Dashboard", "Leads", "Funnel", "Messages", "Scoring"} <= places("marketer")
    assert places("rep") & {"Dashboard", "Funnel", "Messages"} == set()
    assert places("dpo") & {"Dashboard", "Inbox"} == set()
