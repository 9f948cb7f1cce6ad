"""Recompute all scores with writing, against a sequential scan and hash aggregate of the same events.

One process. Rules are published in which three give other points: every score row is written, and the history
of those that people see change. Then the same pass once more, which must write nothing.
"""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime

from benchmarks._base import Span, between_floors, build, publish_rules, rescore_everybody, wrongly_scored
from benchmarks._rules import RULES
from benchmarks.harness import own_database, peak_mb, report, say, size

REACH = {"ratio": "<= 1.3", "peak_mb": "< 300", "written_again": "== 0", "wrong": "== 0"}


def main() -> None:
    """Build, measure, report."""
    leads, events = size("LEADS", 1_000_000), size("EVENTS", 20_000_000)
    now = datetime.now(UTC).replace(hour=11, minute=0, second=0, microsecond=0)
    with own_database("recompute"):
        build(leads, events, now)
        figures = measure(now)
    report("recompute", figures | {"leads": leads, "events": events}, REACH)


def measure(now: datetime) -> dict[str, float | int]:
    """The first pass, the pass after publishing (the figure), and once more."""
    from scoring.models import ScoreChange

    first = Span("first pass, every row new", lambda: rescore_everybody(now))
    publish_rules(1, now)
    kept = ScoreChange.objects.count()
    with between_floors() as floor:
        published = Span("pass after publishing, every row written", lambda: rescore_everybody(now))
    kept = ScoreChange.objects.count() - kept
    again = Span("the same once more", lambda: rescore_everybody(now))
    say(f"{published.result:,} rows and {kept:,} histories written")
    return {
        **floor.ratios(published),
        "peak_mb": round(peak_mb(), 1),
        "seconds": round(published.seconds, 2),
        "first_seconds": round(first.seconds, 2),
        "again_seconds": round(again.seconds, 2),
        "batch_200_ms": batch_ms(first.result, now),
        "rows_written": published.result,
        "histories_written": kept,
        "written_again": again.result,
        "wrong": wrongly_scored(now),
        "rules": RULES,
        "processes": 1,
    }


def batch_ms(leads: int, now: datetime) -> float:
    """Rescoring 200 leads as the pipeline does, median of 30 batches in milliseconds."""
    from django.db import transaction

    from scoring.actions import rescore

    times = []
    for number in range(30):
        ids = [1 + (number * 7919 + step * 104_729) % leads for step in range(200)]
        start = time.perf_counter()
        with transaction.atomic():
            rescore(ids, now=now)
        times.append((time.perf_counter() - start) * 1000)
    return round(statistics.median(times), 1)


if __name__ == "__main__":
    main()
