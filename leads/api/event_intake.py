"""Taking events in: check each, find whose they are, store them set-wise, tell what became of each."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext_lazy as _

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
from leads.api.origin_channels import channel_of
from leads.incoming import NewEvent, Outcome, canonical, digest_of
from leads.normalise import InvalidValue, normalise_email

Item = Mapping[str, Any]
Shape = PageEvent | ServerEvent
T = TypeVar("T")

NOT_TRACKED = Refusal(
    "no_tracking_consent", "visitor", _("This person did not allow tracking: nothing was stored.")
)
LEAD_UNKNOWN = Refusal(
    "lead_unknown", "", _("No lead is known by this; create it first with POST /api/v1/leads/.")
)
CONTENT_UNKNOWN = Refusal("content_unknown", "content", _("There is no content with this code."))
NOT_AN_OBJECT = Refusal("not_an_object", "", _("Send a JSON object: {…}."))


@dataclass(slots=True)
class Result:
    """What became of one event. ``refusal`` is None for a stored one, its retry and a conflict."""

    event_id: str
    outcome: Outcome | None = None
    refusal: Refusal | None = None
    warnings: Sequence[Refusal] = ()

    @property
    def status(self) -> str:
        """accepted (also for a retry), conflict, not_stored or refused."""
        if self.refusal is NOT_TRACKED:
            return "not_stored"
        if self.refusal is not None:
            return "refused"
        return "conflict" if self.outcome is Outcome.CONFLICT else "accepted"


def take_events(
    items: Sequence[Any], caller: KeyCaller, *, now: datetime, may_track: bool = True
) -> list[Result]:
    """Store the events of ``items`` (decoded JSON) and answer for each, in their order.

    All that can be taken are stored in one transaction. ``may_track`` is false when the browser asked not
    to be tracked: then nothing of a page is stored.
    """
    checked = (
        [_shape(item, caller) for item in items] if (shapes := _all_shapes(items, caller)) is None else shapes
    )
    results = [
        Result(_name_of(item), refusal=shape if isinstance(shape, Refusal) else None)
        for item, shape in zip(items, checked, strict=True)
    ]
    drafts = _drafts(items, checked, results, caller)
    if not caller.is_secret:
        _drop_untracked(drafts, results, may_track=may_track)
    if drafts:
        retrying(lambda: _store(drafts, results, caller, now=now))
    return results


@dataclass(slots=True)
class _Draft:
    """An event that passed its checks and waits for its lead."""

    place: int
    event: Shape
    kind_id: int
    content_id: int | None
    channel: str
    properties_json: str
    digest: int


def _all_shapes(items: Sequence[Any], caller: KeyCaller) -> list[Any] | None:
    """All events of a server at once, which is quickest; None when one of them is not of the right shape."""
    if not caller.is_secret:
        return None
    try:
        return msgspec.convert(items, list[ServerEvent])
    except msgspec.ValidationError:
        return None


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


def _drafts(
    items: Sequence[Item], checked: Sequence[Any], results: Sequence[Result], caller: KeyCaller
) -> list[_Draft]:
    """The events that pass, ready to be stored; the others get their refusal in ``results``."""
    events = [shape for shape in checked if not isinstance(shape, Refusal)]
    known_kinds = kinds(event.kind for event in events)
    known_contents = contents(event.content for event in events if event.content)
    drafts = []
    for place, event in enumerate(checked):
        if isinstance(event, Refusal):
            continue
        kind = known_kinds.get(event.kind)
        properties_json = canonical(event.properties).decode() if event.properties else "{}"
        refusal = (
            check_kind(event.kind, kind, from_page=not caller.is_secret)
            or (check_target(event) if caller.is_secret else None)
            or check_values(event, properties_json)
        )
        content_id = known_contents.get(event.content) if event.content else None
        if event.content and content_id is None:
            if caller.is_secret:
                refusal = refusal or CONTENT_UNKNOWN
            else:
                results[place].warnings = [CONTENT_UNKNOWN]
        if refusal or kind is None:
            results[place].refusal = refusal
            continue
        item = items[place]
        if not caller.is_secret:
            results[place].warnings = [*results[place].warnings, *_ignored(item)]
        drafts.append(
            _Draft(
                place,
                event,
                kind.id,
                content_id,
                _channel(event),
                properties_json,
                digest_of(canonical(item)),
            )
        )
    return drafts


def _ignored(item: Item) -> list[Refusal]:
    """Fields of a page's event that mean nothing here: a tracker newer than the server loses no events."""
    return [
        Refusal("unknown_field", field, _("This field is not known and was ignored."))
        for field in sorted(item.keys() - PAGE_FIELDS)
    ]


def _channel(event: Shape) -> str:
    """The channel a server gives, or the one that a page's properties tell."""
    if isinstance(event, ServerEvent):
        return event.channel.value if event.channel else ""
    told = {name: value for name, value in event.properties.items() if isinstance(value, str)}
    utm = {"medium": told.get("utm_medium", ""), "source": told.get("utm_source", "")}
    return channel_of(utm=utm, referrer=told.get("referrer", ""), page=told.get("url", ""))


