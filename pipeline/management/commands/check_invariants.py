"""Check what must always be true; exit 1 when something is not."""

from __future__ import annotations

import dataclasses
import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from pipeline.invariants import CHECKS, breaches


class Command(BaseCommand):
    """`manage.py check_invariants [--json]`"""

    help = "Check the invariants (docs/operations.md); read-only; exit status 1 on a breach."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--json."""
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print what does not hold."""
        found = breaches(now=timezone.now())
        if options["json"]:
            rows = [dataclasses.asdict(breach) for breach in found]
            self.stdout.write(json.dumps({"checks": len(CHECKS), "breaches": rows}, default=str))
        else:
            for breach in found:
                self.stdout.write(f"{breach.invariant}: {breach.what} {list(breach.offenders)}")
            self.stdout.write(f"{len(CHECKS)} checks, {len(found)} breached")
        if found:
            sys.exit(1)
