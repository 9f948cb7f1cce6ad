"""Scoring everybody, block by block: at midnight, and after new rules were published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from leads.actions.agenda import wake
from leads.failpoints import failpoint
from leads.models import Lead
from scoring import binary
from scoring.engine.rules import GRADES, PHASES, TEMPERATURES
from scoring.facts import Ints, Read, read_block
from scoring.models import ScoreChange, ScoringRun
from scoring.programs import LiveProgram, live_program
from scoring.sql import BLOCK_BITS, BLOCK_LOCK, BLOCK_SIZE

Rows = NDArray[np.void]
Bools = NDArray[np.bool_]
_BAND = {
    "grade": "S1", "level": ">i2", "phase": ">i2", "temperature": ">i2",
    "mql_gate": "?", "mql_keep": "?", "ready_gate": "?", "ready_keep": "?",
}  # fmt: skip
_POINTS = {"fit": ">i4", "engagement": ">i4"}
_SCORES = _BAND | _POINTS | {"completeness": ">i2", "priority": ">i4", "rules_version": ">i4"}
_ROW = {"lead_id": ">i8", **_SCORES}
_CHANGE = ("lead_id", "fit", "engagement", "rules_version", "level", "grade")
# Words travel as their place in these lists.
_WORDS = {"phase": PHASES, "temperature": TEMPERATURES}
_SQL_TYPES = {"S1": "varchar(1)", "?": "boolean", ">i2": "smallint", ">i4": "integer", ">i8": "bigint"}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pass is. ``leads``, ``changed`` and ``woken`` count from its beginning."""

    last_lead_id: int
    leads: int
    changed: int
    woken: int
    is_finished: bool


def rescore_all(*, now: datetime, since_lead_id: int = 0) -> Iterator[Progress]:
    """Bring everybody's score up to date, a block of leads per transaction; wakes those whose band changed.

    A pass of the same day that was interrupted goes on where it stopped; when other rules are published
    meanwhile it begins again under them. Raises ``scoring.programs.NoLiveRules``.
    """
    run_id = _begin(now, since_lead_id)
    while True:
        progress = _rescore_next_block(run_id, now)
        yield progress
        if progress.is_finished:
            return


@transaction.atomic
def _begin(now: datetime, since_lead_id: int) -> int:
    live = live_program()
    today = now.astimezone(live.program.zone).date()
    unfinished = ScoringRun.objects.filter(finished_at=None)
    interrupted = unfinished.filter(day=today).first()
    if interrupted and not since_lead_id:
        return interrupted.pk
    unfinished.update(finished_at=now)
    run = ScoringRun.objects.create(
        day=today,
        rules_version=live.version,
        next_block=since_lead_id >> BLOCK_BITS,
        started_at=now,
    )
    return run.pk


@transaction.atomic
def _rescore_next_block(run_id: int, now: datetime) -> Progress:
    run = ScoringRun.objects.select_for_update().get(pk=run_id)
    live = live_program()
    if live.version != run.rules_version:
        run.rules_version, run.next_block = live.version, 0
    first = (
        Lead.objects.filter(pk__gte=run.next_block << BLOCK_BITS).order_by("pk").values_list("pk", flat=True)
    )
    lead_id = first.first()
    if lead_id is None:
        run.finished_at = now
    else:
        _count(run, lead_id >> BLOCK_BITS, *rescore_block(live, lead_id >> BLOCK_BITS, run.day, now))
        failpoint("recompute.mid_batch")
    run.save()
    last = (run.next_block << BLOCK_BITS) - 1
    return Progress(last, run.leads, run.changed, run.woken, run.finished_at is not None)


def _count(run: ScoringRun, block: int, leads: int, changed: int, woken: int) -> None:
    run.next_block = block + 1
    run.leads += leads
    run.changed += changed
    run.woken += woken


