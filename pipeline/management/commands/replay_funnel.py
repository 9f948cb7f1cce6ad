"""manage.py replay_funnel: take over a funnel's history from two CSV files, or play it again under caps."""

from __future__ import annotations

import csv
import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import cast

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from leads.channels import Channel
from pipeline.capped import OFFERS_A_DAY, PLACES, Caps, Played, Waits, play, waits, waits_by_month
from pipeline.history import DEAL_COLUMNS, LEAD_COLUMNS, History, Row, read
from pipeline.replay import Outcome, Replayed, outcomes, replay

SHOWN_PROBLEMS = 20


class Command(BaseCommand):
    """Reads, writes, then says what the funnel holds of it."""

    help = "Replay a funnel's history: leads with their first contact, and the deals that were won."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Two files and the form of the answer."""
        parser.add_argument("--leads", required=True, help="CSV of the leads")
        parser.add_argument("--deals", required=True, help="CSV of the deals won")
        parser.add_argument("--json", action="store_true", help="print the totals as JSON")
        parser.add_argument("--capped", action="store_true", help="write nothing: who would have waited?")
        parser.add_argument("--places", type=_positive, default=PLACES, help="places a person, with --capped")
        parser.add_argument(
            "--offers-a-day", type=_positive, default=OFFERS_A_DAY, help="new leads a person and day"
        )

    def handle(self, *_args: object, leads: str, deals: str, **options: object) -> None:
        """Rows that cannot be taken are reported and do not stop the others."""
        now = timezone.now()
        history = read(rows(leads, LEAD_COLUMNS), rows(deals, DEAL_COLUMNS), today=timezone.localdate(now))
        if options["capped"]:
            self._play(history, options)
            return
        done = replay(history, now=now)
        found = outcomes(list(history.contacts))
        if options["json"]:
            self.stdout.write(json.dumps(totals(found) | {"problems": len(history.problems)}))
            return
        self._report(done, found)
        self._list_problems([str(problem) for problem in history.problems])

    def _play(self, history: History, options: Mapping[str, object]) -> None:
        """Who would have waited under caps, as JSON or for people."""
        caps = Caps(cast("int", options["places"]), cast("int", options["offers_a_day"]))
        played = play(history, caps)
        found = waits(played)
        if options["json"]:
            by_month = [dict(zip(_MONTH, row, strict=True)) for row in waits_by_month(played)]
            self.stdout.write(json.dumps(asdict(caps) | asdict(found) | {"by_month": by_month}))
            return
        self._report_waits(played, found)

    def _report_waits(self, played: Played, found: Waits) -> None:
        share = 100 * found.waited / found.leads if found.leads else 0.0
        self.stdout.write(
            f"{len(played.qualifiers)} people qualify, {len(played.reps)} close; {played.caps.places} places "
            f"and {played.caps.offers_a_day} new leads a day each.\n"
            f"{found.leads} leads, {found.waited} ({share:.1f} %) waited: "
            f"median {found.median_days:.0f} days, nine in ten at most {found.p90_days}, "
            f"longest {found.longest_days}.\n"
            f"Longest queue {found.longest_queue}; most held by one person {found.most_held}; "
            f"person-days above a cap {found.exceeded}; fairness spread {found.spread}.\n\n"
            "By month of arrival"
        )
        for month, leads, waited, days in waits_by_month(played):
            self.stdout.write(f"  {month}{leads:>8} leads {waited:>6} waited {days:>6.0f} days (median)")

    def _report(self, done: Replayed, found: Sequence[Outcome]) -> None:
        """The totals for people."""
        self.stdout.write(
            f"{done.made} leads made, {done.known} known before, {done.people} people, "
            f"{done.recorded} histories recorded."
        )
        self.stdout.write(f"\n{_line('All', found)}\n\nBy channel")
        for code, part in _groups(found, lambda one: one.channel):
            self.stdout.write(_line(str(Channel(code).label) if code else "–", part))
        self.stdout.write("\nBy month of the first contact")
        for month, part in _groups(found, lambda one: one.month):
            self.stdout.write(_line(month, part))

    def _list_problems(self, problems: Sequence[str]) -> None:
        """Rows not taken, or taken with a doubt; the first of them in words."""
        for problem in problems[:SHOWN_PROBLEMS]:
            self.stderr.write(problem)
        if len(problems) > SHOWN_PROBLEMS:
            self.stderr.write(f"… and {len(problems) - SHOWN_PROBLEMS} more rows")


_MONTH = ("month", "leads", "waited", "median_days")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ArgumentTypeError("a whole number from 1 on is expected")
    return number


def rows(path: str, columns: frozenset[str]) -> Iterator[Row]:
    """The rows of a CSV file that has these columns. Raises CommandError when it does not, or is none."""
    csv.field_size_limit(min(sys.maxsize, 1_000_000))
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = columns - set(reader.fieldnames or ())
            if missing:
                raise CommandError(f"{path} has no column {', '.join(sorted(missing))}.")
            yield from reader
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error


def totals(found: Sequence[Outcome]) -> dict[str, object]:
    """Leads, won and conversion in percent: all, by channel (empty: unknown), by month of first contact."""
    return _figures(found) | {
        "by_channel": {code: _figures(part) for code, part in _groups(found, lambda one: one.channel)},
        "by_month": {month: _figures(part) for month, part in _groups(found, lambda one: one.month)},
    }


def _figures(part: Sequence[Outcome]) -> dict[str, object]:
    won = sum(one.is_won for one in part)
    return {"leads": len(part), "won": won, "conversion": round(100 * won / len(part), 1) if part else None}


def _groups(found: Sequence[Outcome], key: Callable[[Outcome], str]) -> list[tuple[str, list[Outcome]]]:
    """The outcomes of each value of ``key``, values in order."""
    counts = Counter(key(one) for one in found)
    return [(value, [one for one in found if key(one) == value]) for value in sorted(counts)]


def _line(label: str, part: Sequence[Outcome]) -> str:
    won = sum(one.is_won for one in part)
    share = f"{100 * won / len(part):5.1f} %" if part else "    –"
    return f"  {label:<24}{len(part):>7} leads {won:>6} won {share}"
