"""What was known of many leads, each at an instant of its own; and what any rules would have said then.

Known at t: events received by then and not voided by then (even where they were voided since), the profile
with later changes undone, lists, consents and adjustments as they were, the calendar day of t. Nothing that
came later can change the answer: a property test moves later facts about and finds the same.

Set-wise: a few statements for thousands of instants, then the kernel, a day at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

import numpy as np
from django.db import connection

from leads import signatures
from leads.models import NOT_COUNTED, Content, EventKind, Signature, Verdict
from scoring import binary
from scoring.engine import kernel
from scoring.engine.encoding import encode
from scoring.engine.events import MINUTE_BITS, PLACE_BITS, Packed, pack
from scoring.engine.fields import Profile
from scoring.engine.kernel import Scores
from scoring.engine.parse import parse
from scoring.engine.profiles import Bools, Ints
from scoring.engine.program import SIGNATURE_BITS, Program
from scoring.engine.signatures import SignatureFacts
from scoring.models import RuleSet, ScoreAdjustment
from scoring.past_profiles import profiles_at
from scoring.programs import predicate_bits, signature_facts, site_zone

AT_ONCE = 4_096


class Moment(NamedTuple):
    """A lead at an instant."""

    lead_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """What was known at some moments, in their order.

    ``events`` are packed as everywhere, the place being the moment's; ascending. ``adjustments``: by measure,
    thousandths.
    """

    moments: Sequence[Moment]
    days: Sequence[date]
    profiles: Sequence[Profile]
    events: Packed
    adjustments: Mapping[str, Ints] = field(default_factory=dict)

    def on_days(self) -> Iterator[tuple[date, slice]]:
        """Each day with the places of its moments; the moments are in the order of time."""
        start = 0
        for place in range(1, len(self.days) + 1):
            if place == len(self.days) or self.days[place] != self.days[start]:
                yield self.days[start], slice(start, place)
                start = place


class Library:
    """The signatures of all events, those of voided ones included; it grows as the past is read."""

    def __init__(self) -> None:
        self.facts: dict[int, SignatureFacts] = signature_facts()
        self.questions = signatures.predicates()
        self._number_of: dict[signatures.Shape, int] = {
            (one[0], one[1], one[2], one[3]): one[4]
            for one in Signature.objects.exclude(pk=NOT_COUNTED).values_list(
                "kind_id", "content_id", "channel", "property_mask", "id"
            )
        }

    def number(self, shape: signatures.Shape) -> int:
        """The signature's number; one that was never interned gets the next, for this reading only."""
        if shape not in self._number_of:
            number = max(self.facts, default=0) + 1
            self._number_of[shape] = number
            self.facts[number] = _facts_of(number, shape)
        return self._number_of[shape]


def _facts_of(number: int, shape: signatures.Shape) -> SignatureFacts:
    kind_id, content_id, channel, mask = shape
    kind = EventKind.objects.get(pk=kind_id)
    content = Content.objects.filter(pk=content_id).first() if content_id else None
    return SignatureFacts(
        id=number,
        kind=kind.code,
        content=content.code if content else "",
        content_type=content.type if content else "",
        band=(content.band if content else "") or kind.band,
        phase=content.phase if content else "",
        topics=frozenset(content.topics if content else ()),
        channel=channel,
        mask=mask,
        is_intent=kind.is_intent,
        is_activity=kind.is_activity,
    )


def read_past(moments: Sequence[Moment], names: Sequence[str], library: Library) -> Iterator[Past]:
    """What was known at these moments, in the order of time; ``names`` of the profile are read."""
    ordered = sorted(moments, key=lambda one: (one.at, one.lead_id))
    zone = site_zone()
    for start in range(0, len(ordered), AT_ONCE):
        some = ordered[start : start + AT_ONCE]
        days = [moment.at.astimezone(zone).date() for moment in some]
        yield Past(
            moments=some,
            days=days,
            profiles=profiles_at(some, names),
            events=_events_at(some, library),
            adjustments=_adjustments_at(some, days),
        )


def program_of(rule_set: RuleSet, library: Library) -> Program:
    """These rules against every signature of the past that was read. Raises ``engine.reading.RuleError``."""
    return Program(
        parse(rule_set.document),
        library.facts.values(),
        zone=site_zone(),
        bits=predicate_bits(library.questions),
        forgive=True,
    )


