"""GET /api/v1/leads/{id}/score/: the score, and lines that add up to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from leads.actions.events import record_event
from leads.models import Lead
from scoring.models import RuleSet
from tests.api_fixtures import Call, problem

pytestmark = pytest.mark.django_db


def test_the_lines_add_up(call: Call, secret: str, make_lead: Callable[..., Lead]) -> None:
    lead = make_lead(job_title="Directeur", seniority="director", country="FR")
    now = timezone.now()
    for days, kind in enumerate(("quote_requested", "pricing_viewed", "page_viewed")):
        record_event(
            lead_id=lead.pk, kind=kind, occurred_at=now - timedelta(days=days), now=now, event_id=f"e{days}"
        )
    answer = call("GET", f"/api/v1/leads/{lead.public_id}/score/", key=secret)
    assert answer.status_code == 200, answer.content
    score = answer.json()
    for measure in ("fit", "engagement"):
        points = sum(line["points_thousandths"] for line in score["lines"] if line["measure"] == measure)
        assert points == score[measure] * 1000
    assert score["engagement"] > 0
    assert "e0" in {line["event_id"] for line in score["lines"]}
    assert (score["grade"] in "ABCD", score["level"] in {1, 2, 3, 4}) == (True, True)


def test_in_the_readers_language(call: Call, secret: str, make_lead: Callable[..., Lead]) -> None:
    path = f"/api/v1/leads/{make_lead().public_id}/score/"
    names = {
        call("GET", path, key=secret, Accept_Language=language).json()["rules_name"]
        for language in ("fr", "en")
    }
    assert len(names) == 2


def test_without_published_rules(call: Call, secret: str, make_lead: Callable[..., Lead]) -> None:
    RuleSet.objects.update(status=RuleSet.Status.ARCHIVED, archived_at=timezone.now())
    problem(call("GET", f"/api/v1/leads/{make_lead().public_id}/score/", key=secret), 409, "no_live_rules")
