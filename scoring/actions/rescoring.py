"""Scoring a few hundred leads set-wise: the pipeline's step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter

from django.db import connection, transaction

from leads.failpoints import failpoint
from scoring import sql
from scoring.engine.outcome import Outcome
from scoring.facts import read_live, some_leads
from scoring.models import ScoreChange
from scoring.programs import LiveProgram, live_program
from scoring.verdict import Verdict

MOST_AT_ONCE = 4096
# In this order in rows, statements and comparisons. The first eight are the band: a difference there makes
# the lead worth looking at again.
COLUMNS = {
    "grade": "text",
    "level": "smallint",
    "phase": "text",
    "temperature": "text",
    "mql_gate": "boolean",
    "mql_keep": "boolean",
    "ready_gate": "boolean",
    "ready_keep": "boolean",
    "fit": "integer",
    "engagement": "integer",
    "completeness": "smallint",
    "priority": "integer",
    "rules_version": "integer",
}
BAND = 8
# An event of this long ago or less is named in the history as the cause; others are found by their receipt.
RECENT = timedelta(hours=1)
Stored = tuple[object, ...]  # COLUMNS
_conclusions = attrgetter(*list(COLUMNS)[:-1])
_stored = attrgetter(*COLUMNS)


@transaction.atomic(savepoint=False)
def rescore(lead_ids: Sequence[int], *, now: datetime) -> dict[int, Verdict]:
    """Bring the scores of these leads up to date and tell what each is worth.

    Leads that are merged away, erased or unknown are left out. Rows that would not change are not written.
    The caller holds the locks of the leads (``leads.actions.agenda.claim``). Raises
    ``scoring.programs.NoLiveRules`` when nothing is published.
    """
    verdicts: dict[int, Verdict] = {}
    ordered = sorted(set(lead_ids))
    for start in range(0, len(ordered), MOST_AT_ONCE):
        verdicts |= _rescore(ordered[start : start + MOST_AT_ONCE], now)
    return verdicts


def _rescore(lead_ids: Sequence[int], now: datetime) -> dict[int, Verdict]:
    live = live_program()
    today = now.astimezone(live.program.zone).date()
    with connection.cursor() as cursor:
        cursor.execute(*sql.share_blocks(lead_ids))
    live, read = read_live(live, some_leads(lead_ids), today)
    failpoint("score.after_read")
    present: list[int] = read.lead_ids.tolist()
    stored = _read_stored(present)
    verdicts = {
        lead_id: _verdict(lead_id, read.scores.outcome(place), stored.get(lead_id), live)
        for place, lead_id in enumerate(present)
    }
    failpoint("score.before_write")
    _write([verdict for verdict in verdicts.values() if verdict.changed], stored, now, today.isoformat())
    failpoint("score.after_write")
    return verdicts


def _read_stored(lead_ids: Sequence[int]) -> dict[int, Stored]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT lead_id, {', '.join(COLUMNS)} FROM scoring_leadscore WHERE lead_id = ANY(%s)",  # nosec B608
            [list(lead_ids)],
        )
        return {row[0]: row[1:] for row in cursor.fetchall()}


def _verdict(lead_id: int, outcome: Outcome, stored: Stored | None, live: LiveProgram) -> Verdict:
    values = (*_conclusions(outcome), live.version)
    return Verdict(
        lead_id=lead_id,
        fit=outcome.fit,
        engagement=outcome.engagement,
        grade=outcome.grade,
        level=outcome.level,
        phase=outcome.phase,
        temperature=outcome.temperature,
        completeness=outcome.completeness,
        mql_gate=outcome.mql_gate,
        mql_keep=outcome.mql_keep,
        ready_gate=outcome.ready_gate,
        ready_keep=outcome.ready_keep,
        fast_path=outcome.fast_path,
        priority=outcome.priority,
        rules_version=live.version,
        changed=stored != values,
        band_changed=stored is None or stored[:BAND] != values[:BAND],
        reads_stage=live.program.reads_stage,
    )


def _write(changed: Sequence[Verdict], stored: Mapping[int, Stored], now: datetime, today: str) -> None:
    if not changed:
        return
    arrays = ", ".join(f"%s::{kind}[]" for kind in ("bigint", *COLUMNS.values()))
    taken = ", ".join(f"{name} = EXCLUDED.{name}" for name in (*COLUMNS, "as_of", "updated_at"))
    columns = zip(*((one.lead_id, *_stored(one)) for one in changed), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO scoring_leadscore (lead_id, {', '.join(COLUMNS)}, as_of, updated_at) "  # nosec B608
            f"SELECT new.*, %s::date, %s::timestamptz FROM unnest({arrays}) AS new "
            f"ON CONFLICT (lead_id) DO UPDATE SET {taken}",
            [today, now, *map(list, columns)],
        )
    _remember(list(_history(changed, stored)), now)


def _history(changed: Sequence[Verdict], stored: Mapping[int, Stored]) -> Iterator[tuple[int | str, ...]]:
    """Changes of the whole points that people see, or of a verdict, each with its cause."""
    for one in changed:
        before = stored.get(one.lead_id)
        if before is None or one.band_changed or _shown(before) != _shown(_stored(one)):
            rules_differ = before is not None and before[-1] != one.rules_version
            cause = ScoreChange.Cause.PUBLISH if rules_differ else ScoreChange.Cause.EVENT
            yield one.lead_id, one.fit, one.engagement, one.rules_version, one.level, one.grade, cause.value


def _shown(values: Stored) -> list[int]:
    """Fit and engagement in whole points."""
    return [int(str(points)) // 1000 for points in values[BAND : BAND + 2]]


# The bound is a literal, so that only the partitions of the last hour are looked at.
_REMEMBER = """
INSERT INTO scoring_scorechange (lead_id, fit, engagement, rules_version, level, grade, cause, at, event_id)
SELECT new.*, %(now)s::timestamptz, CASE WHEN new.cause = 'event' THEN (
    SELECT max(event.id) FROM leads_event AS event
    WHERE event.lead_id = new.lead_id AND event.occurred_at >= %(recent)s
) END
FROM unnest(%(lead_id)s::bigint[], %(fit)s::int[], %(engagement)s::int[], %(version)s::int[],
    %(level)s::smallint[], %(grade)s::text[], %(cause)s::text[])
    AS new(lead_id, fit, engagement, version, level, grade, cause)
"""


def _remember(history: Sequence[tuple[int | str, ...]], now: datetime) -> None:
    """Append to the history. The cause is the newest event received, where it happened just now."""
    if not history:
        return
    names = ("lead_id", "fit", "engagement", "version", "level", "grade", "cause")
    columns = dict(zip(names, map(list, zip(*history, strict=True)), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_REMEMBER, {**columns, "now": now, "recent": now - RECENT})
