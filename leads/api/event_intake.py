"""Taking events in: check each, find whose they are, store them set-wise, tell what became of each."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext_lazy as _
from msgspec import UNSET, UnsetType

from leads.actions.events import record_events
from leads.actions.visitors import FirstSight, leads_with_tracking, remember_visitors
from leads.api.event_checks import (
    Refusal,
    check_kind,
    check_target,
    check_values,
    names_a_person,
    shape_refusal,
)
from leads.api.event_shapes import PAGE_FIELDS, PageEvent, ServerEvent
from leads.api.keys import KeyCaller
from leads.api.lookups import contents, kinds
from leads.api.page_traffic import record_page_events
from leads.api.page_visit import NO_VISIT, Visit, marks_of_event
from leads.identities import find_leads
from leads.incoming import NewEvent, Outcome, canonical, digest_of
from leads.normalise import InvalidValue, normalise_email
from leads.sources import found_for

Item = Mapping[str, Any]
Shape = PageEvent | ServerEvent
T = TypeVar("T")
Check = Callable[[Any, Item, "_Codes", "Result"], Refusal | None]

NOT_TRACKED = Refusal(
    "no_tracking_consent", "visitor", _("This person did not allow tracking: nothing was stored.")
)
LEAD_UNKNOWN = Refusal(
    "lead_unknown", "", _("No lead is known by this; create it first with POST /api/v1/leads/.")
)
CONTENT_UNKNOWN = Refusal("content_unknown", "content", _("There is no content with this code."))
NOT_AN_OBJECT = Refusal("not_an_object", "", _("Send a JSON object: {…}."))


class Result(msgspec.Struct, gc=False):
    """What became of one event, as the answer shows it; a retry's is the same as the first one's.

    ``status``: accepted (also for a retry), conflict, not_stored or refused.
    """

    event_id: str
    status: str = "accepted"
    errors: list[dict[str, str]] | UnsetType = UNSET
    warnings: list[dict[str, str]] | UnsetType = UNSET

    def refuse(self, refusal: Refusal) -> None:
        """Note why it was not taken."""
        self.status = "not_stored" if refusal is NOT_TRACKED else "refused"
        self.errors = [refusal.as_error()]


def take_events(
    items: Sequence[Any], caller: KeyCaller, *, now: datetime, visit: Visit = NO_VISIT
) -> list[Result]:
    """Store the events of ``items`` (decoded JSON) and answer for each, in their order.

    All that can be taken are stored in one transaction. ``visit`` is what a page's request says: nothing of
    a page is stored unless it, or the event itself, says that the visitor consented.
    """
    shapes = [_shape(item, caller) for item in items]
    results = [Result(_name_of(item)) for item in items]
    check: Check = _check_server if caller.is_secret else _check_page
    drafts: list[Draft] = []
    known = _Codes(shapes)
    for place, shape in enumerate(shapes):
        refusal = shape if isinstance(shape, Refusal) else check(shape, items[place], known, results[place])
        if refusal is not None:
            results[place].refuse(refusal)
        elif isinstance(shape, PageEvent) and visit.declines(shape.consent):
            results[place].refuse(NOT_TRACKED)
        else:
            drafts.append((place, items[place], shape, known))
    if drafts:
        retrying(lambda: _store(drafts, results, caller, now=now, visit=visit))
    return results


class _Codes:
    """The ids of the kinds and contents that some events name."""

    def __init__(self, shapes: Sequence[Any]) -> None:
        events = [shape for shape in shapes if not isinstance(shape, Refusal)]
        self.kinds = kinds({event.kind for event in events})
        named = {event.content for event in events}
        self.contents = contents(named - {None}) if named != {None} else {}


Draft = tuple[int, Item, Any, _Codes]  # place in the batch, as sent, in its shape, the codes it names


def results_of(names: Sequence[str], outcomes: Sequence[Outcome]) -> list[Result]:
    """One result for each event that was recorded, by the sender's names."""
    return [
        Result(name, "conflict" if outcome is Outcome.CONFLICT else "accepted")
        for name, outcome in zip(names, outcomes, strict=True)
    ]


def batch_body(results: Sequence[Result]) -> dict[str, Any]:
    """The answer to a batch: how many were taken, and one result an event, in their order."""
    return {"accepted": sum(result.status == "accepted" for result in results), "results": results}


def _shape(item: object, caller: KeyCaller) -> Shape | Refusal:
    """One event in its shape, or why it has none."""
    if not isinstance(item, dict):
        return NOT_AN_OBJECT
    try:
        if caller.is_secret:
            return msgspec.convert(item, ServerEvent)
        return names_a_person(item) or msgspec.convert(item, PageEvent)
    except msgspec.ValidationError as error:
        return shape_refusal(error)


def _name_of(item: object) -> str:
    """The id that the sender gave, for the answer."""
    name = item.get("event_id", "") if isinstance(item, dict) else ""
    return name if isinstance(name, str) else ""


def _check_server(event: ServerEvent, _item: Item, known: _Codes, _result: Result) -> Refusal | None:
    """Why an event of a server cannot be taken."""
    refusal = check_kind(event.kind, known.kinds.get(event.kind), from_page=False) or check_target(event)
    if refusal is None and event.content is not None and event.content not in known.contents:
        return CONTENT_UNKNOWN
    return refusal or check_values(event)


