"""What scoring tests share: leads with events, and small rule documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count

import pytest

from leads.actions.events import record_event
from leads.models import Content, Lead
from scoring.actions import make_draft, publish
from scoring.models import RuleSet

Happen = Callable[..., None]
NUMBERS = count()


@pytest.fixture
def make_content(db: None, now: datetime) -> Callable[..., Content]:
    """Makes pieces of content: ``make_content("ebook")``."""

    def make(kind: str, **fields: object) -> Content:
        values = {"code": f"{kind}-{next(NUMBERS)}", "title": kind, "type": kind, "band": "tofu"}
        return Content.objects.create(**(values | {"created_at": now} | fields))

    return make


@pytest.fixture
def happen(now: datetime) -> Happen:
    """Records an event some days ago: ``happen(lead, "page_viewed", days=3)``."""

    def record(
        lead: Lead, kind: str, *, days: float = 0, content: Content | None = None, **more: object
    ) -> None:
        record_event(
            lead_id=lead.pk,
            kind=kind,
            occurred_at=now - timedelta(days=days),
            now=more.pop("received", now),
            content_id=content.pk if content else None,
            wakes=False,
            **more,
        )

    return record


@pytest.fixture
def publish_document(db: None, now: datetime) -> Callable[[dict], RuleSet]:
    """Publishes a document as the live rules."""

    def live(document: dict, at: datetime = now) -> RuleSet:
        return publish(make_draft(document=document, by=None, now=at), by=None, now=at)

    return live


def document(*rules: dict, **more: object) -> dict:
    """A small document: these engagement rules, and gates at 10 and 40 points."""
    plain = {
        "name": "Essai",
        "groups": [{"code": "g", "name": "Groupe", "measures": "engagement", "rules": list(rules)}],
        "gates": {
            "mql": {"when": {"score": "engagement", "at_least": 10}},
            "ready": {"when": {"score": "engagement", "at_least": 40}},
        },
    }
    return plain | more


def counting(kind: str, points: float, **how: object) -> dict:
    """A rule that counts events of a kind."""
    return {"code": kind, "name": kind, "points": points, "count": {"event": {"kind": [kind]}, **how}}


@pytest.fixture
def each_day(now: datetime) -> Iterator[datetime]:
    """The same hour, day after day."""
    return (now + timedelta(days=day) for day in count())
