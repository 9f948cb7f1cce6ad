"""A freed place is filled: from the end of the undo window to the next offer, committed.

Reps whose places are all taken return one lead after the other while 1,000 wait and a worker runs as in the
product. A second connection watches for the offers; what it sees late counts as late.
"""

from __future__ import annotations

import statistics
import time

import psycopg2

from benchmarks._workers import history, own_redis, worker
from benchmarks.harness import own_database, report, say, size

PLACES = 10


def main() -> None:
    """Measure, then print the figures."""
    leads, waiting = size("LEADS", 100_000), size("WAITING", 1_000)
    releases, reps = size("RELEASES", 100), size("REPS", 20)
    own_redis()
    with own_database("release") as url:
        ids = history(url, leads=leads, events=0)
        worked = _prepare(ids, waiting, reps)
        with worker("pipeline", concurrency=1):
            _wait_until_awake(ids[-1])
            late = _measure(url, worked[:releases])
    quantiles = statistics.quantiles(late, n=100)
    report(
        "release",
        {
            "p50_ms": round(statistics.median(late), 1),
            "p95_ms": round(quantiles[94], 1),
            "max_ms": round(max(late), 1),
            "releases": len(late),
            "waiting": waiting,
        },
        {"p95_ms": "< 1000"},
    )


def _prepare(ids: list[int], waiting: int, reps: int) -> list[int]:
    """Every place is taken, by the leads returned."""
    from benchmarks._sales import make_reps, stand

    worked, ready = ids[: reps * PLACES], ids[reps * PLACES : reps * PLACES + waiting]
    stand(worked, "sal", reps=make_reps(reps, places=PLACES, offers_per_day=1_000))
    stand(ready, "mql", situation="ready")
    stand(ids[reps * PLACES + waiting :], "lead")
    return worked


def _wait_until_awake(lead_id: int) -> None:
    """Ring until the worker has taken what is on the agenda."""
    from leads.actions.agenda import wake
    from leads.models import Wake

    wake([lead_id])
    while Wake.objects.exists():
        wake([lead_id])
        time.sleep(0.5)


def _measure(url: str, worked: list[int]) -> list[float]:
    """Milliseconds from the end of the undo window to the offer being seen, one for each place freed."""
    from funnel.service_levels import UNDO_IN_PAGE

    watched = psycopg2.connect(url)
    watched.autocommit = True
    pause, seen = UNDO_IN_PAGE.total_seconds(), []
    settled: list[float] = []
    with watched.cursor() as cursor:
        start = time.time()
        while len(seen) < len(worked):
            if len(settled) < len(worked) and time.time() >= start + len(settled) * 0.5:
                settled.append(_free_place(worked[len(settled)]) + pause)
            cursor.execute("SELECT count(*) FROM funnel_offer")
            [made] = cursor.fetchone() or [0]
            seen += [time.time()] * (made - len(seen))
            time.sleep(0.005)
    watched.close()
    say(f"{len(seen)} places filled")
    return [(at - due) * 1000 for at, due in zip(seen, settled, strict=True)]


def _free_place(lead_id: int) -> float:
    """Return one lead to marketing; when that was."""
    from django.utils import timezone

    from funnel.actions import return_to_marketing
    from leads.models import Lead

    lead, now = Lead.objects.select_related("standing__rep__user").get(pk=lead_id), timezone.now()
    return_to_marketing(lead=lead, by=lead.standing.rep.user, now=now, reason="no_budget")
    return now.timestamp()


if __name__ == "__main__":
    main()
