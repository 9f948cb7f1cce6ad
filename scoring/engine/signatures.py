"""What scoring may ask of an event: its signature, and the question put to it.

A signature is all that matters of an event but its time. There are a few thousand for millions of events,
so a question is answered once per signature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# A mail program or a proxy loads the pixel, not a person: loading a mail never counts.
NEVER_SCORED = frozenset({"email_opened"})


@dataclass(frozen=True, slots=True)
class PropertyPredicate:
    """A question about one property of an event; ``path`` is dotted, ``value`` a JSON scalar or tuple."""

    path: str
    operator: str
    value: str | int | float | bool | tuple[str | int | float | bool, ...] | None = None


@dataclass(frozen=True, slots=True)
class SignatureFacts:
    """One interned signature with what is known of its kind and content.

    ``band`` is the content's, or else its kind's; ``phase`` is the content's buying phase. Bit i of
    ``mask`` tells that property predicate i holds.
    """

    id: int
    kind: str
    content: str = ""
    content_type: str = ""
    band: str = ""
    phase: str = ""
    topics: frozenset[str] = frozenset()
    channel: str = ""
    mask: int = 0
    is_intent: bool = False
    is_activity: bool = True


@dataclass(frozen=True, slots=True)
class EventMatch:
    """Which events are meant: every given filter must agree, an empty one lets all pass."""

    kinds: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    content_types: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    properties: tuple[PropertyPredicate, ...] = ()
    intent: bool = False
    activity: bool = False

    def accepts(self, event: SignatureFacts, bits: Mapping[PropertyPredicate, int]) -> bool:
        """Whether an event of this signature is meant. ``bits`` gives each predicate's bit in the mask.

        A predicate without a bit was never evaluated at ingest: it does not hold.
        """
        return (
            event.kind not in NEVER_SCORED
            and _allows(self.kinds, event.kind)
            and _allows(self.contents, event.content)
            and _allows(self.content_types, event.content_type)
            and _allows(self.bands, event.band)
            and _allows(self.phases, event.phase)
            and _allows(self.channels, event.channel)
            and (not self.topics or not event.topics.isdisjoint(self.topics))
            and (event.is_intent or not self.intent)
            and (event.is_activity or not self.activity)
            and all(_has_bit(event.mask, bits.get(predicate)) for predicate in self.properties)
        )


def _allows(wanted: tuple[str, ...], value: str) -> bool:
    return not wanted or value in wanted


def _has_bit(mask: int, bit: int | None) -> bool:
    return bit is not None and bool(mask >> bit & 1)
