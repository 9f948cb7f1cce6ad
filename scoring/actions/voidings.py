"""Voiding events: one of a lead, or all that a filter finds, worked off in chunks; and taking it back.

What was voided stays where it is and is counted no more: the leads are woken, so scores, stages, offers and
reports follow by themselves. Every voiding says who, when and why, and keeps which events it took.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.dateparse import parse_datetime

from accounts.models import User
from leads.actions.verdicts import restore_events, void_events
from leads.models import Event
from scoring.models import VoidedEvent, Voiding

CHUNK = 1000
SAMPLES = 10


@dataclass(frozen=True, slots=True)
class Which:
    """The events that are meant: of a source, of a kind, that occurred in [since, until)."""

    since: datetime
    until: datetime
    source_id: int | None = None
    kind_id: int | None = None

    def as_json(self) -> dict[str, object]:
        """What a voiding keeps."""
        return {
            "source": self.source_id,
            "kind": self.kind_id,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """What voiding these events would do: how many, of how many leads, and some of them."""

    events: int
    leads: int
    already: int
    samples: list[Event]


class NotUndoable(Exception):
    """The voiding is still being worked off, or was taken back already."""


def plan_voiding(which: Which) -> Plan:
    """Count what a voiding would take out, and show some of it; nothing is written."""
    found = _found(which)
    counted = found.filter(voided_at=None)
    return Plan(
        events=counted.count(),
        leads=counted.exclude(lead=None).values("lead").distinct().count(),
        already=found.exclude(voided_at=None).count(),
        samples=list(counted.select_related("kind", "content", "lead").order_by("-occurred_at")[:SAMPLES]),
    )


@transaction.atomic
def void_one(*, events: Sequence[Event], reason: str, by: User | None, now: datetime) -> Voiding | None:
    """Void these few events at once. None when all of them were void. Raises ValueError without a reason."""
    voided = void_events(events=events, reason=reason, now=now)
    if not voided:
        return None
    made = Voiding.objects.create(
        reason=reason.strip()[:200],
        by=by,
        at=now,
        state=Voiding.State.DONE,
        total=len(voided),
        done=len(voided),
    )
    _note(made, voided, now)
    return made


def begin_voiding(*, which: Which, reason: str, by: User | None, now: datetime) -> Voiding:
    """Ask for all these events to be voided; a job works it off. Raises ValueError without a reason."""
    if not reason.strip():
        raise ValueError("Say why the events are voided.")
    total = _found(which).filter(voided_at=None).count()
    return Voiding.objects.create(
        reason=reason.strip()[:200], filter=which.as_json(), by=by, at=now, total=total
    )


@transaction.atomic
def undo_voiding(*, voiding: Voiding, by: User | None, now: datetime) -> Voiding:
    """Count its events again. A few at once, many by the job. Raises NotUndoable."""
    row = Voiding.objects.select_for_update().get(pk=voiding.pk)
    if row.state != Voiding.State.DONE:
        raise NotUndoable
    row.state, row.undone_at, row.undone_by = Voiding.State.UNDOING, now, by
    row.save(update_fields=["state", "undone_at", "undone_by"])
    if row.done <= CHUNK:
        _restore_chunk(row, now)
    return row


def work_off(*, now: datetime) -> Iterator[Voiding]:
    """Go on with what waits, chunk by chunk, each in a transaction of its own: a kill loses nothing."""
    while (voiding := _next_chunk(now)) is not None:
        yield voiding


@transaction.atomic
def _next_chunk(now: datetime) -> Voiding | None:
    waiting = Voiding.objects.filter(state__in=[Voiding.State.WAITING, Voiding.State.UNDOING])
    row = waiting.select_for_update(skip_locked=True).order_by("pk").first()
    if row is None:
        return None
    if row.state == Voiding.State.WAITING:
        _void_chunk(row, now)
    else:
        _restore_chunk(row, now)
    return row


def _void_chunk(row: Voiding, now: datetime) -> None:
    chunk = list(_found(_which(row)).filter(voided_at=None).order_by("occurred_at", "pk")[:CHUNK])
    voided = void_events(events=chunk, reason=row.reason, now=now)
    _note(row, voided, now)
    row.done = F("done") + len(voided)
    if len(chunk) < CHUNK:
        row.state = Voiding.State.DONE
    row.save(update_fields=["done", "state"])
    row.refresh_from_db()


def _restore_chunk(row: Voiding, now: datetime) -> None:
    notes = list(row.events.filter(restored_at=None).order_by("pk")[:CHUNK])
    numbers = [note.event_id for note in notes]
    days = {note.occurred_at for note in notes}
    restore_events(events=Event.objects.filter(pk__in=numbers, occurred_at__in=days))
    VoidedEvent.objects.filter(pk__in=[note.pk for note in notes]).update(restored_at=now)
    row.restored += len(notes)
    if len(notes) < CHUNK:
        row.state = Voiding.State.UNDONE
    row.save(update_fields=["restored", "state"])


def _note(voiding: Voiding, events: Iterable[Event], now: datetime) -> None:
    VoidedEvent.objects.bulk_create(
        VoidedEvent(voiding=voiding, event_id=event.pk, occurred_at=event.occurred_at, voided_at=now)
        for event in events
    )


def _found(which: Which) -> QuerySet[Event]:
    """The events that are meant, void ones too."""
    found = Event.objects.filter(occurred_at__gte=which.since, occurred_at__lt=which.until)
    if which.source_id is not None:
        found = found.filter(source_id=which.source_id)
    return found if which.kind_id is None else found.filter(kind_id=which.kind_id)


def _which(voiding: Voiding) -> Which:
    kept = voiding.filter
    since, until = parse_datetime(kept["since"]), parse_datetime(kept["until"])
    if since is None or until is None:
        raise ValueError("a voiding without its dates")
    return Which(since, until, kept["source"], kept["kind"])
