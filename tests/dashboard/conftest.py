"""Leads as rows with their standing and score, and people signed in, for tests of pages that only read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import count

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from accounts.models import User
from funnel.models import Passage, Rep, Standing
from leads.models import Event, EventKind, Lead
from leads.normalise import searchable
from nurturing.models import Message, State, Template
from scoring.models import LeadScore

NOON = datetime(2026, 3, 12, 11, 0, tzinfo=UTC)
SCORE = {
    "grade": "B", "level": 2, "temperature": "warm", "priority": 10, "fit": 60_000, "engagement": 40_000,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _noon(time_machine: TimeMachineFixture) -> None:
    """Pages read the clock: here it stands still."""
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def signed_in(make_user: Callable[..., User]) -> Callable[..., Client]:
    """A browser of a user: ``signed_in("rep")``, or of a given user; English unless told otherwise."""

    def sign_in(who: User | str = "marketer", language: str = "en") -> Client:
        client = Client(headers={"accept-language": language})
        client.force_login(who if isinstance(who, User) else make_user(who, first_name="Camille"))
        return client

    return sign_in


@pytest.fixture
def stands(make_lead: Callable[..., Lead], make_user: Callable[..., User]) -> Callable[..., Lead]:
    """Makes leads that stand somewhere with a score: ``stands("mql", situation="ready", grade="A")``."""
    events = count(10**12)

    def make(stage: str = "lead", situation: str = "", **fields: object) -> Lead:
        score = {name: fields.pop(name, default) for name, default in SCORE.items()}
        properties = fields.pop("properties", {})
        if stage == "mql" and not situation:
            situation = "marketing"
        if stage in ("sal", "sql") and "owner" not in fields:
            fields["owner"] = make_user("rep")
        lead = make_lead(**fields)
        lead.search_text = searchable(lead.first_name, lead.last_name, lead.email)
        lead.last_activity_at = lead.created_at
        lead.save()
        rep = Rep.objects.get_or_create(user=lead.owner)[0] if stage in ("sal", "sql") else None
        wake = date(2026, 9, 1) if stage == "recycled" else None
        Standing.objects.create(
            lead=lead,
            stage=stage,
            situation=situation,
            since=NOON,
            rep=rep,
            wake_on=wake,
            priority=score["priority"],
        )
        gates = dict.fromkeys(["mql_gate", "mql_keep", "ready_gate", "ready_keep"], stage != "lead")
        LeadScore.objects.create(
            lead=lead, rules_version=1, as_of=NOON, updated_at=NOON,
            completeness=50, phase="interest", **score, **gates,
        )  # fmt: skip
        number = next(events)
        Event.objects.create(
            id=number, occurred_at=NOON, received_at=NOON, lead=lead, kind=EventKind.objects.get(code="chat"),
            signature_id=0, source_id=0, event_id=str(number), properties=properties,
        )  # fmt: skip
        return lead

    return make


@pytest.fixture
def passes() -> Callable[..., Passage]:
    """Writes a passage of a lead as a row."""

    def make(lead: Lead, verb: str, origin: str, to: str, **fields: object) -> Passage:
        values = {"from_stage": origin, "to_stage": to, "at": NOON, "cycle": 1, "grade": "B", "level": 2}
        return Passage.objects.create(lead=lead, verb=verb, **(values | fields))

    return make


@pytest.fixture
def writes(db: None) -> Callable[..., Message]:
    """Makes messages to a lead as rows."""
    numbers = count(1)

    def make(lead: Lead, state: str = State.SENT, **fields: object) -> Message:
        template, _made = Template.objects.get_or_create(
            code="welcome", language="fr", version=1, defaults={"subject": "Bonjour", "saved_at": NOON}
        )
        sent = {"sent_at": NOON, "data_started_at": NOON} if state == State.SENT else {}
        values = {
            "purpose": "nurturing",
            "planned_at": NOON,
            "due_at": NOON,
            "expires_at": NOON,
            "subject": "Bonjour",
        }
        return Message.objects.create(
            send_key=f"test-{next(numbers)}",
            lead=lead,
            template=template,
            state=state,
            **(values | sent | fields),
        )

    return make
