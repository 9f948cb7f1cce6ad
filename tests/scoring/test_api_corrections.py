"""Correcting scores over HTTP: what is missing, points by hand, events that do not count, any day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leads.actions.events import record_event
from leads.models import Event, Lead
from pipeline.run import run_until_idle
from scoring.models import CompanyScore, ScoreAdjustment
from tests.conftest import NOON


@pytest.fixture
def asked(make_lead, time_machine) -> Lead:
    time_machine.move_to(NOON, tick=False)
    lead = make_lead(seniority="director")
    then = NOON - timedelta(days=5)
    record_event(lead_id=lead.pk, kind="pricing_viewed", occurred_at=then, now=then)
    run_until_idle(now=then)
    record_event(lead_id=lead.pk, kind="quote_requested", occurred_at=NOON, now=NOON, event_id="crm-1")
    run_until_idle(now=NOON)
    return lead


def test_any_day_is_explained_and_adds_up(asked: Lead, call, secret: str) -> None:
    address = f"/api/v1/leads/{asked.public_id}/score/"
    today = call("GET", address, key=secret).json()
    then = call("GET", f"{address}?on=2026-03-09", key=secret).json()
    assert (today["as_of"], then["as_of"]) == ("2026-03-12", "2026-03-09")
    assert 0 < then["engagement"] < today["engagement"]
    for body in (today, then):
        for measure in ("fit", "engagement"):
            lines = [line["points_thousandths"] for line in body["lines"] if line["measure"] == measure]
            assert sum(lines) == body[measure] * 1000
    assert call("GET", f"{address}?on=yesterday", key=secret).status_code == 400


def test_what_is_missing(asked: Lead, call, secret: str) -> None:
    ways = call("GET", f"/api/v1/leads/{asked.public_id}/next-band/", key=secret).json()
    assert {way["goal"] for way in ways} <= {"grade", "level", "mql", "ready"}
    assert all(len(steps) >= 1 for way in ways for steps in way["sets"])


def test_points_by_hand(asked: Lead, call, secret: str) -> None:
    address = f"/api/v1/leads/{asked.public_id}/adjustments/"
    before = call("GET", f"/api/v1/leads/{asked.public_id}/score/", key=secret).json()["fit"]
    made = call("POST", address, {"measure": "fit", "points": -3, "reason": "Customer before"}, key=secret)
    assert made.status_code == 201
    assert call("GET", f"/api/v1/leads/{asked.public_id}/score/", key=secret).json()["fit"] == before - 3
    number = made.json()["id"]
    gone = call("POST", f"{address}{number}/withdraw/", {}, key=secret)
    assert gone.json()["withdrawn_at"] is not None
    assert call("GET", f"/api/v1/leads/{asked.public_id}/score/", key=secret).json()["fit"] == before
    assert [row["id"] for row in call("GET", address, key=secret).json()] == [number]


@pytest.mark.parametrize(
    "body",
    [
        {"measure": "fit", "points": 0, "reason": "x"},
        {"measure": "luck", "points": 1, "reason": "x"},
        {"measure": "fit", "points": 1},
        {"measure": "fit", "points": "many", "reason": "x"},
        {"measure": "fit", "points": 1, "reason": "x", "expires_on": "2020-01-01"},
    ],
    ids=["none", "no such score", "no reason", "no number", "over already"],
)
def test_bad_points_are_refused(asked: Lead, call, secret: str, body) -> None:
    assert call("POST", f"/api/v1/leads/{asked.public_id}/adjustments/", body, key=secret).status_code == 400
    assert not ScoreAdjustment.objects.exists()


def test_an_event_is_voided_and_counts_again(asked: Lead, call, secret: str) -> None:
    address = f"/api/v1/leads/{asked.public_id}/events/"
    before = call("GET", f"/api/v1/leads/{asked.public_id}/score/", key=secret).json()["engagement"]
    void = {"event_id": "crm-1", "reason": "A test"}
    assert call("POST", f"{address}void/", void, key=secret).json()["counts"] is False
    assert call("GET", f"/api/v1/leads/{asked.public_id}/score/", key=secret).json()["engagement"] < before
    assert Event.objects.get(event_id="crm-1").void_reason == "A test"
    assert call("POST", f"{address}restore/", {"event_id": "crm-1"}, key=secret).json()["counts"] is True
    assert call("GET", f"/api/v1/leads/{asked.public_id}/score/", key=secret).json()["engagement"] == before
    assert call("POST", f"{address}void/", void | {"event_id": "no"}, key=secret).status_code == 404
    assert call("POST", f"{address}void/", {"event_id": "crm-1"}, key=secret).status_code == 400


def test_a_companys_score(asked: Lead, call, secret: str) -> None:
    assert CompanyScore.objects.count() == 0
    assert call("GET", f"/api/v1/companies/{asked.public_id}/score/", key=secret).status_code == 404