def score_past(program: Program, past: Past) -> Iterator[tuple[slice, Scores]]:
    """The scores at each moment, a day at a time: (places, scores in their order)."""
    for places, day, block in _blocks(program, past):
        yield places, kernel.read(program, block, day)


def rules_in_past(program: Program, past: Past) -> Iterator[tuple[slice, Mapping[tuple[str, str], Bools]]]:
    """For which moments each rule counted, a day at a time: (places, by group and rule, in their order)."""
    for places, day, block in _blocks(program, past):
        yield places, kernel.read_rules(program, block, day)


def _blocks(program: Program, past: Past) -> Iterator[tuple[slice, date, kernel.Block]]:
    shift = np.uint64(64 - PLACE_BITS)
    starts = np.searchsorted(past.events >> shift, np.arange(len(past.moments) + 1, dtype=np.uint64))
    for day, places in past.on_days():
        events = past.events[starts[places.start] : starts[places.stop]] - (np.uint64(places.start) << shift)
        block = kernel.Block(
            size=places.stop - places.start,
            profiles=encode(program.layout, past.profiles[places], day),
            events=events,
            adjustments={name: points[places] for name, points in past.adjustments.items()},
        )
        yield places, day, block


_EVENTS = f"""
SELECT string_agg(int8send(((one.place - 1) << {SIGNATURE_BITS} | event.signature_id) << {MINUTE_BITS}
    | floor(date_part('epoch', greatest(event.occurred_at, '1970-01-01Z'::timestamptz)) / 60)::bigint),
    ''::bytea)
FROM unnest(%s::bigint[], %s::timestamptz[]) WITH ORDINALITY AS one(lead_id, at, place)
JOIN leads_event AS event ON event.lead_id = one.lead_id
WHERE event.signature_id <> {NOT_COUNTED} AND event.received_at <= one.at
"""  # nosec B608: of constants
_VOIDED_SINCE = f"""
SELECT one.place - 1, floor(date_part('epoch', greatest(event.occurred_at, '1970-01-01Z'::timestamptz)) / 60),
    event.kind_id, event.content_id, event.channel, event.properties
FROM unnest(%s::bigint[], %s::timestamptz[]) WITH ORDINALITY AS one(lead_id, at, place)
JOIN leads_event AS event ON event.lead_id = one.lead_id
WHERE event.signature_id = {NOT_COUNTED} AND event.verdict <> {Verdict.MACHINE}
    AND event.voided_at > one.at AND event.received_at <= one.at
"""  # nosec B608: of constants


def _events_at(moments: Sequence[Moment], library: Library) -> Packed:
    asked: Any = [[moment.lead_id for moment in moments], [moment.at for moment in moments]]
    with connection.cursor() as cursor:
        query = cursor.mogrify(_EVENTS, asked).decode()
        (counted,) = binary.read_row(cursor, query)
        cursor.execute(_VOIDED_SINCE, asked)
        voided = cursor.fetchall()
    rows = [
        (place, library.number(signatures.shape_of(kind, content, channel, found, library.questions)), minute)
        for place, minute, kind, content, channel, found in voided
    ]
    later = np.array(rows, np.int64).reshape(-1, 3)
    events = np.concatenate(
        [np.frombuffer(counted, ">u8").astype(np.uint64), pack(later[:, 0], later[:, 1], later[:, 2])]
    )
    events.sort(kind="stable")
    return events


def _adjustments_at(moments: Sequence[Moment], days: Sequence[date]) -> Mapping[str, Ints]:
    made = defaultdict(list)
    for one in ScoreAdjustment.objects.filter(lead__in={moment.lead_id for moment in moments}):
        made[one.lead_id].append(one)
    if not made:
        return {}
    sums = {name: np.zeros(len(moments), np.int64) for name in ("fit", "engagement")}
    for place, (moment, day) in enumerate(zip(moments, days, strict=True)):
        for one in made.get(moment.lead_id, ()):
            there = one.at <= moment.at and (one.withdrawn_at is None or one.withdrawn_at > moment.at)
            if there and (one.expires_on is None or day <= one.expires_on):
                sums[one.measure][place] += one.points * 1000
    return sums
