"""manage.py replay_funnel: take over a funnel's history from two CSV files."""

from __future__ import annotations

import csv
import json
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from leads.channels import Channel
from pipeline.history import DEAL_COLUMNS, LEAD_COLUMNS, Row, read
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

    def handle(self, *_args: object, leads: str, deals: str, **options: object) -> None:
        """Rows that cannot be taken are reported and do not stop the others."""
        now = timezone.now()
        history = read(rows(leads, LEAD_COLUMNS), rows(deals, DEAL_COLUMNS), today=timezone.localdate(now))
        done = replay(history, now=now)
        found = outcomes(list(history.contacts))
        if options["json"]:
            self.stdout.write(json.dumps(totals(found) | {"problems": len(history.problems)}))
            return
        self._report(done, found)
        self._list_problems([str(problem) for problem in history.problems])

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
