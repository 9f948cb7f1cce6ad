"""``manage.py assess_scoring FILE --target COLUMN``: how well can a table's outcome be foretold, honestly?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from scoring.likelihood.look import Look, LookError, take_look


class Command(BaseCommand):
    help = (
        "Learn from a CSV file and print what that is worth on rows not learned from, "
        "and which columns look as if they were filled in after the outcome."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--target", required=True, help="the column with the outcome")
        parser.add_argument("--positive", help="the value that is the outcome looked for, if not plain")
        parser.add_argument("--drop", default="", help="columns to leave out, separated by commas")
        parser.add_argument("--json", action="store_true", help="one line of JSON")

    def handle(self, *_args: object, **options: Any) -> None:
        """Raises CommandError with the reason in words."""
        try:
            look = take_look(
                options["file"],
                target=options["target"],
                positive=options["positive"],
                drop=options["drop"],
            )
        except LookError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(look.figures()) if options["json"] else _told(look))


def _told(look: Look) -> str:
    from scoring.likelihood.look_words import told  # noqa: PLC0415  # words are for the table only

    return told(look)
