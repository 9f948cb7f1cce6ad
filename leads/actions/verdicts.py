"""Changing what is held of an event: whose deed it was (person or machine), and whether it counts at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from leads import signatures
from leads.actions.agenda import wake
from leads.incoming import event_key
from leads.models import NOT_COUNTED, Event, EventVerdict, Lead, Verdict, Visitor
from leads.traffic import is_overturned


@transaction.atomic
def change_verdict(
    *, events: Iterable[Event], verdict: Verdict, reasons: Sequence[str], by: User | None, now: datetime
) -> int:
    """Hold these events to be a person's or a machine's, and have their leads scored again.

    A machine's event has the signature that no rule counts; a person's gets its own back, unless it was
    voided. Each change is kept with its reasons. Returns how many events changed: the same verdict again
    changes nothing.
    """
    changed = [event for event in _locked(events) if event.verdict != verdict]
    if not changed:
        return 0
    for signature_id, found in _by_signature(changed, verdict).items():
        _rows(found).update(verdict=verdict, signature_id=signature_id)
    EventVerdict.objects.bulk_create(
        EventVerdict(
            key=key_of(event),
            occurred_at=event.occurred_at,
            verdict=verdict,
            reasons=list(reasons),
            by=by,
            at=now,
        )
        for event in changed
    )
    wake(event.lead_id for event in changed if event.lead_id is not None)
    return len(changed)


@transaction.atomic
def void_event(*, event: Event, reason: str, now: datetime) -> bool:
    """Keep the event but count it no more, and have its lead scored again; false when it was void already.

    Raises ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("Say why the event is voided.")
    found = _locked([event])
    if not found or found[0].voided_at is not None:
        return False
    _rows(found).update(voided_at=now, void_reason=reason.strip()[:200], signature_id=NOT_COUNTED)
    if found[0].lead_id is not None:
        wake([found[0].lead_id])
    return True


@transaction.atomic
def void_events(*, events: Iterable[Event], reason: str, now: datetime) -> list[Event]:
    """Keep these events but count them no more, and have their leads scored again.

    Returns those that were not void yet. Raises ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("Say why the events are voided.")
    found = [event for event in _locked(events) if event.voided_at is None]
    if found:
        _rows(found).update(voided_at=now, void_reason=reason.strip()[:200], signature_id=NOT_COUNTED)
        wake(event.lead_id for event in found if event.lead_id is not None)
    return found


@transaction.atomic
def restore_events(*, events: Iterable[Event]) -> list[Event]:
    """Count these voided events again, unless a machine did them; returns those that were void."""
    found = [event for event in _locked(events) if event.voided_at is not None]
    for event in found:
        event.voided_at = None
    for verdict in {Verdict(event.verdict) for event in found}:
        alike = [event for event in found if event.verdict == verdict]
        for signature_id, rows in _by_signature(alike, verdict).items():
            _rows(rows).update(voided_at=None, void_reason="", signature_id=signature_id)
    wake(event.lead_id for event in found if event.lead_id is not None)
    return found


@transaction.atomic
def person_showed_up(*, visitor: Visitor, lead: Lead, now: datetime) -> int:
    """Somebody filled in a form or answered: what this visitor did as a machine was theirs after all.

    Only what somebody could have done: a page that a browser fetched ahead stays a machine's. Returns how
    many events changed.
    """
    if visitor.verdict != Verdict.HUMAN:
        visitor.verdict = Verdict.HUMAN
        visitor.save(update_fields=["verdict"])
    held = list(Event.objects.filter(lead=lead, visitor=visitor, verdict=Verdict.MACHINE))
    reasons = reasons_of(held)
    mine = [event for event in held if is_overturned(reasons.get(key_of(event), []))]
    return change_verdict(events=mine, verdict=Verdict.HUMAN, reasons=["person"], by=None, now=now)


@transaction.atomic
def visitor_is_machine(*, visitor_ids: Iterable[UUID], reasons: Sequence[str], now: datetime) -> int:
    """A visitor gave itself away: what it did before, and what it will do, is a machine's.

    One that a person showed themselves behind is left as it is. Returns how many events changed.
    """
    found = Visitor.objects.filter(pk__in=list(visitor_ids), verdict=Verdict.UNKNOWN)
    marked = list(found.select_for_update().order_by("pk"))
    Visitor.objects.filter(pk__in=[visitor.pk for visitor in marked]).update(verdict=Verdict.MACHINE)
    changed = 0
    for visitor in marked:
        whose = {"lead_id": visitor.lead_id, "visitor": visitor}
        earlier = Event.objects.filter(**whose).exclude(verdict=Verdict.MACHINE)
        changed += change_verdict(
            events=earlier, verdict=Verdict.MACHINE, reasons=list(reasons), by=None, now=now
        )
    return changed


def key_of(event: Event) -> UUID:
    """The narrow name under which verdicts on an event are kept."""
    return UUID(bytes=event_key(event.source_id, event.event_id))


def reasons_of(events: Iterable[Event]) -> dict[UUID, list[str]]:
    """The reasons of the newest verdict on each of these events, by its key; one query."""
    keys = [key_of(event) for event in events]
    if not keys:
        return {}
    rows = EventVerdict.objects.filter(key__in=keys).order_by("key", "-at", "-id").distinct("key")
    return dict(rows.values_list("key", "reasons"))


def _locked(events: Iterable[Event]) -> list[Event]:
    """The events as they are now, locked in the order of their key."""
    wanted = list(events)
    if not wanted:
        return []
    return list(_rows(wanted).select_for_update().order_by("occurred_at", "pk"))


def _rows(events: Sequence[Event]) -> QuerySet[Event]:
    """These events, found in their partitions only."""
    return Event.objects.filter(
        pk__in=[event.pk for event in events], occurred_at__in={event.occurred_at for event in events}
    )


def _by_signature(events: Sequence[Event], verdict: Verdict) -> Mapping[int, list[Event]]:
    """The events by the signature they have under this verdict."""
    found: dict[int, list[Event]] = defaultdict(list)
    if verdict == Verdict.MACHINE:
        found[NOT_COUNTED] = list(events)
        return found
    questions = signatures.predicates()
    shapes = {
        event.pk: signatures.shape_of(
            event.kind_id, event.content_id, event.channel, event.properties, questions
        )
        for event in events
    }
    numbers = signatures.intern(shapes.values())
    for event in events:
        found[NOT_COUNTED if event.voided_at else numbers[shapes[event.pk]]].append(event)
    return found
