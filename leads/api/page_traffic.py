"""Recording what pages report: each event with its verdict, each visit with the source it came by."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.db.models import Q

from leads.actions.events import record_events
from leads.actions.touches import Arriving, note_touches
from leads.actions.verdicts import visitor_is_machine
from leads.actions.visitors import Known
from leads.api.page_visit import marks_of_event
from leads.incoming import NewEvent, Outcome, clamp
from leads.kinds import BY_CODE
from leads.models import Event, EventVerdict
from leads.traffic import BURST_SECONDS, Judgement, PageFacts, Signs, Verdict, judge_page, marks_visitor

_VIEWS = frozenset({BY_CODE["page_viewed"].id, BY_CODE["pricing_viewed"].id})
_BURST = timedelta(seconds=BURST_SECONDS)


def record_page_events(
    events: Sequence[NewEvent], *, visitors: Mapping[UUID, Known], signs: Signs, now: datetime
) -> list[Outcome]:
    """Record a page's events as ``record_events`` does, machines marked as such, new sources noted.

    Call inside a transaction. The answer to a machine is the same as to anybody.
    """
    judged = _judge(events, visitors, signs)
    marked = [
        msgspec.structs.replace(event, verdict=int(one.verdict)) if one.verdict else event
        for event, one in zip(events, judged, strict=True)
    ]
    outcomes = record_events(marked, now=now)
    stored = [
        (event, one)
        for event, one, outcome in zip(marked, judged, outcomes, strict=True)
        if outcome is Outcome.STORED
    ]
    _note_machines([(event, one) for event, one in stored if one.is_machine], now=now)
    _note_sources([event for event, one in stored if not one.is_machine], now=now)
    return outcomes


def _judge(events: Sequence[NewEvent], visitors: Mapping[UUID, Known], signs: Signs) -> list[Judgement]:
    """The verdict on each event."""
    views = _views(events, visitors)
    return [judge_page(_facts(event, views, visitors, signs)) for event in events]


def _facts(
    event: NewEvent,
    views: Mapping[UUID | None, list[datetime]],
    visitors: Mapping[UUID, Known],
    signs: Signs,
) -> PageFacts:
    known = visitors.get(event.visitor_id, Known()) if event.visitor_id else Known()
    times = views.get(event.visitor_id, []) if event.kind_id in _VIEWS else []
    until = bisect_right(times, event.occurred_at)
    return PageFacts(
        signs=signs,
        is_trap=event.properties.get("trap") is True,
        views_in_burst=until - bisect_left(times, event.occurred_at - _BURST),
        views_at_instant=until - bisect_left(times, event.occurred_at),
        visitor=Verdict(known.verdict),
    )


def _views(events: Sequence[NewEvent], visitors: Mapping[UUID, Known]) -> dict[UUID | None, list[datetime]]:
    """When each visitor of the batch looked at a page, in it and shortly before it; in order."""
    viewed = [event for event in events if event.kind_id in _VIEWS and event.visitor_id]
    found: dict[UUID | None, dict[str, datetime]] = defaultdict(dict)
    for visitor_id, event_id, moment in _earlier_views(viewed, visitors):
        found[visitor_id][event_id] = moment
    for event in viewed:
        found[event.visitor_id][event.event_id] = event.occurred_at
    return {visitor: sorted(times.values()) for visitor, times in found.items()}


def _earlier_views(
    viewed: Sequence[NewEvent], visitors: Mapping[UUID, Known]
) -> list[tuple[UUID, str, datetime]]:
    """Stored views within the burst's time of these; one query, by the visitor's or the lead's index."""
    if not viewed:
        return []
    first = min(event.occurred_at for event in viewed) - _BURST
    last = max(event.occurred_at for event in viewed)
    whose = Q()
    for visitor_id in {event.visitor_id for event in viewed if event.visitor_id}:
        whose |= Q(visitor_id=visitor_id, lead_id=visitors.get(visitor_id, Known()).lead_id)
    rows = Event.objects.filter(whose, occurred_at__gte=first, occurred_at__lte=last, kind_id__in=_VIEWS)
    return list(rows.values_list("visitor_id", "event_id", "occurred_at")[:1000])


def _note_machines(machines: Sequence[tuple[NewEvent, Judgement]], *, now: datetime) -> None:
    """Keep the reasons; what gave the visitor away holds for everything it did."""
    EventVerdict.objects.bulk_create(
        EventVerdict(
            key=UUID(bytes=event.key),
            occurred_at=clamp(event.occurred_at, now)[0],
            verdict=int(one.verdict),
            reasons=list(one.reasons),
            at=now,
        )
        for event, one in machines
    )
    given_away: dict[tuple[str, ...], set[UUID]] = defaultdict(set)
    for event, one in machines:
        if marks_visitor(one) and event.visitor_id:
            given_away[one.reasons].add(event.visitor_id)
    for reasons, visitor_ids in given_away.items():
        visitor_is_machine(visitor_ids=visitor_ids, reasons=reasons, now=now)


def _note_sources(events: Sequence[NewEvent], *, now: datetime) -> None:
    """The sources by which visits began."""
    arrivals = []
    for event in events:
        if event.kind_id not in _VIEWS or event.visitor_id is None:
            continue
        marks = marks_of_event(event.properties)
        if not marks.is_internal:
            at = clamp(event.occurred_at, now)[0]
            arrivals.append(Arriving(at, marks, visitor_id=event.visitor_id, lead_id=event.lead_id))
    note_touches(arrivals)
