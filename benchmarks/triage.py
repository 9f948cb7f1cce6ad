"""Decisions in the inbox, in a base of benchmark size: from the request to the bytes of the next lead.

Server time: the whole request in this process, with its session, on one connection. Twelve leads lie on the
rep's table; accept, return, pass on and disqualify take turns. Queries are counted in rounds of their own.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from benchmarks._base import build, rescore_everybody
from benchmarks._sales import make_reps, stand
from benchmarks.harness import own_database, report, say, size, timed

REACH = {"p95_ms": "< 150", "queries": "<= 15"}
QUEUE = 12
COUNTED_ROUNDS = 2
DECISIONS: tuple[tuple[str, dict[str, str]], ...] = (
    ("accept", {}),
    ("return", {"reason": "no_budget"}),
    ("return", {"reason": "overloaded"}),
    ("disqualify", {"reason": "spam"}),
)
# Not questions: what a transaction begins and ends with.
_TRANSACTION = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


def main() -> None:
    """Build, measure, report."""
    leads, events = size("LEADS", 1_000_000), size("EVENTS", 20_000_000)
    now = datetime.now(UTC)
    with own_database("triage"):
        build(leads, events, now)
        with timed("scores"):
            rescore_everybody(now)
        rounds = size("DECISIONS", 480) // QUEUE + COUNTED_ROUNDS + 1
        offered = [1 + n * (leads // (rounds * QUEUE + 1)) for n in range(rounds * QUEUE)]
        with timed("standings"):
            stand(sorted(set(range(1, leads + 1)) - set(offered)), "lead")
        figures = measure(offered)
    report("triage", figures | {"leads": leads, "events": events}, REACH)


def measure(offered: list[int]) -> dict[str, float | int]:
    """One round to warm up, rounds in which the queries are counted, and rounds against the clock."""
    decide = decider()
    batches = [offered[start : start + QUEUE] for start in range(0, len(offered), QUEUE)]
    counted, clocked = batches[1 : 1 + COUNTED_ROUNDS], batches[1 + COUNTED_ROUNDS :]
    for step in _round(batches[0], decide):
        step()
    queries = max(_queries(step) for batch in counted for step in _round(batch, decide))
    times = sorted(_milliseconds(step) for batch in clocked for step in _round(batch, decide))
    say(f"{len(times)} decisions")
    return {
        "p95_ms": round(times[int(len(times) * 0.95)], 1),
        "p50_ms": round(times[len(times) // 2], 1),
        "queries": queries,
        "decisions": len(times),
    }


Step = Callable[[], None]


def _round(batch: list[int], decide: Callable[[int, int], None]) -> Iterator[Step]:
    """Put these leads on the table; one decision after the other."""
    from django.utils import timezone

    from funnel.actions import fill_places
    from funnel.models import Offer

    stand(batch, "mql", situation="ready")
    fill_places(now=timezone.now())
    for number, offer in enumerate(Offer.objects.open().values_list("pk", flat=True).order_by("pk")):
        yield lambda offer=offer, number=number: decide(offer, number)  # type: ignore[misc]


def _milliseconds(step: Step) -> float:
    start = time.perf_counter()
    step()
    return (time.perf_counter() - start) * 1000


def _queries(step: Step) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        step()
    return sum(not one["sql"].startswith(_TRANSACTION) for one in asked)


def decider() -> Callable[[int, int], None]:
    """A function that has the one rep decide on an offer, as the page does; its number chooses the verb."""
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    from accounts.models import User

    settings.ALLOWED_HOSTS = ["*"]
    settings.SECURE_SSL_REDIRECT = False
    [rep] = make_reps(1, places=30_000, offers_per_day=30_000)
    client = Client()
    client.force_login(User.objects.get(pk=rep))
    verbs = list(itertools.islice(itertools.cycle(DECISIONS), QUEUE))

    def decide(offer: int, number: int) -> None:
        verb, typed = verbs[number % QUEUE]
        response = client.post(reverse(f"funnel:{verb}", args=[offer]), typed, headers={"HX-Request": "true"})
        assert response.status_code == 200, response.content

    return decide


if __name__ == "__main__":
    main()
