"""What the tracks react to: recent events, returns by sales, and who is in which track already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from funnel.stages import Stage
from leads.kinds import BY_CODE
from leads.models import Source, Verdict
from nurturing.models import Enrolment
from nurturing.sql import ENROLMENTS, EVENTS, PEOPLE, RETURNS, rows
from nurturing.tracks import TRIGGER_WINDOW, Fact

# A lead made at most this long before or after the event was made by it.
NEW_LEAD_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Person:
    """What planning needs of a lead; a row of ``Lead`` has some fifty columns."""

    pk: int
    email: str | None
    language: str
    time_zone: str
    interests: Sequence[str]
    persona: str
    phase: str


@dataclass(frozen=True, slots=True)
class Return:
    """Sales gave the lead back, with a track to enter and the date on which it wakes."""

    passage_id: int
    lead_id: int
    track_code: str
    at: datetime
    wake_on: date | None


def recent_events(
    lead_ids: Sequence[int], kinds: Mapping[int, str], *, since: datetime, now: datetime
) -> dict[int, list[Fact]]:
    """The events of ``kinds`` (codes by id) and of forms, of each lead between two instants, newest first."""
    found: dict[int, list[Fact]] = defaultdict(list)
    bounds = {"leads": list(lead_ids), "kinds": list(kinds), "since": since, "now": now}
    sources = {"imported": Source.IMPORT.value, "forms": Source.FORMS.value}
    sources |= {"joined": BY_CODE["list_joined"].id}
    for row in rows(EVENTS, **bounds, **sources, machine=Verdict.MACHINE.value):
        lead_id, event_id, kind_id, at, content_id, content_type, is_gated, created_at, *rest = row
        is_imported, track = rest
        fact = Fact(
            id=event_id,
            kind=kinds.get(kind_id, ""),
            occurred_at=at,
            content_id=content_id,
            content_type=content_type or "",
            gated=bool(is_gated),
            new_lead=abs(at - created_at) <= NEW_LEAD_WITHIN,
            is_imported=is_imported,
            track=track or "",
        )
        found[lead_id].append(fact)
    return found


def recent_returns(lead_ids: Sequence[int], *, now: datetime) -> dict[int, Return]:
    """The newest return of each lead within the trigger window; imported history sets nothing off."""
    recycled, since = Stage.RECYCLED.value, now - TRIGGER_WINDOW
    found = rows(RETURNS, leads=list(lead_ids), since=since, now=now, recycled=recycled)
    return {row[1]: Return(*row) for row in found}


def enrolments_of(lead_ids: Sequence[int]) -> dict[int, list[Enrolment]]:
    """Every passage of each lead through a track, newest first."""
    found: dict[int, list[Enrolment]] = defaultdict(list)
    for row in rows(ENROLMENTS, leads=list(lead_ids)):
        enrolment = Enrolment.from_db("default", _ENROLMENT, row)
        found[enrolment.lead_id].append(enrolment)
    return found


_ENROLMENT = [field.attname for field in Enrolment._meta.concrete_fields]


def people(lead_ids: Sequence[int]) -> list[Person]:
    """These leads, without those merged away or erased, by id."""
    return [Person(*row) for row in rows(PEOPLE, leads=list(lead_ids))]
