"""Rows that every installation has: shipped kinds of event and consent wordings. Added after each migrate."""

from __future__ import annotations

from django.utils import timezone

from leads import signatures, wordings
from leads.kinds import SHIPPED
from leads.models import ConsentWording, EventKind


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


def add_shipped_wordings(**_: object) -> None:
    """Insert the first versions of the wordings that are missing; none is ever changed."""
    now = timezone.now()
    ConsentWording.objects.bulk_create(
        [
            ConsentWording(
                code=wording.code,
                language=wording.language,
                purpose=wording.purpose,
                channel=wording.channel,
                text=wording.text,
                created_at=now,
            )
            for wording in wordings.SHIPPED
        ],
        ignore_conflicts=True,
    )
