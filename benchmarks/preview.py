"""Preview other rules before they are published: every hundredth lead at once, then everybody with progress.

Nothing is written. Against the same floor as ``recompute``.
"""

from __future__ import annotations

import statistics
from datetime import UTC, datetime
from typing import Any

from benchmarks._base import Span, between_floors, build, rescore_everybody
from benchmarks._rules import RULES, thirty_rules
from benchmarks.harness import own_database, peak_mb, report, say, size

REACH = {"sample_s": "< 2", "ratio": "<= 1.3", "peak_mb": "< 300", "off_by": "== 0"}
SAMPLE = 100


def main() -> None:
    """Build, measure, report."""
    leads, events = size("LEADS", 1_000_000), size("EVENTS", 20_000_000)
    now = datetime.now(UTC).replace(hour=11, minute=0, second=0, microsecond=0)
    with own_database("preview"):
        build(leads, events, now)
        figures = measure(now)
    report("preview", figures | {"leads": leads, "events": events}, REACH)


def measure(now: datetime) -> dict[str, float | int]:
    """The sample three times, everybody between two floors; then publish, and see what really moved."""
    from scoring.actions import make_draft, publish

    Span("scores under the live rules", lambda: rescore_everybody(now))
    draft = make_draft(document=thirty_rules(20), by=None, now=now)
    samples = [Span("a sample of 1 %", lambda: foretell(draft, now, SAMPLE).moving) for _ in range(3)]
    with between_floors() as floor:
        whole = Span("everybody", lambda: foretell(draft, now, 1).moving)
    cells = by_cell()
    publish(draft, by=None, now=now)
    Span("publishing it", lambda: rescore_everybody(now))
    moved = sum(cell != cells[pk] for pk, cell in by_cell().items())
    say(f"{whole.result:,} leads were to move, {moved:,} did; of the sample {samples[0].result:,}")
    return {
        **floor.ratios(whole),
        "sample_s": round(statistics.median(one.seconds for one in samples), 2),
        "peak_mb": round(peak_mb(), 1),
        "seconds": round(whole.seconds, 2),
        "moving": moved,
        "off_by": abs(moved - whole.result),
        "rules": RULES,
        "processes": 1,
    }


def foretell(draft: Any, now: datetime, every: int) -> Any:
    """The last of the growing counts."""
    from scoring.preview import preview

    found = None
    for number, found in enumerate(preview(draft, now=now, every=every)):
        if number % 10 == 0:
            say(f"  {found.progress:.0%}")
    return found


def by_cell() -> dict[int, str]:
    """Everybody's cell of the matrix."""
    from scoring.models import LeadScore

    rows = LeadScore.objects.values_list("lead_id", "grade", "level")
    return {lead_id: f"{grade}{level}" for lead_id, grade, level in rows.iterator(chunk_size=50_000)}


if __name__ == "__main__":
    main()
