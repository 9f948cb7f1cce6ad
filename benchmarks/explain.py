"""One lead with 10,000 events, in a base of benchmark size: its score with the explanation, by the API.

Server time: the whole view in this process, from the request to the bytes of the answer, on one connection.
Each call explains the lead anew; nothing of an answer is kept.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import Any

from benchmarks._base import Span, build
from benchmarks._rules import RULES
from benchmarks.harness import cpu_seconds, own_database, report, say, size

REACH = {"p95_ms": "< 50", "wrong": "== 0"}
WARMING = 10
# A share of what everybody did becomes what this one did: a year, at the times of the others.
OWN = """
INSERT INTO leads_event (occurred_at, received_at, lead_id, signature_id, kind_id, content_id, source_id,
    channel, event_id, properties)
SELECT occurred_at, received_at, %(lead)s, signature_id, kind_id, content_id, source_id, channel,
    'own-' || event_id, properties
FROM leads_event ORDER BY id %% 97, id LIMIT %(events)s - (
    SELECT count(*) FROM leads_event WHERE lead_id = %(lead)s AND signature_id <> 0
)
"""


def main() -> None:
    """Build, measure, report."""
    leads, events = size("LEADS", 1_000_000), size("EVENTS", 20_000_000)
    own = size("OWN", 10_000)
    now = datetime.now(UTC).replace(hour=11, minute=0, second=0, microsecond=0)
    with own_database("explain"):
        build(leads, events, now)
        lead_id = busy_lead(leads, own)
        figures = measure(lead_id)
    report("explain", figures | {"leads": leads, "events": events, "events_of_the_lead": own}, REACH)


def busy_lead(leads: int, events: int) -> int:
    """The lead that did so much; its id."""
    from django.db import connection

    lead_id = leads // 2
    with connection.cursor() as cursor:
        cursor.execute(OWN, {"lead": lead_id, "events": events})
        cursor.execute("ANALYZE leads_event")
    return lead_id


def measure(lead_id: int) -> dict[str, float | int]:
    """Many calls, one after the other; the last answer is compared with what the bulk reader stores."""
    call = caller(lead_id)
    for _ in range(WARMING):
        answer = call()
    times = []
    cpu = cpu_seconds(os.getpid())
    calls = size("CALLS", 200)
    for _ in range(calls):
        start = time.perf_counter()
        answer = call()
        times.append((time.perf_counter() - start) * 1000)
    cpu = cpu_seconds(os.getpid()) - cpu
    times.sort()
    say(f"{len(answer['lines'])} lines, fit {answer['fit']}, engagement {answer['engagement']}")
    return {
        "p95_ms": round(times[int(calls * 0.95)], 1),
        "p50_ms": round(times[calls // 2], 1),
        "cpu_ms": round(cpu * 1000 / calls, 1),
        "lines": len(answer["lines"]),
        "wrong": wrong(lead_id, answer),
        "rules": RULES,
    }


def caller(lead_id: int) -> Any:
    """A function that asks the API for the score of the lead."""
    from django.conf import settings
    from django.test import Client

    from accounts.actions import create_api_key
    from leads.models import Lead

    settings.ALLOWED_HOSTS = ["*"]
    settings.SECURE_SSL_REDIRECT = False
    _key, value = create_api_key(name="benchmark", kind="secret")
    client, path = Client(), f"/api/v1/leads/{Lead.objects.get(pk=lead_id).public_id}/score/"

    def call() -> Any:
        response = client.get(path, headers={"Authorization": f"Bearer {value}"})
        assert response.status_code == 200, response.content
        return response.json()

    return call


def wrong(lead_id: int, answer: dict[str, Any]) -> int:
    """How many conclusions of the answer differ from the stored ones."""
    from scoring.actions import rescore

    verdict = None

    def conclude() -> int:
        nonlocal verdict
        verdict = rescore([lead_id], now=datetime.now(UTC))[lead_id]
        return 1

    Span("the bulk reader, for this one", conclude)
    assert verdict is not None
    told = (answer["fit"], answer["engagement"], answer["grade"], answer["level"], answer["phase"])
    stored = (verdict.fit // 1000, verdict.engagement // 1000, verdict.grade, verdict.level, verdict.phase)
    return sum(one != other for one, other in zip(told, stored, strict=True))


if __name__ == "__main__":
    main()
