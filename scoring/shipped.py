"""The rules that a new installation starts with."""

from __future__ import annotations

from django.db import connection
from django.utils import timezone

from scoring.models import RuleSet

DEFAULT_TEMPLATE = "b2b_services"


def publish_default(**_: object) -> None:
    """Publish the default template where no rules exist (receiver of post_migrate, also after a flush)."""
    if RuleSet._meta.db_table not in connection.introspection.table_names() or RuleSet.objects.exists():
        return
    from scoring.actions.publishing import load_template  # noqa: PLC0415  # actions need every model loaded

    load_template(DEFAULT_TEMPLATE, by=None, now=timezone.now())
