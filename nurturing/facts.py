"""What the tracks react to: recent events, returns by sales, and who is in which track already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F

from funnel.models import Passage
from funnel.stages import Stage
from leads.models import Event, EventKind, Verdict
from nurturing.models import Enrolment
from nurturing.tracks import TRIGGER_WINDOW, Fact

# A lead made at most this long before or after the event was made by it.
NEW_LEAD_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Return:
    """Sales gave the lead back, with a track to enter and the date on which it wakes."""

    passage_id: int
    lead_id: int
    track_code: str
    at: datetime
    wake_on: date | None
    has_month: bool


def recent_events(
    lead_ids: Sequence[int], kinds: Collection[str], *, since: datetime, now: datetime
) -> dict[int, list[Fact]]:
    """The events of ``kinds`` of each lead, newest first; a machine's and voided ones do not count."""
    rows = (
        Event.objects.filter(
            lead_id__in=lead_ids, occurred_at__gte=since, occurred_at__lte=now, voided_at=None
        )
        .filter(kind_id__in=_kind_ids(kinds))
        .exclude(verdict=Verdict.MACHINE)
        .order_by("-occurred_at", "-id")
        .values_list(
            "lead_id",
            "id",
            "kind__code",
            "occurred_at",
            "content_id",
            F("content__type"),
            F("content__is_gated"),
            F("lead__created_at"),
        )
    )
    found: dict[int, list[Fact]] = defaultdict(list)
    for lead_id, event_id, kind, occurred_at, content_id, content_type, is_gated, created_at in rows:
        new = abs(occurred_at - created_at) <= NEW_LEAD_WITHIN
        fact = Fact(event_id, kind, occurred_at, content_id, content_type or "", bool(is_gated), new)
        found[lead_id].append(fact)
    return found


def _kind_ids(kinds: Collection[str]) -> list[int]:
    return list(EventKind.objects.filter(code__in=kinds).values_list("pk", flat=True))


def recent_returns(lead_ids: Sequence[int], *, now: datetime) -> dict[int, Return]:
    """The newest return of each lead within the trigger window; imported history sets nothing off."""
    rows = (
        Passage.objects.filter(
            lead_id__in=lead_ids,
            to_stage=Stage.RECYCLED,
            at__gt=now - TRIGGER_WINDOW,
            at__lte=now,
            is_imported=False,
        )
        .exclude(reason__track_code="")
        .order_by("lead_id", "-id")
        .distinct("lead_id")
        .values_list(
            "lead_id", "id", "reason__track_code", "at", "lead__standing__wake_on", "reason__needs_month"
        )
    )
    return {
        lead_id: Return(passage_id, lead_id, track_code or "", at, wake_on, bool(needs_month))
        for lead_id, passage_id, track_code, at, wake_on, needs_month in rows
    }


def enrolments_of(lead_ids: Sequence[int]) -> dict[int, list[Enrolment]]:
    """Every passage of each lead through a track, newest first."""
    found: dict[int, list[Enrolment]] = defaultdict(list)
    for enrolment in Enrolment.objects.filter(lead_id__in=lead_ids).order_by("-entered_at", "-id"):
        found[enrolment.lead_id].append(enrolment)
    return found
