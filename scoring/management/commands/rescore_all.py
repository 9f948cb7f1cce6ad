"""``manage.py rescore_all``: bring everybody's score up to date now."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from scoring.actions import rescore_all


class Command(BaseCommand):
    help = "Score all leads, block by block. Safe to interrupt: the next start goes on where it stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=int, default=0, help="begin with this lead id")

    def handle(self, *_args: object, **options: int) -> None:
        for progress in rescore_all(now=timezone.now(), since_lead_id=options["since"]):
            self.stderr.write(f"{progress.leads} leads, {progress.changed} changed, {progress.woken} woken")
