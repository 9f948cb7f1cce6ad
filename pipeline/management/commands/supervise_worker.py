"""Run a Celery worker under the watchdog."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from pipeline.watchdog import Watchdog


class Command(BaseCommand):
    """`manage.py supervise_worker --queues pipeline`"""

    help = "Run a Celery worker for the given queues and restart it when it dies or stops consuming."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--queues, --concurrency."""
        parser.add_argument("--queues", default="pipeline", help="comma-separated: pipeline, mail")
        parser.add_argument("--concurrency", type=int, default=2)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Until stopped."""
        queues = options["queues"]
        Watchdog(name=queues.replace(",", "-"), queues=queues, concurrency=options["concurrency"]).run()
