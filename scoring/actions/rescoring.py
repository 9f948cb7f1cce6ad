"""Scoring a few hundred leads set-wise: the pipeline's step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction
from psycopg2.extras import execute_values

from leads.failpoints import failpoint
from scoring import sql
from scoring.engine.outcome import Outcome
from scoring.facts import read_leads
from scoring.models import ScoreChange
from scoring.programs import live_program
from scoring.verdict import Verdict

MOST_AT_ONCE = 4096
# In this order in rows, statements and comparisons. What stands before "completeness" makes a change
# worth remembering; what stands before "fit" makes the lead worth looking at again.
BAND = ("grade", "level", "phase", "temperature", "mql_gate", "mql_keep", "ready_gate", "ready_keep")
COLUMNS = (*BAND, "fit", "engagement", "completeness", "priority")
Stored = tuple[object, ...]  # COLUMNS, then the rules' version


@transaction.atomic
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
    live, read = read_leads(live, lead_ids, today)
    failpoint("score.after_read")
    present = [int(lead_id) for lead_id in read.lead_ids]
    stored = _stored(present)
    outcomes = {lead_id: read.scores.outcome(place) for place, lead_id in enumerate(present)}
    verdicts = {
        lead_id: _verdict(lead_id, outcome, stored.get(lead_id), live.version)
        for lead_id, outcome in outcomes.items()
    }
    failpoint("score.before_write")
    _write([verdict for verdict in verdicts.values() if verdict.changed], stored, now, today.isoformat())
    failpoint("score.after_write")
    return verdicts


def _stored(lead_ids: Sequence[int]) -> dict[int, Stored]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT lead_id, {', '.join(COLUMNS)}, rules_version FROM scoring_leadscore "
            "WHERE lead_id = ANY(%s)",
            [list(lead_ids)],
        )
        return {row[0]: row[1:] for row in cursor.fetchall()}


def _values(outcome: Outcome | Verdict) -> Stored:
    return tuple(getattr(outcome, name) for name in COLUMNS)


def _verdict(lead_id: int, outcome: Outcome, stored: Stored | None, version: int) -> Verdict:
    values = _values(outcome)
    return Verdict(
        lead_id=lead_id,
        rules_version=version,
        changed=stored != (*values, version),
        band_changed=stored is None or stored[: len(BAND)] != values[: len(BAND)],
        fast_path=outcome.fast_path,
        **dict(zip(COLUMNS, values, strict=True)),  # type: ignore[arg-type]  # the columns of an Outcome
    )


def _write(changed: Sequence[Verdict], stored: Mapping[int, Stored], now: datetime, today: str) -> None:
    if not changed:
        return
    columns = ("lead_id", *COLUMNS, "rules_version")
    taken = ", ".join(f"{name} = EXCLUDED.{name}" for name in (*columns[1:], "as_of", "updated_at"))
    rows = [(one.lead_id, *_values(one), one.rules_version, today, now) for one in changed]
    with connection.cursor() as cursor:
        execute_values(
            cursor,
            f"INSERT INTO scoring_leadscore ({', '.join(columns)}, as_of, updated_at) VALUES %s "
            f"ON CONFLICT (lead_id) DO UPDATE SET {taken}",
            rows,
            page_size=len(rows),
        )
        history = list(_history(changed, stored))
        if history:
            _remember(cursor, history, now)


def _history(changed: Sequence[Verdict], stored: Mapping[int, Stored]) -> Iterator[tuple[object, ...]]:
    """Changes of fit, engagement or a verdict, each with its cause."""
    worth_it = len(BAND) + 2
    for one in changed:
        before = stored.get(one.lead_id)
        if before is None or before[:worth_it] != _values(one)[:worth_it]:
            rules_differ = before is not None and before[-1] != one.rules_version
            cause = ScoreChange.Cause.PUBLISH if rules_differ else ScoreChange.Cause.EVENT
            yield one.lead_id, one.fit, one.engagement, one.rules_version, one.level, one.grade, cause.value


def _remember(cursor: object, history: Sequence[tuple[object, ...]], now: datetime) -> None:
    """Append to the history. The event that caused a change is the newest one received of the lead."""
    execute_values(
        cursor,
        """
        INSERT INTO scoring_scorechange
            (lead_id, fit, engagement, rules_version, level, grade, cause, at, event_id)
        SELECT new.*, CASE WHEN new.cause = 'event' THEN
            (SELECT max(event.id) FROM leads_event AS event WHERE event.lead_id = new.lead_id) END
        FROM (VALUES %s) AS new(lead_id, fit, engagement, rules_version, level, grade, cause, at)
        """,
        [(*row, now) for row in history],
        page_size=len(history),
    )
