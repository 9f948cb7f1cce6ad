"""The score of a lead on any day, points by hand, events that do not count, alerts: their pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from leads.actions.events import record_event
from leads.models import Event, Lead, Verdict
from pipeline.run import run_until_idle
from scoring.models import AlertRule, Notification, NotificationChoice, ScoreAdjustment, Voiding
from scoring.queries import explain
from tests.dashboard.conftest import NOON

HTMX = {"HX-Request": "true"}


@pytest.fixture
def asked(make_lead) -> Lead:
    """A lead that asked for a quote five days ago, scored then and now."""
    lead = make_lead(seniority="director")
    then = NOON - timedelta(days=5)
    record_event(lead_id=lead.pk, kind="pricing_viewed", occurred_at=then, now=then)
    run_until_idle(now=then)
    record_event(lead_id=lead.pk, kind="quote_requested", occurred_at=NOON, now=NOON)
    run_until_idle(now=NOON)
    return lead


def quote_of(lead: Lead) -> Event:
    return Event.objects.get(lead=lead, kind__code="quote_requested")


def test_the_why_panel_shows_course_account_and_persona(asked: Lead, signed_in) -> None:
    response = signed_in().get(f"/leads/{asked.public_id}/")
    page, text = response.context["page"], response.content.decode()
    assert page.curve is not None
    assert [move.change.cause for move in page.moves] == ["event", "event"]
    assert page.engagement.total == page.explanation.shown_engagement * 1000
    items = [item for row in page.engagement.rows for item in row.items]
    assert {item.event_id for item in items} >= {quote_of(asked).pk}
    assert f'id="event-{quote_of(asked).pk}"' in text
    assert f"#event-{quote_of(asked).pk}" in text


def test_an_event_too_old_for_the_page_is_shown_when_a_line_leads_to_it(
    asked: Lead, signed_in, monkeypatch
) -> None:
    monkeypatch.setattr("dashboard.queries.lead.EVENTS_SHOWN", 1)
    old = Event.objects.get(lead=asked, kind__code="pricing_viewed")
    address = f"/leads/{asked.public_id}/"
    assert f'id="event-{old.pk}"' not in signed_in().get(address).content.decode()
    assert f'id="event-{old.pk}"' in signed_in().get(f"{address}?event={old.pk}").content.decode()
    assert signed_in().get(f"{address}?event=abc").status_code == 200


def test_a_past_day_and_what_changed_since(asked: Lead, signed_in) -> None:
    since = (NOON - timedelta(days=3)).date()
    response = signed_in().get(f"/leads/{asked.public_id}/score/?since={since}")
    page = response.context["page"]
    now, then = page.on.explanation, page.since.explanation
    assert then.shown_engagement < now.shown_engagement
    for measure, change in (("fit", now.shown_fit - then.shown_fit),
                            ("engagement", now.shown_engagement - then.shown_engagement)):  # fmt: skip
        assert sum(one.by for one in page.differences if one.measure == measure) == change * 1000
    assert any(one.text == "Quote requested" for one in page.differences)


@pytest.mark.parametrize("asked_for", ["?on=2019-01-01", "?on=nonsense", "?on=2026-02-30", "?on=2030-01-01"])
def test_days_without_a_score_or_that_are_none(asked: Lead, signed_in, asked_for: str) -> None:
    assert signed_in().get(f"/leads/{asked.public_id}/score/{asked_for}").status_code == 200


def test_what_is_missing_is_a_page_and_a_part(asked: Lead, signed_in) -> None:
    client, address = signed_in(), f"/leads/{asked.public_id}/next-band/"
    assert "<html" in client.get(address).content.decode()
    part = client.get(address, headers=HTMX | {"HX-Target": "next-band"}).content.decode()
    assert "<html" not in part
    assert "Fit " in part


def test_points_by_hand_are_a_line_until_they_are_withdrawn(asked: Lead, signed_in) -> None:
    client, address = signed_in(), f"/leads/{asked.public_id}/"
    before = explain(asked, now=NOON).shown_fit
    sent = {"measure": "fit", "points": "-7", "reason": "Former customer", "expires_on": "2026-04-01"}
    assert client.post(f"{address}adjustments/", sent).status_code == 302
    made = ScoreAdjustment.objects.get()
    page = client.get(address).context["page"]
    assert page.explanation.shown_fit == before - 7
    assert [(line.text, line.points) for line in page.adjustments] == [("Former customer", -7000)]
    assert "1 April 2026" in page.adjustments[0].note
    client.post(f"{address}adjustments/{made.pk}/withdraw/")
    assert client.get(address).context["page"].explanation.shown_fit == before


@pytest.mark.parametrize(
    "sent",
    [
        {"measure": "fit", "points": "0", "reason": "x"},
        {"measure": "fit", "points": "101", "reason": "x"},
        {"measure": "likelihood", "points": "5", "reason": "x"},
        {"measure": "fit", "points": "5", "reason": " "},
        {"measure": "fit", "points": "5", "reason": "x", "expires_on": "2020-01-01"},
    ],
    ids=["none", "too many", "no such score", "no reason", "over already"],
)
def test_a_bad_adjustment_comes_back_with_what_was_typed(asked: Lead, signed_in, sent) -> None:
    answer = signed_in().post(f"/leads/{asked.public_id}/adjustments/", sent)
    assert answer.status_code == 422
    assert answer.context["adjust_form"].errors
    assert not ScoreAdjustment.objects.exists()


def test_an_event_is_voided_with_a_reason_and_counts_again(asked: Lead, signed_in) -> None:
    client, event = signed_in(), quote_of(asked)
    address = f"/leads/{asked.public_id}/events/{event.pk}/"
    assert [line.text for line in client.get(address).context["lines"]] == ["Quote requested"]
    assert client.post(f"{address}void/", {"reason": ""}).status_code == 422
    assert client.post(f"{address}void/", {"reason": "A test"}).status_code == 302
    page = client.get(address)
    assert "A test" in page.content.decode()
    assert page.context["lines"] == []
    client.post(f"{address}restore/")
    assert [line.text for line in client.get(address).context["lines"]] == ["Quote requested"]


def test_a_person_or_a_machine(asked: Lead, signed_in) -> None:
    client, event = signed_in(), quote_of(asked)
    address = f"/leads/{asked.public_id}/events/{event.pk}/"
    client.post(f"{address}verdict/", {"verdict": "machine"})
    assert Event.objects.get(pk=event.pk).verdict == Verdict.MACHINE
    assert client.get(address).context["lines"] == []
    client.post(f"{address}verdict/", {"verdict": "human"})
    assert Event.objects.get(pk=event.pk).verdict == Verdict.HUMAN
    assert client.get(address).context["lines"] != []


def test_a_rep_voids_nothing_and_no_event_of_another_lead_is_found(
    asked: Lead, make_lead, make_user, signed_in
) -> None:
    rep = make_user("rep")
    mine = make_lead(owner=rep)
    event = quote_of(asked)
    assert signed_in(rep).get(f"/leads/{mine.public_id}/events/{event.pk}/").status_code == 403
    assert signed_in().get(f"/leads/{mine.public_id}/events/{event.pk}/").status_code == 404


def test_many_events_are_planned_before_they_are_voided(asked: Lead, signed_in) -> None:
    client = signed_in()
    chosen = {"since": "2026-03-12", "until": "2026-03-12", "source": "", "kind": ""}
    plan = client.get("/voidings/new/", chosen).context["plan"]
    assert plan.events >= 1
    assert client.post("/voidings/new/", chosen | {"reason": ""}).status_code == 422
    assert not Voiding.objects.exists()
    assert client.post("/voidings/new/", chosen | {"reason": "Load test"}).status_code == 302
    voiding = Voiding.objects.get()
    assert (voiding.total, voiding.state) == (plan.events, "waiting")
    assert "Load test" in client.get("/voidings/").content.decode()
    backwards = {"since": "2026-03-12", "until": "2026-03-01"}
    assert client.get("/voidings/new/", backwards).context["plan"] is None


# -- alerts and notifications

ALERT = {"name": "Hot", "trigger": "hot", "recipients": ["owner"], "throttle_hours": "24", "is_active": "on"}


def test_an_alert_is_made_changed_and_deleted(signed_in) -> None:
    client = signed_in()
    assert client.post("/alerts/new/", ALERT).status_code == 302
    rule = AlertRule.objects.get()
    assert client.post(f"/alerts/{rule.pk}/", ALERT | {"name": "Very hot"}).status_code == 302
    assert "Very hot" in client.get("/alerts/").content.decode()
    client.post(f"/alerts/{rule.pk}/delete/")
    assert not AlertRule.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"trigger": "band"}, "bands"),
        ({"trigger": "points", "measure": "fit"}, "points"),
        ({"trigger": "points", "points": "5"}, "measure"),
        ({"recipients": []}, "recipients"),
        ({"throttle_hours": "0"}, "throttle_hours"),
    ],
    ids=["no band", "no points", "no score", "nobody", "all the time"],
)
def test_what_an_alert_needs(signed_in, wrong, field) -> None:
    answer = signed_in().post("/alerts/new/", ALERT | wrong)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


@pytest.fixture
def told(asked: Lead, make_user) -> tuple[Notification, Client]:
    user = make_user("manager")
    return Notification.objects.create(
        user=user, lead=asked, trigger="hot", grade="A", level=1, at=NOON
    ), user


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_notifications_costs_the_same(
    rows, told, signed_in, make_lead, django_assert_num_queries
) -> None:
    _one, user = told
    for _ in range(rows - 1):
        Notification.objects.create(user=user, lead=make_lead(), trigger="mql", at=NOON)
    client = signed_in(user)
    with django_assert_num_queries(3):  # the session, who it is, the notifications
        assert client.get("/notifications/").content.decode().count("<li data-unread>") == rows


def test_the_bell_counts_and_opening_takes_it_as_read(told, signed_in, make_user) -> None:
    one, user = told
    client = signed_in(user)
    assert '<span class="count count--on">1' in client.get("/notifications/bell/").content.decode()
    assert signed_in("marketer").post(f"/notifications/{one.pk}/open/").status_code == 404
    answer = client.post(f"/notifications/{one.pk}/open/")
    assert answer.headers["Location"] == f"/leads/{one.lead.public_id}/"
    assert "count--on" not in client.get("/notifications/bell/").content.decode()


def test_all_are_taken_as_read_and_nobody_elses(told, signed_in) -> None:
    one, user = told
    signed_in("marketer").post("/notifications/read/")
    one.refresh_from_db()
    assert one.read_at is None
    signed_in(user).post("/notifications/read/")
    one.refresh_from_db()
    assert one.read_at == NOON


def test_everybody_chooses_for_themselves(signed_in, make_user) -> None:
    rep = make_user("rep")
    sent = {
        "mail": "digest",
        "digest_hour": "7",
        "quiet_from": "20:00",
        "quiet_until": "08:00",
        "muted": ["mql"],
    }
    assert signed_in(rep).post("/notifications/choices/", sent).status_code == 302
    row = NotificationChoice.objects.get()
    assert (row.user, row.mail, row.digest_hour, row.muted) == (rep, "digest", 7, ["mql"])
    assert signed_in(rep).post("/notifications/choices/", sent | {"digest_hour": "24"}).status_code == 422
