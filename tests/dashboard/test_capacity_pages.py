"""The capacity page and the waiting room: what they say, who may do what, how many queries they take."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from funnel.models import CapacitySettings, Rep, Standing
from funnel.queries.lock_page import lock_page
from leads.models import Lead
from nurturing.models import Message
from pipeline.run import run_until_idle
from scoring.actions import rescore_all
from scoring.models import RuleSet
from scoring.queries import live_rule_set
from scoring.thresholds import threshold_of
from tests.funnel.conftest import make_ready, make_rep  # noqa: F401
from tests.nurturing.conftest import make_message, site, stand  # noqa: F401
from tests.pipeline.test_threshold import rules
from tests.scoring.conftest import happen, publish_document  # noqa: F401

pytestmark = pytest.mark.django_db
HERE, ROOM = "/capacity/", "/capacity/waiting/"


@pytest.fixture(autouse=True)
def forgotten() -> None:
    """Nothing is kept from another test."""
    cache.clear()


@pytest.fixture
def marketer(signed_in: Callable[..., Client]) -> Client:
    return signed_in(Role.MARKETER)


@pytest.fixture
def busy(
    make_lead: Callable[..., Lead],
    happen: Callable[..., None],  # noqa: F811
    publish_document: Callable[..., RuleSet],  # noqa: F811
    make_rep: Callable[..., Rep],  # noqa: F811
) -> None:
    """Ten leads of 20 to 65 points wait; a rep has three places, all taken by open offers."""
    publish_document(rules())
    for number in range(10):
        lead = make_lead()
        for _ in range(4 + number):
            happen(lead, "page_viewed")
    make_rep(places=3, offers_per_day=3)
    now = timezone.now()
    list(rescore_all(now=now))
    run_until_idle(now=now)


def test_the_header_says_what_is_expected_and_what_is_free(busy: None, marketer: Client) -> None:
    live = live_rule_set()
    assert live
    found = lock_page(live, None, now=timezone.now())
    page = marketer.get(HERE).content.decode()
    assert f"{found.chosen.expected} MQL" in page
    assert found.chosen.staying == 7
    assert "This is the threshold in force" in page
    other = marketer.get(HERE, {"threshold": "50"}).content.decode()
    assert "Use this threshold" in other
    assert "with a threshold of 50" in other


@pytest.mark.parametrize("given", ["", "-3", "abc", "1000", "٤٠", "40.5", "\x00"])
def test_what_is_no_threshold_shows_the_live_one(busy: None, marketer: Client, given: str) -> None:
    answer = marketer.get(HERE, {"threshold": given})
    assert answer.status_code == 200
    assert "This is the threshold in force" in answer.content.decode()


def test_the_slider_gets_only_what_changes(busy: None, marketer: Client) -> None:
    answer = marketer.get(
        HERE, {"threshold": "45"}, headers={"HX-Request": "true", "HX-Target": "lock"}
    ).content.decode()
    assert "<html" not in answer
    assert 'type="range"' not in answer
    assert "with a threshold of 45" in answer


def test_using_a_threshold_makes_a_draft_and_publishes_nothing(busy: None, marketer: Client) -> None:
    live = live_rule_set()
    assert live
    answer = marketer.post(f"{HERE}draft/", {"threshold": "45"})
    draft = RuleSet.objects.get(status="draft", based_on=live)
    assert answer["Location"] == f"/scoring/drafts/{draft.pk}/preview/"
    assert threshold_of(draft.document) == 45
    assert live_rule_set() == live
    assert marketer.get(answer["Location"]).status_code == 200


def test_costs_and_limits_are_kept_and_bounds_must_not_cross(marketer: Client) -> None:
    typed: dict[str, Any] = {
        "rep_hour_cost": "60", "hours_per_lead": "1.5", "message_cost": "0.02", "messages_a_week": "2",
        "source": "Comptabilité 2025", "is_automatic": "on", "lowest": "30", "highest": "20", "step": "5",
        "margin": "10",
    }  # fmt: skip
    assert marketer.post(f"{HERE}settings/", typed).status_code == 422
    assert not CapacitySettings.objects.exists()
    assert marketer.post(f"{HERE}settings/", typed | {"highest": "70"}).status_code == 302
    assert marketer.post(f"{HERE}settings/", typed | {"highest": "75"}).status_code == 302
    kept = CapacitySettings.objects.get()
    assert (kept.costs.handled, kept.limits_above(0).highest, kept.is_automatic) == (90, 75, True)


def test_a_manager_looks_but_changes_nothing(busy: None, signed_in: Callable[..., Client]) -> None:
    client = signed_in(Role.MANAGER)
    assert "Use this threshold" not in client.get(HERE, {"threshold": "45"}).content.decode()
    assert client.post(f"{HERE}draft/", {"threshold": "45"}).status_code == 403
    assert client.get(f"{HERE}settings/").status_code == 403


def test_without_rules_the_page_says_so(marketer: Client) -> None:
    RuleSet.objects.filter(status="live").update(status="archived", archived_at=timezone.now())
    assert "No rules are live yet" in marketer.get(HERE).content.decode()


def test_the_waiting_room_says_who_is_next_and_what_happens_meanwhile(
    make_ready: Callable[..., Standing],  # noqa: F811
    make_message: Callable[..., Message],  # noqa: F811
    marketer: Client,
) -> None:
    first, second = make_ready(priority=90), make_ready(priority=120)
    Standing.objects.filter(pk=first.pk).update(ready_since=timezone.now() - timedelta(days=200))
    make_message(lead=second.lead, subject="Guide des achats")
    page = marketer.get(ROOM).content.decode()
    assert page.index(first.lead.display_name) < page.index(second.lead.display_name)
    assert "Guide des achats" in page
    assert "nothing planned" in page
    assert "matrix 90" in page
    assert "2 leads wait" in page


@pytest.mark.parametrize("leads", [1, 3])
def test_the_pages_take_few_queries(
    make_ready: Callable[..., Standing],  # noqa: F811
    make_rep: Callable[..., Rep],  # noqa: F811
    publish_document: Callable[..., RuleSet],  # noqa: F811
    marketer: Client,
    leads: int,
) -> None:
    publish_document(rules())
    for _ in range(leads):
        make_ready()
        make_rep()
    marketer.get(HERE)
    for address, most in ((HERE, 12), (ROOM, 8)):
        with CaptureQueriesContext(connection) as asked:
            assert marketer.get(address).status_code == 200
        assert len(asked) <= most, [one["sql"][:90] for one in asked]
