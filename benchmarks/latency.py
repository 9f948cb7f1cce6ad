"""From an event to its new score, committed: a steady 200 events a second through the real pipeline.

One event a transaction, as single posts bring them, each for another lead with 20 older events. A second
connection watches which scores are there; what it sees late counts as late.
"""

from __future__ import annotations

import random
import statistics
import threading
import time

import psycopg2

from benchmarks._workers import history, own_redis, worker
from benchmarks.harness import own_database, report, say, size

WARM_UP_SECONDS = 5


def main() -> None:
    """Measure, then print the figures."""
    rate, seconds = size("RATE", 200), size("SECONDS", 30)
    leads = size("LEADS", rate * (seconds + WARM_UP_SECONDS) + 100)
    events = size("EVENTS", leads * 20)
    own_redis()
    with own_database("latency") as url:
        ids = history(url, leads=leads, events=events)
        with worker("pipeline", concurrency=1):
            _wait_until_awake(ids.pop())
            random.Random(0).shuffle(ids)
            latencies = _measure(url, ids, rate, seconds + WARM_UP_SECONDS)
    kept = latencies[rate * WARM_UP_SECONDS :]
    quantiles = statistics.quantiles(kept, n=1000)
    report(
        "latency",
        {
            "p50_ms": round(statistics.median(kept), 1),
            "p95_ms": round(quantiles[949], 1),
            "p99_ms": round(quantiles[989], 1),
            "max_ms": round(max(kept), 1),
            "events": len(kept),
            "per_second": rate,
        },
        {"p99_ms": "< 300"},
    )


def _record(lead_id: int) -> None:
    """One event in a transaction of its own."""
    from django.utils import timezone

    from leads.actions.events import record_event

    now = timezone.now()
    record_event(lead_id=lead_id, kind="pricing_viewed", occurred_at=now, now=now)


def _wait_until_awake(lead_id: int) -> None:
    """Ring until the worker has scored a first lead."""
    from scoring.models import LeadScore

    while not LeadScore.objects.filter(lead_id=lead_id).exists():
        _record(lead_id)
        time.sleep(0.5)


class _Watcher(threading.Thread):
    """Notes when each awaited score is first seen."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.connection = psycopg2.connect(url)
        self.connection.autocommit = True
        self.awaited: dict[int, float] = {}
        self.seen: dict[int, float] = {}
        self.lock = threading.Lock()
        self.done = threading.Event()

    def run(self) -> None:
        with self.connection.cursor() as cursor:
            while not self.done.is_set() or self.awaited:
                with self.lock:
                    wanted = list(self.awaited)
                cursor.execute("SELECT lead_id FROM scoring_leadscore WHERE lead_id = ANY(%s)", [wanted])
                at = time.perf_counter()
                with self.lock:
                    for (lead_id,) in cursor.fetchall():
                        self.seen[lead_id] = (at - self.awaited.pop(lead_id)) * 1000
                time.sleep(0.002)


def _measure(url: str, ids: list[int], rate: int, seconds: int) -> list[float]:
    """Milliseconds from before each event's transaction to its score being seen, in the order of events."""
    watcher = _Watcher(url)
    watcher.start()
    sent, start = [], time.perf_counter()
    for number, lead_id in enumerate(ids[: rate * seconds]):
        time.sleep(max(0.0, start + number / rate - time.perf_counter()))
        with watcher.lock:
            watcher.awaited[lead_id] = time.perf_counter()
        _record(lead_id)
        sent.append(lead_id)
        if number % (rate * 5) == 0:
            say(f"{number} events, {len(watcher.awaited)} awaited")
    watcher.done.set()
    watcher.join(60)
    return [watcher.seen[lead_id] for lead_id in sent]


if __name__ == "__main__":
    main()
