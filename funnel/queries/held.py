"""Decisions that can still be undone in the page: until then nothing follows from them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from funnel.models import Standing
from funnel.service_levels import DECIDED_PURPOSE
from leads.models import Due


def held_back(lead_ids: Iterable[int], *, now: datetime) -> set[int]:
    """Those of these leads that somebody has just decided on and may still take back."""
    held = Due.objects.filter(lead_id__in=list(lead_ids), purpose=DECIDED_PURPOSE, due_at__gt=now)
    return set(held.values_list("lead_id", flat=True))


def settled(standings: QuerySet[Standing], *, now: datetime) -> QuerySet[Standing]:
    """These standings without those that somebody has just decided on."""
    decided = Due.objects.filter(lead_id=OuterRef("lead"), purpose=DECIDED_PURPOSE, due_at__gt=now)
    return standings.exclude(Exists(decided))
