"""Requests whose events arrive at the same time are stored together: one look-up, one transaction for all.

While one thread of this process stores, the others put their events down and wait for their turn; the next
one whose turn it is stores all that has gathered. Nobody waits for company: who finds nobody storing stores
at once. A request is answered only after the commit that holds its events, and none suffers for another's:
events that cannot be stored together, each request stores alone.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from leads.actions.event_append import append_new
from leads.actions.events import record_events
from leads.api.event_intake import retrying
from leads.api.event_lane import RegularEvents
from leads.incoming import Outcome
from leads.remembered_leads import numbers_now, numbers_of

log = structlog.get_logger(__name__)


class _Waiting:
    """The events of one request until they are stored."""

    __slots__ = ("error", "events", "is_over", "now", "outcomes", "packed")

    def __init__(self, events: RegularEvents, now: datetime) -> None:
        self.events = events
        self.now = now
        self.packed = events.packed(now=now)
        self.is_over = False
        self.outcomes: list[Outcome] | None = None
        self.error: Exception | None = None


_turn = threading.Lock()
_waiting: deque[_Waiting] = deque()


def store_together(events: RegularEvents, *, now: datetime) -> list[Outcome] | None:
    """Store the events with those of other requests; what became of each, in their order.

    None when they cannot be stored this way (a lead that is not known, or a value that PostgreSQL refuses):
    nothing of them is stored then, and the caller has to store them alone. Raises OperationalError and
    InterfaceError when the database is away or busy: nothing is stored either.
    """
    mine = _Waiting(events, now)
    if connection.in_atomic_block:  # the caller's transaction is nobody else's
        _store([mine])
        return mine.outcomes
    _waiting.append(mine)
    with _turn:
        if not mine.is_over:
            _store_all_waiting()
    if mine.error is not None:
        raise mine.error
    return mine.outcomes


def _store_all_waiting() -> None:
    """Take all that has gathered and store it."""
    group = [_waiting.popleft() for _ in range(len(_waiting))]
    try:
        retrying(lambda: _store(group))
    except (OperationalError, InterfaceError) as error:
        for one in group:
            one.error = error
    except DatabaseError as error:
        log.info("events_stored_alone", requests=len(group), error=str(error).partition("\n")[0])
    finally:
        for one in group:
            one.is_over = True


def _store(group: Sequence[_Waiting]) -> None:
    """Record the events of all whose leads are all known; deal out what became of them."""
    if connection.in_atomic_block or not _append(group):
        _record(group)


def _append(group: Sequence[_Waiting]) -> bool:
    """The short way: all are new, and their leads remembered. False when that cannot be."""
    strange = [one for one in group if one.packed is None]
    if strange:
        numbers_of(_leads(strange))
        for one in strange:
            one.packed = one.events.packed(now=one.now)
    packs = [one.packed for one in group if one.packed is not None]
    if len(packs) < len(group) or not append_new(packs):
        return False
    for one in group:
        one.outcomes = [Outcome.STORED] * len(one.events.names)
    return True


def _record(group: Sequence[_Waiting]) -> None:
    """The ordinary way, which finds out about each event."""
    leads = numbers_now(_leads(group))
    known = [one for one in group if one.events.leads <= leads.keys()]
    ready = [one.events.of(leads) for one in known]
    if not ready:
        return
    outcomes = iter(record_events([event for some in ready for event in some], now=known[-1].now))
    for one, some in zip(known, ready, strict=True):
        one.outcomes = [next(outcomes) for _ in some]


def _leads(group: Sequence[_Waiting]) -> set[str]:
    return set[str]().union(*(one.events.leads for one in group))
