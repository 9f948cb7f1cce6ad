"""manage.py load_demo: a year of a believable company, to look around in."""

from __future__ import annotations

import time
from argparse import ArgumentParser

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from demo.cast import PEOPLE
from demo.loader import SEED, CannotLoad, load
from demo.models import Loading
from leads.models import Lead


class Command(BaseCommand):
    """Loads once; --reset begins afresh."""

    help = "Load the demonstration: 2,000 leads and a year of what they and sales did. Never in production."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which story, and whether to forget the present one."""
        parser.add_argument("--reset", action="store_true", help="empty the database first")
        parser.add_argument("--leads", type=int, default=PEOPLE, help="fewer, for a quick look")
        parser.add_argument("--seed", type=int, default=SEED, help="another cast, another year")

    def handle(self, *_args: object, reset: bool, seed: int, leads: int, **_options: object) -> None:
        """Does nothing when the demonstration is there."""
        if settings.PRODUCTION:
            raise CommandError("The demonstration is never loaded in production.")
        loading = Loading.objects.last()
        if loading and loading.finished_at and not reset:
            self.stdout.write("The demonstration is loaded.")
            return
        if reset or loading:
            self._empty(is_demo=loading is not None)
        started = time.monotonic()
        try:
            play = load(now=timezone.now(), seed=seed, say=self._say, leads=leads)
        except CannotLoad as problem:
            raise CommandError(str(problem)) from problem
        self._say(
            f"Loaded in {time.monotonic() - started:.0f} s: {len(play.people)} leads, {play.events} events."
        )

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _empty(self, *, is_demo: bool) -> None:
        """Empty every table; refused where somebody's own leads might be among them."""
        if not is_demo and Lead.objects.exists():
            raise CommandError("This database holds leads that are not the demonstration's: not emptied.")
        self._say("Emptying the database …")
        call_command("flush", interactive=False, verbosity=0)
