"""Scoring everybody, block by block: at midnight, and after new rules were published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from leads.actions.agenda import wake
from leads.failpoints import failpoint
from leads.models import Lead
from scoring.actions.holding import hold
from scoring.actions.stored import append_history, write_scores
from scoring.facts import read_live, read_stored, whole_block
from scoring.models import ScoreChange, ScoringRun
from scoring.programs import LiveProgram, live_program
from scoring.score_words import Ints, Packed, pack
from scoring.sql import BLOCK_BITS, BLOCK_LOCK


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
        _count(run, lead_id >> BLOCK_BITS, rescore_block(live, lead_id >> BLOCK_BITS, run.day, now))
        failpoint("recompute.mid_batch")
    run.save()
    last = (run.next_block << BLOCK_BITS) - 1
    return Progress(last, run.leads, run.changed, run.woken, run.finished_at is not None)


def _count(run: ScoringRun, block: int, done: tuple[int, int, int, int]) -> None:
    leads, changed, woken, held = done
    run.next_block = block + 1
    run.leads += leads
    run.changed += changed
    run.woken += woken
    run.held += held


def rescore_block(live: LiveProgram, block: int, today: date, now: datetime) -> tuple[int, int, int, int]:
    """Score one block: its leads, the rows that changed, the leads to be looked at, those of them held back.

    Nobody else scores one of its leads until the end of the transaction: an event that arrives meanwhile
    is concluded on afterwards.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [BLOCK_LOCK, block])
    leads = whole_block(block)
    live, (lead_ids, scores) = read_live(live, leads, today)
    new, old = pack(scores, live.version), read_stored(leads, lead_ids)
    changed = new.differs(old)
    if changed.any():
        write_scores(block, lead_ids[changed], new.at(changed), today=today, now=now)
        shown = new.shows_differently(old)
        by_rules = shown & old.is_there & (new.version != old.version)
        append_history(lead_ids[by_rules], new.at(by_rules), ScoreChange.Cause.PUBLISH, now)
        by_time = shown & ~by_rules
        append_history(lead_ids[by_time], new.at(by_time), ScoreChange.Cause.MIDNIGHT, now)
    woken, held = _wake(lead_ids, new, old, now)
    return len(lead_ids), int(changed.sum()), woken, held


def _wake(lead_ids: Ints, new: Packed, old: Packed, now: datetime) -> tuple[int, int]:
    """Have the leads looked at whose band changed; those that new rules changed in their turn. How many of
    them there are, and how many of these are held."""
    differs = new.band_differs(old)
    by_rules = differs & old.is_there & (new.version != old.version)
    wake(lead_ids[differs & ~by_rules].tolist())
    held = hold(lead_ids[by_rules].tolist(), new.at(by_rules).priority.tolist(), now=now)
    return int(differs.sum()), held
