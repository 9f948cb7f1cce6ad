"""The pipeline under 2,000 events a second for a minute: does its queue grow?

Events come in batches of 100, as sites send them, for 20,000 leads with 20 older events each; two worker
processes conclude. Then both ways are timed on a full queue: the agenda, and one Celery task per event.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from uuid import uuid4

import psycopg2

from benchmarks._workers import history, own_redis, worker
from benchmarks.harness import own_database, report, say, size

BATCH = 100


def main() -> None:
    """Measure, then print the figures."""
    rate, seconds = size("RATE", 2000), size("SECONDS", 60)
    leads = size("LEADS", 20_000)
    events = size("EVENTS", leads * 20)
    own_redis()
    with own_database("throughput") as url:
        ids = history(url, leads=leads, events=events)
        chance = random.Random(0)
        with worker("pipeline", concurrency=2):
            _pour(ids[:1], 1)
            _wait_until_empty(url)
            depths = _steady(url, ids, rate, seconds, chance)
            _wait_until_empty(url)
        set_wise = _drain_rate(url, [chance.choice(ids) for _ in range(rate * 15)])
        one_by_one = _task_rate([chance.choice(ids) for _ in range(rate)])
    early, late = depths[len(depths) // 4 : len(depths) // 2], depths[-len(depths) // 4 :]
    grown = statistics.mean(late) - statistics.mean(early)
    report(
        "throughput",
        {
            "queue_grew": grown > rate / 2,  # by more than half a second's events
            "deepest": max(depths),
            "mean_depth": round(statistics.mean(late)),
            "per_second": rate,
            "set_wise_per_second": round(set_wise),
            "task_per_event_per_second": round(one_by_one),
            "ratio": round(set_wise / one_by_one, 1),
        },
        {"queue_grew": "== false", "ratio": ">= 10"},
    )


def _pour(lead_ids: list[int], kind_id: int) -> None:
    """Record one event for each of these leads, in one batch."""
    from django.utils import timezone

    from leads.actions.events import new_event, record_events

    now = timezone.now()
    record_events(
        [
            new_event(
                lead_id=lead_id,
                kind_id=kind_id,
                occurred_at=now,
                source_id=100,
                event_id=str(uuid4()),
                properties={"url": "https://www.acier.example/tarifs"},
            )
            for lead_id in lead_ids
        ],
        now=now,
    )


def _depth(url: str) -> int:
    """How many wakes wait."""
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM leads_wake")
        depth = int(cursor.fetchone()[0])
    connection.close()
    return depth


def _wait_until_empty(url: str) -> None:
    while _depth(url):
        _ring()
        time.sleep(0.2)


def _ring() -> None:
    """What the scheduler's sweep does."""
    from leads.bell import ring

    ring("pipeline")


def _steady(url: str, ids: list[int], rate: int, seconds: int, chance: random.Random) -> list[int]:
    """The depth of the queue once a second."""
    depths: list[int] = []
    start = time.perf_counter()
    for number in range(rate * seconds // BATCH):
        time.sleep(max(0.0, start + number * BATCH / rate - time.perf_counter()))
        _pour(chance.choices(ids, k=BATCH), chance.choice((1, 2, 7, 8)))
        if number % (rate // BATCH) == 0:
            depths.append(_depth(url))
            if len(depths) % 10 == 0:
                say(f"{len(depths)} s, {depths[-1]} waiting")
    took = time.perf_counter() - start
    if took > seconds * 1.05:
        say(f"the producer itself was late: {took:.1f} s for {seconds} s of events")
        raise SystemExit(1)
    return depths


def _drain_rate(url: str, lead_ids: list[int]) -> float:
    """Events per second concluded from a full agenda."""
    for start in range(0, len(lead_ids), 500):
        _pour(lead_ids[start : start + 500], 2)
    with worker("pipeline", concurrency=2):
        return _timed(lambda: _depth(url), len(lead_ids), ring=True)


def _task_rate(lead_ids: list[int]) -> float:
    """Events per second with a task for each, from a full queue."""
    import redis
    from django.conf import settings

    from benchmarks._per_event import conclude_one

    client = redis.Redis.from_url(settings.REDIS_URL)
    client.flushdb()
    for lead_id in lead_ids:
        conclude_one.delay(lead_id)
    name = "ecluse:pipeline"
    with worker("pipeline", concurrency=2, include="benchmarks._per_event"):
        return _timed(lambda: int(client.llen(name)), len(lead_ids), ring=False)


def _timed(left: Callable[[], int], total: int, *, ring: bool) -> float:
    """Events per second between the first progress and the last, so that starting a worker costs nothing."""
    while left() >= total:
        if ring:
            _ring()
        time.sleep(0.01)
    first, start = left(), time.perf_counter()
    while left():
        if ring:
            _ring()
        time.sleep(0.01)
    return first / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
