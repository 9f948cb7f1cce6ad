"""Rows that every installation has: the shipped kinds of event. Added after each migrate, never changed."""

from __future__ import annotations

from leads import signatures
from leads.kinds import SHIPPED
from leads.models import EventKind


def add_shipped_kinds(**_: object) -> None:
    """Insert the kinds that are missing (receiver of post_migrate, which also follows a flush)."""
    signatures.forget()
    EventKind.objects.bulk_create(
        [
            EventKind(
                id=kind.id,
                code=kind.code,
                band=kind.band,
                points=kind.points,
                is_intent=kind.is_intent,
                is_internal=kind.is_internal,
                is_activity=kind.is_activity,
            )
            for kind in SHIPPED
        ],
        ignore_conflicts=True,
    )
