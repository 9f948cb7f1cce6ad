"""One decision on many leads: planned, worked off by a job, line by line, and taken back as a whole.

Each lead goes the same way as alone (``funnel.actions.moving``), with the same refusals; what is refused
stays where it is and says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from funnel.actions.grounds import settle
from funnel.actions.moving import carry_out
from funnel.actions.passages import last_passage
from funnel.actions.standing import manages_sales
from funnel.actions.undoing import undo
from funnel.models import BulkLine, BulkRun, Passage
from funnel.refusals import NotYours, Refused
from funnel.stages import Verb

MOST = 20_000
CHUNK = 50
# What may be decided on many leads at once: what needs nothing but grounds.
MOVES = (Verb.PROMOTE, Verb.UNREADY, Verb.COOL, Verb.WAKE, Verb.REOPEN, Verb.RETURN, Verb.DISQUALIFY)


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided on all of them, and why."""

    verb: Verb
    reason: str
    note: str = ""
    month: date | None = None
    missing_fields: Sequence[str] = field(default=())


@transaction.atomic
def begin_run(*, decision: Decision, lead_ids: Sequence[int], by: User, now: datetime) -> BulkRun:
    """Ask for these leads to be moved; a job works it off.

    Raises Incomplete for the grounds, Refused: ``bulk_nobody``, ``bulk_too_many``.
    """
    grounds = settle(
        decision.verb,
        decision.reason,
        now=now,
        note=decision.note,
        month=decision.month,
        missing_fields=decision.missing_fields,
    )
    leads = sorted(set(lead_ids))
    if not leads:
        raise Refused("bulk_nobody")
    if len(leads) > MOST:
        raise Refused("bulk_too_many", limit=MOST)
    run = BulkRun.objects.create(
        move=decision.verb,
        reason=grounds.reason,
        note=grounds.note,
        month=decision.month,
        missing_fields=list(decision.missing_fields),
        by=by,
        at=now,
        total=len(leads),
    )
    BulkLine.objects.bulk_create((BulkLine(run=run, lead_id=lead) for lead in leads), batch_size=5000)
    return run


def work_off(*, now: datetime) -> Iterator[BulkRun]:
    """Go on with what waits, chunk by chunk, each in a transaction of its own: a kill loses nothing."""
    while (run := _next_chunk(now)) is not None:
        yield run


@transaction.atomic
def _next_chunk(now: datetime) -> BulkRun | None:
    open_runs = BulkRun.objects.filter(state__in=[BulkRun.State.RUNNING, BulkRun.State.UNDOING])
    locked = open_runs.select_for_update(of=("self",), skip_locked=True)
    run = locked.select_related("reason", "by", "undone_by").order_by("pk").first()
    if run is None:
        return None
    if run.state == BulkRun.State.RUNNING:
        _move_chunk(run, now)
    else:
        _undo_chunk(run, now)
    return run


def _move_chunk(run: BulkRun, now: datetime) -> None:
    lines = _lines(run, BulkLine.State.WAITING)
    for line in lines:
        line.code = _attempt_move(run, line, now)
        line.state = BulkLine.State.REFUSED if line.code else BulkLine.State.MOVED
    BulkLine.objects.bulk_update(lines, ["state", "code", "passage"])
    if len(lines) < CHUNK:
        _close(run, BulkRun.State.DONE, now)


def _attempt_move(run: BulkRun, line: BulkLine, now: datetime) -> str:
    """Move one lead; the code of what refused it, or ""."""
    verb, reason = Verb(run.move), run.reason
    given: dict[str, object] = {}
    if verb is Verb.RETURN:
        given = {"wake_month": run.month, "missing_fields": run.missing_fields}
    before = last_passage(line.lead_id)
    try:
        with transaction.atomic():
            carry_out(verb, lead=line.lead, by=run.by, now=now, reason=reason, note=run.note, **given)
    except Refused as refused:
        return refused.code
    line.passage = last_passage(line.lead_id)
    return "already_there" if _is_same(before, line.passage) else ""


def _is_same(before: Passage | None, after: Passage | None) -> bool:
    """Nothing happened: this person had done just this before."""
    return before is not None and after is not None and before.pk == after.pk


@transaction.atomic
def undo_run(*, run: BulkRun, by: User, now: datetime) -> BulkRun:
    """Take the whole run back, of each lead as long as nothing came after it; stops one that still runs.

    Raises NotYours unless ``by`` began it or manages sales; Refused("undo_impossible") when it is undone.
    """
    row = BulkRun.objects.select_for_update().get(pk=run.pk)
    if row.by_id != by.pk and not manages_sales(by):
        raise NotYours
    if row.state not in (BulkRun.State.RUNNING, BulkRun.State.DONE):
        raise Refused("undo_impossible")
    row.state, row.undone_by, row.undone_at = BulkRun.State.UNDOING, by, now
    row.save(update_fields=["state", "undone_by", "undone_at"])
    return row


def _undo_chunk(run: BulkRun, now: datetime) -> None:
    lines = _lines(run, BulkLine.State.MOVED)
    for line in lines:
        line.code = _attempt_undo(run, line, now)
        line.state = BulkLine.State.STAYED if line.code else BulkLine.State.UNDONE
    BulkLine.objects.bulk_update(lines, ["state", "code"])
    if len(lines) < CHUNK:
        _close(run, BulkRun.State.UNDONE, now)


def _attempt_undo(run: BulkRun, line: BulkLine, now: datetime) -> str:
    """Put one lead back; the code of what keeps it, or ""."""
    if line.passage is None or run.undone_by is None:
        return "undo_impossible"
    try:
        with transaction.atomic():
            undo(passage=line.passage, by=run.undone_by, now=now, within=False)
    except Refused as refused:
        return refused.code
    return ""


def _lines(run: BulkRun, state: str) -> list[BulkLine]:
    lines = run.lines.filter(state=state).select_related("lead", "passage")
    return list(lines.order_by("pk")[:CHUNK])


def _close(run: BulkRun, state: str, now: datetime) -> None:
    run.state, run.finished_at = state, now
    run.save(update_fields=["state", "finished_at"])
