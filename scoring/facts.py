"""Reading what scoring looks at and scoring it; reading stored scores. Some leads, or a whole block."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import structlog
from django.db import connection
from psycopg2.sql import SQL, Composable, Literal

from scoring import binary, sql
from scoring.engine import kernel
from scoring.engine.events import Packed as PackedEvents
from scoring.engine.events import UnknownSignature
from scoring.engine.kernel import Scores
from scoring.engine.profiles import Ints, Layout, Profiles
from scoring.engine.program import Program
from scoring.profile_sql import profiles
from scoring.programs import LiveProgram, compile_again
from scoring.score_words import Packed, packed_columns

# A stored score as it travels (score_words.py).
STORED = {"lead_id": ">i8", "verdict": ">i8", "rank": ">i8"}
# What people added by hand, as it travels (sql.adjustments_of).
_ADJUSTED = np.dtype([("lead_id", ">i8"), ("fit", ">i4"), ("engagement", ">i4")])
log = structlog.get_logger(__name__)


class Read(NamedTuple):
    """Leads with their scores, both in the order of their ids."""

    lead_ids: Ints
    scores: Scores


class Selection(NamedTuple):
    """Which leads to read: ``ids`` has one entry per place, ascending, of leads that may be there.

    ``among`` is the condition on a column of lead ids, ``events`` the statement that reads their events.
    """

    ids: Ints
    among: Callable[[str], Composable]
    events: Callable[[sql.Span], Composable]


def some_leads(lead_ids: Sequence[int]) -> Selection:
    """These leads, at most 2**14 of them."""
    ids = sorted(set(lead_ids))
    assert len(ids) <= sql.BLOCK_SIZE
    return Selection(
        np.array(ids, np.int64),
        lambda column: SQL("{} = ANY({}::bigint[])").format(SQL(column), Literal(ids)),
        lambda span: sql.events_of(ids, within=span),
    )


def whole_block(number: int) -> Selection:
    """All leads of a block (scoring/sql.py)."""
    return Selection(
        np.arange(number << sql.BLOCK_BITS, (number + 1) << sql.BLOCK_BITS),
        lambda column: sql.in_block(column, number),
        lambda span: sql.events_of_block(number, within=span),
    )


def read_live(live: LiveProgram, leads: Selection, today: date) -> tuple[LiveProgram, Read]:
    """Score these leads, as far as they exist. The program comes back renewed if signatures were new."""
    for forgive in (False, True):
        try:
            return live, read(live.program, leads, today)
        except UnknownSignature:
            if forgive:
                log.exception("event_without_signature")
            live = compile_again(live, forgive=forgive)
    return live, read(live.program, leads, today)


def read(program: Program, leads: Selection, today: date) -> Read:
    """Score these leads by a program, as far as they exist.

    Raises ``engine.events.UnknownSignature`` when an event's signature was not there at compilation.
    """
    places, found = read_profiles(program.layout, leads, today)
    span = sql.span(program.horizon, today, program.zone)
    both = SQL("SELECT ({}), ({})").format(
        leads.events(span), sql.adjustments_of(leads.among("one.lead_id"), today)
    )
    events, adjusted = _row(_text(both))
    block = kernel.Block(
        size=len(leads.ids),
        profiles=found,
        events=np.frombuffer(events, ">u8").astype(np.uint64),
        adjustments=_adjustments(adjusted, leads.ids),
    )
    return Read(leads.ids[places], kernel.read(program, block, today).at(places))


def read_stored(leads: Selection, lead_ids: Ints) -> Packed:
    """The stored scores of those of these leads that are named, in their order; zeros where there is none."""
    among = _text(leads.among("score.lead_id"))
    with connection.cursor() as cursor:
        found = binary.copy_out(
            cursor,
            f"SELECT score.lead_id, {packed_columns()} FROM scoring_leadscore AS score WHERE {among}",  # nosec B608: of constants
            STORED,
        )
    by_place = np.zeros((2, len(leads.ids)), np.int64)
    places = np.searchsorted(leads.ids, found["lead_id"].astype(np.int64))
    by_place[0, places], by_place[1, places] = found["verdict"], found["rank"]
    return Packed(*by_place[:, np.searchsorted(leads.ids, lead_ids)])


def read_events(leads: Selection, within: sql.Span) -> PackedEvents:
    """The counted events of these leads that happened within a span, packed as the kernel reads them."""
    (events,) = _row(_text(leads.events(within)))
    return np.frombuffer(events, ">u8").astype(np.uint64)


def read_profiles(layout: Layout, leads: Selection, today: date) -> tuple[Ints, Profiles]:
    """The places of the leads that are there, and the profiles by place; those of absent ones are empty."""
    row = _row(_profile_query(layout, today) + _text(leads.among("lead.id")))
    ids, *words = (np.frombuffer(value, ">i8").astype(np.int64) for value in row[: 1 + layout.words])
    places = np.searchsorted(leads.ids, ids)
    found = Profiles(
        [_by_place(word, places, len(leads.ids)) for word in words],
        {
            name: _texts_by_place(bytes(text).decode(), places, len(leads.ids))
            for name, text in zip(layout.texts, row[1 + layout.words :], strict=True)
        },
    )
    return np.sort(places), found


def _adjustments(packed: memoryview, ids: Ints) -> Mapping[str, Ints]:
    """By measure, what people added by hand, in thousandths by place; nothing where nobody did."""
    if not packed:
        return {}
    rows = np.frombuffer(packed, _ADJUSTED)
    places = np.searchsorted(ids, rows["lead_id"].astype(np.int64))
    return {
        measure: _by_place(rows[measure].astype(np.int64) * 1000, places, len(ids))
        for measure in ("fit", "engagement")
    }


def _by_place(values: Ints, places: Ints, size: int) -> Ints:
    placed = np.zeros(size, np.int64)
    placed[places] = values
    return placed


def _texts_by_place(lines: str, places: Ints, size: int) -> Sequence[str]:
    placed = [""] * size
    if len(places):
        for place, text in zip(places.tolist(), lines.split("\n"), strict=True):
            placed[place] = text
    return placed


@lru_cache(maxsize=8)
def _profile_query(layout: Layout, today: date) -> str:
    """The same for every block: putting it together takes longer than many a block."""
    return _text(profiles(layout, today))


def _text(query: Composable) -> str:
    with connection.cursor() as cursor:
        text: str = query.as_string(cursor.cursor)
        return text


def _row(query: str) -> list[memoryview]:
    with connection.cursor() as cursor:
        return binary.read_row(cursor, query)