def _check_page(event: PageEvent, item: Item, known: _Codes, result: Result) -> Refusal | None:
    """Why an event of a page cannot be taken. What it cannot know better is only warned of: a tracker newer
    than the server, or a document that was not registered, loses no events."""
    refusal = check_kind(event.kind, known.kinds.get(event.kind), from_page=True) or check_values(event)
    if refusal is None:
        ignored = [
            Refusal("unknown_field", field, _("This field is not known and was ignored."))
            for field in sorted(item.keys() - PAGE_FIELDS)
        ]
        lost = event.content is not None and event.content not in known.contents
        warnings = [*ignored, CONTENT_UNKNOWN] if lost else ignored
        result.warnings = [warning.as_error() for warning in warnings] or UNSET
    return refusal


def _channel(event: Shape) -> str:
    """The channel a server gives, or the one that a page's properties tell."""
    if isinstance(event, ServerEvent):
        return event.channel.value if event.channel else ""
    return found_for(marks_of_event(event.properties)).channel


def retrying(work: Callable[[], T], *, attempts: int = 3) -> T:
    """Run ``work`` again when the database chose it as the victim of a deadlock or a conflict (F23)."""
    for attempt in range(1, attempts):
        try:
            return work()
        except OperationalError as error:
            code = getattr(error.__cause__, "pgcode", None)
            if code not in {"40P01", "40001"} or connection.in_atomic_block:
                raise
            time.sleep(random.uniform(0.01, 0.05) * attempt)
    return work()


def _store(
    drafts: Sequence[Draft], results: Sequence[Result], caller: KeyCaller, *, now: datetime, visit: Visit
) -> None:
    """Find the leads and record; in one transaction where visitors have to be remembered too."""
    if any(event.visitor is not None for _place, _item, event, _known in drafts):
        with transaction.atomic():
            _record(drafts, results, caller, now=now, visit=visit)
    else:
        _record(drafts, results, caller, now=now, visit=visit)


def _record(
    drafts: Sequence[Draft], results: Sequence[Result], caller: KeyCaller, *, now: datetime, visit: Visit
) -> None:
    """Record what has a lead or a visitor; refuse the rest."""
    find = _Finder(drafts, caller, now=now, drift=visit.drift)
    events, places = [], []
    for place, item, event, known in drafts:
        lead_id, refusal = find(event, item)
        if refusal is not None:
            results[place].refuse(refusal)
            continue
        places.append(place)
        events.append(
            NewEvent(
                caller.source_id,
                event.event_id,
                known.kinds[event.kind].id,
                event.occurred_at + visit.drift,
                digest_of(canonical(event)),
                lead_id,
                event.visitor,
                known.contents.get(event.content),
                _channel(event),
                event.properties,
                canonical(event.properties),
            )
        )
    if not events:
        return
    if caller.is_secret:
        outcomes = record_events(events, now=now)
    else:
        outcomes = record_page_events(events, visitors=find.visitors, signs=visit.signs, now=now)
    for place, outcome in zip(places, outcomes, strict=True):
        if outcome is Outcome.CONFLICT:
            results[place].status = "conflict"


class _Finder:
    """Whose events are these? One query for each way of naming somebody."""

    def __init__(
        self, drafts: Sequence[Draft], caller: KeyCaller, *, now: datetime, drift: timedelta
    ) -> None:
        named: dict[str, set[str]] = {"lead": set(), "reference": set(), "email": set()}
        seen: dict[UUID, FirstSight] = {}
        for _place, item, event, _known in drafts:
            if event.visitor is not None:
                page = event.properties.get("url")
                seen.setdefault(
                    event.visitor, FirstSight(_channel(event), page if isinstance(page, str) else "")
                )
            else:
                field, name = _naming(event, item)
                named[field].add(name)
        self._leads = {
            "lead": find_leads("public_id", named["lead"]),
            "reference": find_leads("reference", named["reference"]),
            "email": find_leads("email", named["email"] - {""}),
        }
        self.visitors = remember_visitors(seen, source_id=caller.source_id, now=now) if seen else {}
        self._drift = drift
        identified = {known.lead_id for known in self.visitors.values() if known.lead_id is not None}
        self._tracked = leads_with_tracking(identified)

    def __call__(self, event: Shape, item: Item) -> tuple[int | None, Refusal | None]:
        """(lead id or None for a visitor nobody knows yet, why it cannot be taken)."""
        if event.visitor is not None:
            known = self.visitors[event.visitor]
            lead_id = known.lead_at(event.occurred_at + self._drift)
            if known.withdrawn_at is not None or (lead_id is not None and lead_id not in self._tracked):
                return None, NOT_TRACKED
            return lead_id, None
        field, name = _naming(event, item)
        found = self._leads[field].get(name)
        return (found, None) if found is not None else (None, LEAD_UNKNOWN)


def _naming(event: Any, item: Item) -> tuple[str, str]:
    """(field, normal form of its value) by which a server names a lead."""
    if event.lead is not None:
        text = item["lead"]
        return "lead", text.lower() if len(text) == 36 else str(event.lead)
    return ("reference", event.reference) if event.reference is not None else ("email", _email(event.email))


def _email(text: str) -> str:
    """The identity key of an address; an empty text for one that cannot exist."""
    try:
        return normalise_email(text).key
    except InvalidValue:
        return ""
