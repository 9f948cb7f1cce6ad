"""One history from events, passages, messages and profile changes (no database needed)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from accounts.models import User
from dashboard import timeline
from funnel.models import Passage, Reason
from leads.kinds import BY_CODE
from leads.models import Content, Event, EventKind, ProfileChange, Verdict
from nurturing.models import Message, State, Template

NOON = datetime(2026, 3, 12, 11, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_english() -> object:
    with translation.override("en"):
        yield


def event(code: str, **fields: object) -> Event:
    kind = BY_CODE[code]
    row = EventKind(id=kind.id, code=kind.code, is_intent=kind.is_intent)
    return Event(**({"id": 1, "occurred_at": NOON, "kind": row, "content": None, "properties": {}} | fields))


def test_an_act_of_intent_stands_out() -> None:
    told = timeline.of_event(
        event("quote_requested", properties={"form": "Devis", "minutes": 3, "nested": {"a": 1}})
    )
    assert told is not None
    assert (str(told.title), told.tone, told.detail) == ("Quote requested", "intent", "Devis · 3 min")


def test_a_download_names_its_content() -> None:
    told = timeline.of_event(event("content_downloaded", content=Content(title="Le guide"), channel="social"))
    assert told is not None
    assert (told.detail, [str(tag) for tag in told.tags]) == ("Le guide", ["Social network"])


@pytest.mark.parametrize("code", ["email_sent", "profile_changed", "accepted", "offered", "won"])
def test_what_another_line_tells_is_not_told_twice(code: str) -> None:
    assert timeline.of_event(event(code)) is None


def test_machines_and_voided_events_are_marked() -> None:
    told = timeline.of_event(
        event("email_clicked", verdict=Verdict.MACHINE, voided_at=NOON, void_reason="scanner")
    )
    assert told is not None
    assert (told.struck, told.tags) == (True, ("machine", "voided: scanner"))


def test_a_sites_own_kind_speaks_the_readers_language() -> None:
    kind = EventKind(id=200, code="visite_usine", label_fr="Visite d’usine", label_en="Factory visit")
    assert kind.label == "Factory visit"
    with translation.override("fr"):
        assert kind.label == "Visite d’usine"


def test_a_passage_says_from_where_why_and_by_whom() -> None:
    told = timeline.of_passage(
        Passage(
            id=3,
            verb="return",
            from_stage="mql",
            from_situation="offered",
            to_stage="recycled",
            at=NOON,
            reason=Reason(label_en="No budget yet", label_fr="Pas encore de budget"),
            note="call back",
            actor_name="Inès Roy",
            grade="B",
            level=2,
        )
    )
    assert told.detail == "SAL to decide → Recycled · No budget yet · call back"
    assert (told.who, told.score, str(told.title)) == ("Inès Roy", ("B", 2), "Returned to marketing")


def test_a_message_that_only_is_planned_has_not_happened() -> None:
    template = Template(code="welcome")
    assert timeline.of_message(Message(state=State.PLANNED, template=template)) is None
    held = timeline.of_message(
        Message(id=1, state=State.HELD, planned_at=NOON, subject="Bonjour", template=template)
    )
    assert held is not None
    assert (held.title, held.detail) == ("Email: held back", "Bonjour")


def test_what_came_at_once_from_one_form_is_one_line() -> None:
    changes = [
        ProfileChange(field=field, new=new, origin="form", at=NOON)
        for field, new in [("seniority", "director"), ("city", "Lyon"), ("project_month", "2026-09-01")]
    ]
    told = list(timeline.of_changes(changes))
    assert [line.detail for line in told] == [
        "Seniority: Director, City: Lyon, Project horizon: September 2026"
    ]


def test_days_are_local_and_the_newest_comes_first() -> None:
    late = NOON.replace(hour=23, minute=30)  # after midnight in Paris
    days = timeline.timeline([event("chat"), event("page_viewed", id=2, occurred_at=late)], [], [], [])
    assert [(day.date.day, [str(entry.title) for entry in day.entries]) for day in days] == [
        (13, ["Page viewed"]),
        (12, ["Chat"]),
    ]


def test_two_facts_of_one_instant_keep_the_order_in_which_they_came() -> None:
    at = NOON - timedelta(days=1)
    first = Passage(id=7, verb="gate", from_stage="lead", to_stage="mql", at=at)
    second = Passage(id=8, verb="ready", from_stage="mql", to_stage="mql", to_situation="ready", at=at)
    [day] = timeline.timeline([], [first, second], [], [])
    assert [entry.order for entry in day.entries] == [8, 7]


def test_a_person_who_completed_the_profile_is_named() -> None:
    rep = User(first_name="Inès", last_name="Roy")
    [told] = timeline.of_changes([ProfileChange(field="city", new="Lyon", origin="sales", at=NOON, by=rep)])
    assert (told.who, [str(tag) for tag in told.tags]) == ("Inès Roy", ["Sales"])


def test_the_same_thing_several_times_in_a_row_is_one_line() -> None:
    page = {"properties": {"url": "/tarifs/"}}
    events = [
        event("pricing_viewed", id=number, occurred_at=NOON - timedelta(minutes=number), **page)
        for number in (1, 2, 4)
    ]
    chat = event("chat", id=9, occurred_at=NOON - timedelta(minutes=3))
    [day] = timeline.timeline([*events, chat], [], [], [])
    assert [(str(entry.title), entry.times, entry.at.minute) for entry in day.entries] == [
        ("Pricing viewed", 2, 59),
        ("Chat", 1, 57),
        ("Pricing viewed", 1, 56),
    ]
