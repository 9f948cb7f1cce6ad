"""One lead and its tracks: which it enters, which steps fall due, when to look again. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings

from funnel.stages import Position
from nurturing.definitions import LiveTrack
from nurturing.facts import Person, Return
from nurturing.models import Enrolment
from nurturing.next_content import Choice
from nurturing.tracks import Do, Fact, Leave, Progress, Situation, lets_in, may_enter_again, next_step


@dataclass(slots=True)
class Taken:
    """A step that is due, and the piece chosen for it."""

    lead: Person
    live: LiveTrack
    enrolment: Enrolment
    do: Do
    choice: Choice | None = None


@dataclass(slots=True)
class Changes:
    """What came out for a batch of leads, to be written at once. ``agenda``: when to look at whom again."""

    entered: list[Enrolment] = field(default_factory=list)
    moved: list[Enrolment] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    agenda: dict[int, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """All that decides about one lead: where it stands, what it did lately, its passages so far."""

    lead: Person
    position: Position
    history: Sequence[Enrolment]
    facts: Sequence[Fact]
    returned: Return | None
    now: datetime


def follow(case: Case, tracks: Iterable[LiveTrack], changes: Changes) -> None:
    """Take one lead through every track, the most important first."""
    for live in tracks:
        mine = [row for row in case.history if row.track_id == live.id]
        enrolment = next((row for row in mine if row.ended_at is None), None)
        if enrolment is not None:
            changes.moved.append(enrolment)
        else:
            enrolment = _enter(case, live, mine)
            if enrolment is None:
                continue
            changes.entered.append(enrolment)
        _advance(case, live, enrolment, changes)


def _enter(case: Case, live: LiveTrack, mine: Sequence[Enrolment]) -> Enrolment | None:
    """A new passage through the track when something since the last one lets the lead in."""
    last = mine[0] if mine else None
    if not may_enter_again(live.track, last.entered_at if last else None, now=case.now):
        return None
    return _enter_on_return(case, live, mine) or _enter_on_event(case, live, last)


def _enter_on_return(case: Case, live: LiveTrack, mine: Sequence[Enrolment]) -> Enrolment | None:
    returned, entry = case.returned, live.track.entry
    if returned is None or not entry.on_return or returned.track_code != live.track.code:
        return None
    key = f"passage:{returned.passage_id}"
    if case.position.stage not in entry.stages or any(row.entry_key == key for row in mine):
        return None
    return Enrolment(
        track_id=live.id,
        lead_id=case.lead.pk,
        entry_key=key,
        acted_at=returned.at,
        entered_at=case.now,
        wake_on=returned.wake_on,
    )


def _enter_on_event(case: Case, live: LiveTrack, last: Enrolment | None) -> Enrolment | None:
    """Only the newest event counts, and only one later than what let the lead in the last time."""
    seen_until = last.acted_at if last else None
    for fact in case.facts:
        is_news = seen_until is None or fact.occurred_at > seen_until
        if is_news and lets_in(live.track, fact, stage=case.position.stage, now=case.now):
            return Enrolment(
                track_id=live.id,
                lead_id=case.lead.pk,
                entry_key=f"event:{fact.id}",
                acted_at=fact.occurred_at,
                consulted_id=fact.content_id,
                entered_at=case.now,
            )
    return None


def _advance(case: Case, live: LiveTrack, enrolment: Enrolment, changes: Changes) -> None:
    """Take every step that is due; write down how far the lead has come and when to look again."""
    situation, progress, now = _situation(case, enrolment), _progress(enrolment), case.now
    while (
        isinstance(answer := next_step(live.track, progress, situation, now=now), Do) and answer.due_at <= now
    ):
        changes.taken.append(Taken(case.lead, live, enrolment, answer))
        # Counted from now, not from when it was due: after a standstill there is one step, not a burst.
        progress = replace(progress, position=answer.step.position, rounds=answer.round, last_step_at=now)
    enrolment.position, enrolment.rounds = progress.position, progress.rounds
    enrolment.last_step_at = progress.last_step_at
    if isinstance(answer, Leave):
        enrolment.ended_at, enrolment.ending = now, answer.ending.value
    else:
        changes.agenda[case.lead.pk] = min(answer.due_at, changes.agenda.get(case.lead.pk, answer.due_at))


def _situation(case: Case, enrolment: Enrolment) -> Situation:
    since = enrolment.acted_at or enrolment.entered_at
    return Situation(
        stage=case.position.stage,
        acts=frozenset(fact.kind for fact in case.facts if fact.occurred_at >= since),
        reachable=bool(case.lead.email),
    )


def _progress(enrolment: Enrolment) -> Progress:
    return Progress(
        entered_at=enrolment.entered_at,
        position=enrolment.position,
        rounds=enrolment.rounds,
        last_step_at=enrolment.last_step_at,
        wake_at=_midnight(enrolment.wake_on),
    )


def _midnight(day: date | None) -> datetime | None:
    """The beginning of the wake date on the site's clock."""
    return (
        None if day is None else datetime.combine(day, time(0), ZoneInfo(settings.TIME_ZONE)).astimezone(UTC)
    )
