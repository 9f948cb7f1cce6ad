"""The quick lane: a server's events of known leads with nothing unusual about any of them.

Most batches are like that. Everything is checked here in one pass; whatever is unusual in any way (and be
it allowed) sends the whole batch to event_intake's thorough way, which alone says why something is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from leads.api.event_shapes import EARLIEST, ServerEvent
from leads.api.keys import KeyCaller
from leads.api.lookups import contents, kinds
from leads.identities import find_leads
from leads.incoming import NewEvent, canonical, digest_of

_PLAIN = frozenset({int, float, bool, type(None)})
_SHORT = 256  # characters that are at most 1 KB, whatever they are
_FEW = 30  # such values are never 32 KB together


def regular_events(items: Sequence[Any], caller: KeyCaller) -> list[NewEvent] | None:
    """The events ready to be recorded, or None when any of them is not regular. Two queries at most."""
    if not caller.is_secret:
        return None
    try:
        shapes = msgspec.convert(items, list[ServerEvent])
        names = [item["lead"] for item in items]
    except (msgspec.ValidationError, KeyError):
        return None
    if not all(map(_is_regular, shapes)):
        return None
    codes = {event.content for event in shapes if event.content is not None}
    known_kinds, known_contents = kinds({event.kind for event in shapes}), contents(codes) if codes else {}
    leads = find_leads("public_id", set(names))
    try:
        return [
            NewEvent(
                caller.source_id,
                event.event_id,
                known_kinds[event.kind].id,
                event.occurred_at,
                digest_of(canonical(item)),
                leads[name],
                None,
                known_contents[event.content] if event.content is not None else None,
                event.channel.value if event.channel is not None else "",
                event.properties,
                canonical(event.properties),
            )
            for item, event, name in zip(items, shapes, names, strict=True)
            if not known_kinds[event.kind].is_internal or _give_up()
        ]
    except KeyError:
        return None


def _give_up() -> bool:
    """Leave the lane."""
    raise KeyError


def _is_regular(event: ServerEvent) -> bool:
    """Whether it names a lead only, lies in time, and has few, small, flat properties."""
    if event.lead is None or event.occurred_at < EARLIEST or len(event.properties) > _FEW:
        return False
    if event.visitor is not None or event.email is not None or event.reference is not None:
        return False
    for value in event.properties.values():
        if value.__class__ is str:
            if len(value) > _SHORT:
                return False
        elif value.__class__ not in _PLAIN:
            return False
    return True