def _drop_untracked(drafts: list[_Draft], results: Sequence[Result], *, may_track: bool) -> None:
    """Take out what a visitor did not want to be stored (GPC, DNT, or the banner's answer)."""
    for draft in list(drafts):
        if not may_track or (isinstance(draft.event, PageEvent) and draft.event.consent is False):
            results[draft.place].refusal = NOT_TRACKED
            drafts.remove(draft)


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


def _store(drafts: Sequence[_Draft], results: Sequence[Result], caller: KeyCaller, *, now: datetime) -> None:
    """Find the leads and record; in one transaction where visitors have to be remembered too."""
    if any(draft.event.visitor is not None for draft in drafts):
        with transaction.atomic():
            _record(drafts, results, caller, now=now)
    else:
        _record(drafts, results, caller, now=now)


def _record(drafts: Sequence[_Draft], results: Sequence[Result], caller: KeyCaller, *, now: datetime) -> None:
    """Record what has a lead or a visitor; refuse the rest."""
    find = _Finder(drafts, caller, now=now)
    events, places = [], []
    for draft in drafts:
        lead_id, refusal = find(draft.event)
        if refusal:
            results[draft.place].refusal = refusal
            continue
        event = draft.event
        places.append(draft.place)
        events.append(
            NewEvent(
                caller.source_id,
                event.event_id,
                draft.kind_id,
                event.occurred_at,
                draft.digest,
                lead_id,
                event.visitor,
                draft.content_id,
                draft.channel,
                event.properties,
                draft.properties_json,
            )
        )
    if events:
        for place, outcome in zip(places, record_events(events, now=now), strict=True):
            results[place].outcome = outcome


class _Finder:
    """Whose events are these? One query for each way of naming somebody."""

    def __init__(self, drafts: Sequence[_Draft], caller: KeyCaller, *, now: datetime) -> None:
        events = [draft.event for draft in drafts]
        servers = [event for event in events if isinstance(event, ServerEvent)]
        self._by_id = _leads("public_id", "uuid", {event.lead for event in servers if event.lead})
        self._by_reference = _leads(
            "reference", "text", {event.reference for event in servers if event.reference}
        )
        self._by_email = _leads(
            "email", "text", {_email(event.email) for event in servers if event.email} - {""}
        )
        self._visitors = self._remember(drafts, caller, now)
        self._tracked = leads_with_tracking({lead for lead in self._visitors.values() if lead is not None})

    @staticmethod
    def _remember(drafts: Sequence[_Draft], caller: KeyCaller, now: datetime) -> dict[UUID, int | None]:
        seen: dict[UUID, FirstSight] = {}
        for draft in drafts:
            if draft.event.visitor is not None:
                page = draft.event.properties.get("url")
                seen.setdefault(
                    draft.event.visitor, FirstSight(draft.channel, page if isinstance(page, str) else "")
                )
        return remember_visitors(seen, source_id=caller.source_id, now=now) if seen else {}

    def __call__(self, event: Shape) -> tuple[int | None, Refusal | None]:
        """(lead id or None for a visitor nobody knows yet, why it cannot be taken)."""
        if event.visitor is not None:
            lead_id = self._visitors[event.visitor]
            return (lead_id, None) if lead_id is None or lead_id in self._tracked else (None, NOT_TRACKED)
        if not isinstance(event, ServerEvent):
            return None, LEAD_UNKNOWN
        if event.lead is not None:
            found = self._by_id.get(event.lead)
        elif event.reference is not None:
            found = self._by_reference.get(event.reference)
        else:
            found = self._by_email.get(_email(event.email or ""))
        return (found, None) if found else (None, LEAD_UNKNOWN)


def _email(text: str) -> str:
    """The identity key of an address; an empty text for one that cannot exist."""
    try:
        return normalise_email(text).key
    except InvalidValue:
        return ""


def _leads(column: str, cast: str, values: set[Any]) -> dict[Any, int]:
    """The ids of present leads by one of their names; merged ones lead to the survivor."""
    if not values:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column}, id, merged_into_id FROM leads_lead "
            f"WHERE {column} = ANY(%s::{cast}[]) AND erased_at IS NULL",
            [[str(value) for value in values]],
        )
        rows = cursor.fetchall()
        found = {name: number for name, number, merged in rows if merged is None}
        merged = {name: into for name, _number, into in rows if into is not None}
        if merged:
            found |= _survivors(merged)
    return found


# Follows merges to their end; an erased survivor is nobody.
_SURVIVORS = """
WITH RECURSIVE chain AS (
    SELECT id AS first, id, merged_into_id, erased_at FROM leads_lead WHERE id = ANY(%s)
    UNION ALL
    SELECT chain.first, next.id, next.merged_into_id, next.erased_at
    FROM chain JOIN leads_lead AS next ON next.id = chain.merged_into_id
)
SELECT first, id FROM chain WHERE merged_into_id IS NULL AND erased_at IS NULL
"""


def _survivors(merged: Mapping[Any, int]) -> dict[Any, int]:
    """For each name, the lead at the end of its merges."""
    with connection.cursor() as cursor:
        cursor.execute(_SURVIVORS, [list(set(merged.values()))])
        ends = dict(cursor.fetchall())
    return {name: ends[into] for name, into in merged.items() if into in ends}
