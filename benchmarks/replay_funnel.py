"""Play the Olist funnel again under caps: who would have waited for a place, and how long.

OLIST= (or OLIST_DIR) names the folder with the two files, by default ``../shared/data/olist``; PLACES= and
OFFERS= are the caps of a person. Nothing is written. ``caps_exceeded`` is counted from the log of who held
which lead when, not by the code that allocates. Without the files there is nothing to measure: it says so.
"""

from __future__ import annotations

import csv
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.harness import report, say, size

REACH = {"caps_exceeded": "== 0", "seconds": "< 300"}
LEADS, DEALS = "olist_marketing_qualified_leads_dataset.csv", "olist_closed_deals_dataset.csv"


def main() -> None:
    """Read, play, report."""
    folder = _folder()
    if not (folder / LEADS).exists() or not (folder / DEALS).exists():
        say(f"{folder} holds no {LEADS} and {DEALS}: nothing was measured. Name their folder with OLIST=…")
        return
    start = time.perf_counter()
    figures = measure(folder)
    report("replay_funnel", figures | {"seconds": round(time.perf_counter() - start, 2)}, REACH)


def _folder() -> Path:
    given = dict(argument.split("=", 1) for argument in sys.argv[1:] if "=" in argument)
    usual = Path(__file__).resolve().parents[2] / "shared" / "data" / "olist"
    return Path(given.get("OLIST") or os.environ.get("OLIST") or os.environ.get("OLIST_DIR") or usual)


def measure(folder: Path) -> dict[str, float | int | bool]:
    """The figures of one run."""
    from pipeline.capped import OFFERS_A_DAY, PLACES, Caps, play, waits
    from pipeline.history import read

    with (folder / LEADS).open(encoding="utf-8") as leads, (folder / DEALS).open(encoding="utf-8") as deals:
        history = read(csv.DictReader(leads), csv.DictReader(deals), today=datetime.now(UTC).date())
    caps = Caps(size("PLACES", PLACES), size("OFFERS", OFFERS_A_DAY))
    played = play(history, caps)
    found = waits(played)
    say(f"{len(played.qualifiers)} people qualify, {len(played.reps)} close, {len(history.deals)} won")
    return {
        "caps_exceeded": found.exceeded,
        "leads": found.leads,
        "waited": found.waited,
        "median_wait_days": found.median_days,
        "p90_wait_days": found.p90_days,
        "longest_wait_days": found.longest_days,
        "longest_queue": found.longest_queue,
        "most_held": found.most_held,
        "spread": found.spread,
        "places": caps.places,
        "offers_a_day": caps.offers_a_day,
    }


if __name__ == "__main__":
    main()
