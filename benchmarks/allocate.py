"""Offering 10,000 ready leads to 100 equal reps: how long it takes, and how evenly they are served."""

from __future__ import annotations

from collections import Counter

from benchmarks._workers import history, own_redis
from benchmarks.harness import cpu_seconds, own_database, report, say, size, timed


def main() -> None:
    """Measure, then print the figures."""
    import os

    leads, reps = size("LEADS", 10_000), size("REPS", 100)
    own_redis()
    with own_database("allocate") as url:
        ids = history(url, leads=leads, events=0)
        _prepare(ids, reps)
        before = cpu_seconds(os.getpid())
        with timed("allocation") as seconds:
            offers = _fill()
        cpu = cpu_seconds(os.getpid()) - before
        served = _served(reps)
    say(f"{offers} offers; a rep has {min(served)} to {max(served)}")
    report(
        "allocate",
        {
            "seconds": round(seconds[0], 2),
            "cpu_seconds": round(cpu, 2),
            "spread": max(served) - min(served),
            "offers": offers,
            "reps": reps,
        },
        {"seconds": "< 20", "spread": "<= 1", "offers": f"== {leads}"},
    )


def _prepare(ids: list[int], reps: int) -> None:
    from benchmarks._sales import make_reps, stand

    make_reps(reps, places=1_000, offers_per_day=1_000)
    stand(ids, "mql", situation="ready")


def _fill() -> int:
    from django.utils import timezone

    from funnel.actions.offers import fill_all_places

    return fill_all_places(now=timezone.now())


def _served(reps: int) -> list[int]:
    from funnel.models import Offer

    counted = Counter(Offer.objects.values_list("rep", flat=True))
    return [*counted.values(), *[0] * (reps - len(counted))]


if __name__ == "__main__":
    main()