def rescore_block(live: LiveProgram, block: int, today: date, now: datetime) -> tuple[int, int, int]:
    """Score one block; how many leads it has, how many rows changed, how many leads were woken.

    Nobody else scores one of its leads until the end of the transaction: an event that arrives meanwhile
    is concluded on afterwards.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [BLOCK_LOCK, block])
    live, read = read_block(live, block, today)
    new = _rows(read, live.version)
    known, old = _stored(block, read.lead_ids)
    changed = ~known | _differ(new, old, _SCORES)
    if changed.any():
        _write(new, changed & known, changed & ~known, block=block, today=today, now=now)
        _remember(new, old, ~known | _shows(new, old), known, now)
    woken = read.lead_ids[~known | _differ(new, old, _BAND)]
    wake(woken.tolist())
    return len(new), int(changed.sum()), len(woken)


def _rows(read: Read, version: int) -> Rows:
    rows = np.zeros(len(read.lead_ids), np.dtype(list(_ROW.items())))
    rows["lead_id"] = read.lead_ids
    rows["rules_version"] = version
    rows["grade"] = np.array([grade.encode() for grade in GRADES])[read.scores.grade]
    for name in _SCORES.keys() - {"rules_version", "grade"}:
        rows[name] = getattr(read.scores, name)
    return rows


def _stored(block: int, lead_ids: Ints) -> tuple[Bools, Rows]:
    """Which leads have a score, and the stored rows in the order of ``lead_ids`` (zeros where none)."""
    first = block << BLOCK_BITS
    with connection.cursor() as cursor:
        found = binary.copy_out(
            cursor,
            f"SELECT {', '.join(_to_place(name) for name in _ROW)} FROM scoring_leadscore "  # nosec B608
            f"WHERE lead_id BETWEEN {first} AND {first + BLOCK_SIZE - 1}",
            _ROW,
        )
    place = np.full(BLOCK_SIZE, -1, np.int64)
    place[lead_ids & (BLOCK_SIZE - 1)] = np.arange(len(lead_ids))
    places = place[found["lead_id"].astype(np.int64) & (BLOCK_SIZE - 1)]
    known = np.zeros(len(lead_ids), np.bool_)
    known[places[places >= 0]] = True
    old = np.zeros(len(lead_ids), np.dtype(list(_ROW.items())))
    for name in _ROW:
        old[name][places[places >= 0]] = found[name][places >= 0]
    return known, old


def _to_place(name: str) -> str:
    if name not in _WORDS:
        return name
    cases = " ".join(f"WHEN '{word}' THEN {place}" for place, word in enumerate(_WORDS[name]))
    return f"(CASE {name} {cases} END)::smallint"


def _to_word(name: str) -> str:
    if name not in _WORDS:
        return f"new.{name}"
    words = ", ".join(f"'{word}'" for word in _WORDS[name])
    return f"(ARRAY[{words}])[new.{name} + 1]"


def _differ(new: Rows, old: Rows, columns: dict[str, str]) -> Bools:
    differ: Bools = np.logical_or.reduce([new[name] != old[name] for name in columns])
    return differ


def _shows(new: Rows, old: Rows) -> Bools:
    """Where the whole points that people see, or a verdict, differ: that is what history keeps."""
    shows = _differ(new, old, _BAND)
    for name in _POINTS:
        shows |= new[name] // 1000 != old[name] // 1000
    return shows


def _write(new: Rows, updated: Bools, inserted: Bools, *, block: int, today: date, now: datetime) -> None:
    """Bring the table up to date by one COPY to a temporary table and one statement for each kind of row."""
    first = block << BLOCK_BITS
    stamp = f"'{today}'::date, '{now.isoformat()}'::timestamptz"
    names = ", ".join(_SCORES)
    words = ", ".join(_to_word(name) for name in _SCORES)
    with connection.cursor() as cursor:
        _fill_temporary(cursor, new, updated | inserted)
        if updated.any():
            # The bounds keep the planner from reading the whole table for one block.
            cursor.execute(
                f"UPDATE scoring_leadscore AS score SET ({names}, as_of, updated_at) = ROW({words}, {stamp}) "  # nosec B608
                f"FROM scoring_new AS new WHERE score.lead_id = new.lead_id "
                f"AND score.lead_id BETWEEN {first} AND {first + BLOCK_SIZE - 1}"
            )
        if inserted.any():
            cursor.execute(
                f"INSERT INTO scoring_leadscore (lead_id, {names}, as_of, updated_at) "  # nosec B608
                f"SELECT new.lead_id, {words}, {stamp} FROM scoring_new AS new "
                "ON CONFLICT (lead_id) DO NOTHING"
            )


def _fill_temporary(cursor: binary.Cursor, new: Rows, chosen: Bools) -> None:
    columns = ", ".join(f"{name} {_SQL_TYPES[kind]}" for name, kind in _ROW.items())
    cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS scoring_new ({columns}) ON COMMIT DELETE ROWS")
    cursor.execute("TRUNCATE scoring_new")
    binary.copy_in(cursor, "scoring_new", _ROW, new[chosen], int(chosen.sum()))


def _remember(new: Rows, old: Rows, chosen: Bools, known: Bools, now: datetime) -> None:
    """Append the chosen rows to the history, each with its cause."""
    rules_differ = known & (new["rules_version"] != old["rules_version"])
    for cause, which in (
        (ScoreChange.Cause.PUBLISH, chosen & rules_differ),
        (ScoreChange.Cause.MIDNIGHT, chosen & ~rules_differ),
    ):
        if which.any():
            _append(new[which], cause, now)


def _append(rows: Rows, cause: str, now: datetime) -> None:
    columns = {name: _ROW[name] for name in _CHANGE} | {"at": ">i8", "cause": f"S{len(cause)}"}
    micros = int(now.timestamp()) * 1_000_000 + now.microsecond - _POSTGRES_EPOCH * 1_000_000
    values = {name: rows[name] for name in _CHANGE}
    values["at"] = np.full(len(rows), micros, ">i8")
    values["cause"] = np.full(len(rows), cause.encode(), f"S{len(cause)}")
    with connection.cursor() as cursor:
        binary.copy_in(cursor, "scoring_scorechange", columns, values, len(rows))


_POSTGRES_EPOCH = 946_684_800  # 2000-01-01 UTC, from which PostgreSQL counts microseconds
