"""Reading what scoring looks at: profiles, packed events, and one lead's events for its explanation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import structlog
from django.db import connection
from numpy.typing import NDArray

from scoring import sql
from scoring.engine.kernel import Block, Scores, UnknownSignature
from scoring.programs import LiveProgram, compile_again

Ints = NDArray[np.int64]
_POSTGRES_EPOCH = 946_684_800  # 2000-01-01 UTC, from which PostgreSQL counts
log = structlog.get_logger(__name__)


class Read(NamedTuple):
    """Leads with their scores, in the same order."""

    lead_ids: Ints
    scores: Scores


def read_leads(live: LiveProgram, lead_ids: Sequence[int], today: date) -> tuple[LiveProgram, Read]:
    """Score these leads, as far as they exist. The program comes back renewed if signatures were new."""
    with connection.cursor() as cursor:
        query, params = sql.profiles_of(lead_ids, live.program.fields)
        cursor.execute(query, params)
        rows = cursor.fetchall()
    present = [row[0] for row in rows]
    profiles = [row[1] for row in rows]

    def block(current: LiveProgram) -> Block:
        query, params = sql.events_of(present, within=_span(current, today))
        with connection.cursor() as cursor:
            cursor.execute(query, params)
            return Block(profiles, *_events(cursor.fetchone()))

    live, scores = _score(live, block, today)
    return live, Read(np.array(present, np.int64), scores)


def read_block(live: LiveProgram, number: int, today: date) -> tuple[LiveProgram, Read]:
    """Score all leads of a block (scoring/sql.py)."""
    with connection.cursor() as cursor:
        cursor.execute(sql.profiles_of_block(number, live.program.fields))
        ids, texts = cursor.fetchone()
    lead_ids = _unpack(ids)
    profiles = [] if texts is None else texts.split("\n")
    positions = np.full(sql.BLOCK_SIZE, -1, np.int64)
    positions[lead_ids & (sql.BLOCK_SIZE - 1)] = np.arange(len(lead_ids))

    def block(current: LiveProgram) -> Block:
        query = sql.events_of_block(number, within=_span(current, today))
        with connection.cursor() as cursor:
            cursor.execute(query)
            place, signature, second = _events(cursor.fetchone())
        lead = positions[place]
        if lead.size and lead.min() < 0:  # events of leads that were erased or merged away
            here = lead >= 0
            lead, signature, second = lead[here], signature[here], second[here]
        return Block(profiles, lead, signature, second)

    live, scores = _score(live, block, today)
    return live, Read(lead_ids, scores)


def _score(
    live: LiveProgram, block: Callable[[LiveProgram], Block], today: date
) -> tuple[LiveProgram, Scores]:
    """Read the block; when it holds signatures newer than the program, compile again and read again."""
    try:
        return live, live.program.read(block(live), today)
    except UnknownSignature:
        live = compile_again(live, forgive=False)
    try:
        return live, live.program.read(block(live), today)
    except UnknownSignature:
        log.exception("event_without_signature")
        live = compile_again(live, forgive=True)
        return live, live.program.read(block(live), today)


def _span(live: LiveProgram, today: date) -> sql.Span:
    return sql.span(live.program.horizon, today, live.program.zone)


def _events(row: tuple[memoryview | None, memoryview | None]) -> tuple[Ints, Ints, Ints]:
    """Lead, signature and epoch second of each event (scoring/sql.py)."""
    who, when = _unpack(row[0]), _unpack(row[1])
    return who >> 32, who & 0xFFFFFFFF, when // 1_000_000 + _POSTGRES_EPOCH


def _unpack(value: memoryview | None) -> Ints:
    """Big-endian 8-byte integers as PostgreSQL sends them."""
    return np.frombuffer(value or b"", ">i8").astype(np.int64)
