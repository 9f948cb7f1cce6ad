"""The quick lane: a server's events of known leads with nothing unusual about any of them.

Most requests are like that. Their bodies are read straight into the shape, checked in one pass and told
here whether they are regular; whatever is unusual in any way (and be it allowed) goes event_intake's
thorough way instead, which alone says why something is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from django.http import HttpRequest
from msgspec import Meta

from leads.actions.event_append import Packed
from leads.actions.event_rows import Receipt, key_row
from leads.api.event_pieces import shapes_of
from leads.api.event_shapes import EARLIEST, MAX_BATCH_BYTES, MAX_EVENT_BYTES, MAX_EVENTS, ServerEvent
from leads.api.keys import KeyCaller
from leads.api.lookups import contents, kinds
from leads.api.strict import may_hide_quotes
from leads.incoming import NewEvent, canonical, digest_of, keys_of, raw_digest
from leads.remembered_leads import remembered

_SHORT = 256  # characters that are at most 1 KB, whatever they are
_FEW = 30  # such values are never 32 KB together
_Name = Annotated[str, Meta(min_length=1, max_length=64)]
_Value = Annotated[str, Meta(max_length=_SHORT)] | int | float | bool | None


class _Regular(ServerEvent, kw_only=True, omit_defaults=True, gc=False):
    """An event that names a lead, and nothing but that, with few, small, flat properties.

    What a pattern would check in each event is checked in all of them at once.
    """

    event_id: Annotated[str, Meta(min_length=1, max_length=120)]
    lead: Annotated[str, Meta(min_length=36, max_length=36)]  # type: ignore[assignment]
    email: None = None
    reference: None = None
    visitor: None = None
    properties: Annotated[dict[_Name, _Value], Meta(max_length=_FEW)] = {}


_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# Public ids in the one spelling that the database answers with, as those have that are remembered.
_LEADS = re.compile(r"(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12},)*")


class _Batch(msgspec.Struct, forbid_unknown_fields=True):
    """Several of them, as they are sent."""

    events: Annotated[list[_Regular], Meta(min_length=1, max_length=MAX_EVENTS)]


_one = msgspec.json.Decoder(_Regular)
_many = msgspec.json.Decoder(_Batch)
_IS_BATCH = re.compile(rb'\s*\{\s*"events"')


class RegularEvents:
    """The events of one request, checked; only whose they are is still to be looked up."""

    def __init__(
        self, events: Sequence[_Regular], texts: Sequence[bytes], source_id: int, *, are_many: bool
    ) -> None:
        self.are_many = are_many
        self._sent = list(zip(events, texts, strict=True))
        self._source_id = source_id
        self._named = {event.kind for event in events}
        self._kinds = kinds(self._named)
        self._codes = {event.content for event in events if event.content is not None}
        self._contents: Mapping[str, int] = contents(self._codes) if self._codes else {}
        self.leads = {event.lead for event in events}
        self._remembered = remembered(self.leads)

    def packed(self, *, now: datetime) -> Packed | None:
        """Ready to be appended; None unless this process remembers every lead and every shape."""
        leads = self._remembered if len(self._remembered) == len(self.leads) else remembered(self.leads)
        if len(leads) < len(self.leads):
            return None
        shapes = shapes_of(self._kinds, self._contents)
        key_of, receipt = keys_of(self._source_id), Receipt(self._source_id, now)
        keys: list[bytes] = []
        rows: list[bytes] = []
        for event, text in self._sent:
            shape = shapes.piece(event.kind, event.content, event.channel, event.properties)
            if shape is None:
                return None
            name = event.event_id.encode()
            keys.append(key_row(key_of(name), raw_digest(text)))
            rows.append(receipt.row(event.occurred_at, leads[event.lead], shape, name, _properties_in(text)))
        kind_ids = {self._kinds[code].id for code in self._named}
        return Packed(keys, rows, set(leads.values()), kind_ids, shapes.questions)

    @property
    def names(self) -> list[str]:
        """The senders' names of the events."""
        return [event.event_id for event, _text in self._sent]

    def are_known(self) -> bool:
        """Whether there are such kinds, to be reported from outside, and such contents."""
        kinds_known = all(code in self._kinds and not self._kinds[code].is_internal for code in self._named)
        return kinds_known and self._codes <= self._contents.keys()

    def are_spelled_as_usual(self) -> bool:
        """Whether each names its lead in the one spelling that the database answers with."""
        strange = self.leads - self._remembered.keys()
        return not strange or _LEADS.fullmatch("".join([f"{lead}," for lead in strange])) is not None

    def of(self, leads: Mapping[str, int]) -> list[NewEvent]:
        """Ready to be recorded, given the id of each lead."""
        return [
            NewEvent(
                self._source_id,
                event.event_id,
                self._kinds[event.kind].id,
                event.occurred_at,
                digest_of(text),
                leads[event.lead],
                None,
                self._contents[event.content] if event.content is not None else None,
                event.channel.value if event.channel is not None else "",
                event.properties,
                canonical(event.properties),
            )
            for event, text in self._sent
        ]


_PROPERTIES = b',"properties":'


def _properties_in(text: bytes) -> bytes:
    """The properties as JSON, cut out of an event's canonical text: the last of its members.

    No string can hold what is looked for, since the quotes in it would be escaped.
    """
    at = text.find(_PROPERTIES)
    return text[at + len(_PROPERTIES) : -1] if at >= 0 else b"{}"


def regular_events(request: HttpRequest, caller: KeyCaller | None) -> RegularEvents | None:
    """The events of a request when all of them are regular, else None."""
    if caller is None or not caller.is_secret or request.META.get("CONTENT_TYPE") != "application/json":
        return None
    return read_regular(request.body, caller)


def read_regular(body: bytes, caller: KeyCaller) -> RegularEvents | None:
    """The events of a body sent with a secret key when all of them are regular, else None."""
    many = _IS_BATCH.match(body) is not None
    if len(body) > (MAX_BATCH_BYTES if many else MAX_EVENT_BYTES) or may_hide_quotes(body):
        return None
    try:
        events = _many.decode(body).events if many else [_one.decode(body)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    texts = [canonical(event) for event in events]
    # Decoding loses a name that came twice; then the body holds more strings than what was decoded.
    quotes = b"".join(texts).count(b'"') + (len('""') if many else 0)
    if quotes != body.count(b'"') or not _are_proper(events):
        return None
    regular = RegularEvents(events, texts, caller.source_id, are_many=many)
    return regular if regular.are_known() and regular.are_spelled_as_usual() else None


def _are_proper(events: Sequence[_Regular]) -> bool:
    """Whether they have proper names and lie in time."""
    return (
        _CONTROL.search("".join([event.event_id for event in events])) is None
        and min([event.occurred_at for event in events]) >= EARLIEST
    )
