"""Make an API key and show its value once."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts.actions import create_api_key
from accounts.models import ApiKey
from accounts.scopes import Scope


class Command(BaseCommand):
    """`manage.py create_api_key NAME --kind secret`"""

    help = "Make an API key and show its value once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """NAME, --kind, --site, --origin and --scope (several)."""
        parser.add_argument("name")
        parser.add_argument("--kind", choices=ApiKey.Kind.values, default=ApiKey.Kind.SECRET)
        parser.add_argument("--site", default="")
        parser.add_argument("--origin", action="append", default=[], dest="origins")
        parser.add_argument("--scope", action="append", choices=Scope.values, dest="scopes", help="several")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the value alone, so that it can be captured by a script."""
        _key, value = create_api_key(
            name=options["name"],
            kind=ApiKey.Kind(options["kind"]),
            site=options["site"],
            origins=options["origins"],
            scopes=[Scope(scope) for scope in options["scopes"] or ()] or None,
        )
        self.stdout.write(value)
