"""Which events of a lead count: now, or as of a past instant, whatever was voided or judged since."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from leads.incoming import event_key
from leads.models import Event, EventVerdict, Lead, Verdict
from scoring.models import VoidedEvent


def counted_now(lead: Lead) -> QuerySet[Event]:
    """What people did and nobody voided."""
    return Event.objects.filter(lead=lead, voided_at=None).exclude(verdict=Verdict.MACHINE)


def counted_then(lead: Lead, at: datetime) -> QuerySet[Event]:
    """What was received by then, was not void then, and was held to be a person's then."""
    void_then = VoidedEvent.objects.filter(event_id=OuterRef("pk"), voided_at__lte=at, restored_at__gt=at)
    known = Event.objects.filter(lead=lead, received_at__lte=at).exclude(Exists(void_then))
    judged = _judged(known, at)
    machines = [number for number, verdict in judged.items() if verdict == Verdict.MACHINE]
    people = [number for number, verdict in judged.items() if verdict != Verdict.MACHINE]
    is_person = (~Q(verdict=Verdict.MACHINE) & ~Q(pk__in=machines)) | Q(pk__in=people)
    return known.filter(Q(voided_at=None) | Q(voided_at__gt=at)).filter(is_person)


def _judged(events: QuerySet[Event], at: datetime) -> dict[int, int]:
    """The verdict as of ``at`` of each event on which there was ever any; unknown before the first one."""
    rows = events.values_list("pk", "source_id", "event_id")
    numbers = {UUID(bytes=event_key(source, name)): number for number, source, name in rows}
    return {numbers[key]: verdict for key, verdict in _verdicts(numbers, at).items()}


def _verdicts(keys: Iterable[UUID], at: datetime) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    rows = EventVerdict.objects.filter(key__in=list(keys)).order_by("at", "id")
    for key, verdict, since in rows.values_list("key", "verdict", "at"):
        found.setdefault(key, Verdict.UNKNOWN)
        if since <= at:
            found[key] = verdict
    return found
