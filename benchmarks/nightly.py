"""The nightly pass: nothing happened but that a day went by. Against the same floor as ``recompute``.

What is a day older has faded, left its window or become a silence: those rows are written, and no others.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from benchmarks._base import Span, between_floors, build, rescore_everybody, wrongly_scored
from benchmarks._rules import RULES
from benchmarks.harness import own_database, peak_mb, report, say, size

REACH = {"ratio": "<= 1.3", "peak_mb": "< 300", "touched_needlessly": "== 0", "wrong": "== 0"}


def main() -> None:
    """Build, measure, report."""
    leads, events = size("LEADS", 1_000_000), size("EVENTS", 20_000_000)
    now = datetime.now(UTC).replace(hour=11, minute=0, second=0, microsecond=0)
    with own_database("nightly"):
        build(leads, events, now)
        figures = measure(now)
    report("nightly", figures | {"leads": leads, "events": events}, REACH)


def measure(now: datetime) -> dict[str, float | int]:
    """Today's scores, then tomorrow's pass between two floors."""
    tomorrow = now + timedelta(days=1)
    Span("today's scores", lambda: rescore_everybody(now))
    before = contents_and_versions()
    with between_floors() as floor:
        night = Span("the night", lambda: rescore_everybody(tomorrow))
    after = contents_and_versions()
    written = {pk for pk, (_, version) in before.items() if after[pk][1] != version}
    needless = sum(after[pk][0] == before[pk][0] for pk in written)
    say(f"{night.result:,} rows written")
    return {
        **floor.ratios(night),
        "peak_mb": round(peak_mb(), 1),
        "seconds": round(night.seconds, 2),
        "rows_written": night.result,
        "touched_needlessly": needless,
        "wrong": wrongly_scored(tomorrow),
        "rules": RULES,
        "processes": 1,
    }


def contents_and_versions() -> dict[int, tuple[int, str]]:
    """Of every 16th score: a fingerprint of what it says, and the version of its row."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lead_id, hashtext(concat_ws(' ', fit, engagement, priority, rules_version, level, "
            "completeness, mql_gate, mql_keep, ready_gate, ready_keep, grade, phase, temperature)), "
            "ctid::text "
            "FROM scoring_leadscore WHERE lead_id % 16 = 0"
        )
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


if __name__ == "__main__":
    main()
