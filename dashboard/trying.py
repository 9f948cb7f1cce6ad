"""The worker's side of trials: take one, do it, say how far it is, keep what was found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog

from dashboard.previewing import questions_unanswered, tallies, weeks
from dashboard.replaying import replayed
from dashboard.suggesting import suggested
from scoring.actions.previews import (
    Superseded,
    claim_preview,
    fail_preview,
    finish_preview,
    note_progress,
)
from scoring.models import PreviewLead, RulePreview

Clock = Callable[[], datetime]
log = structlog.get_logger(__name__)


def work_on_one(clock: Clock) -> bool:
    """Do the trial that waits longest; whether there was one."""
    preview = claim_preview(now=clock())
    if preview is None:
        return False
    try:
        result, leads = _WORK[preview.kind](preview, clock)
        finish_preview(preview=preview, result=result, leads=leads, now=clock())
    except Superseded:
        log.info("preview_superseded", preview=preview.pk)
    except Exception:
        log.exception("preview_failed", preview=preview.pk)
        fail_preview(preview=preview, now=clock())
    return True


Found = tuple[dict[str, Any], list[PreviewLead]]


def _preview(preview: RulePreview, clock: Clock) -> Found:
    tally, began = None, clock()
    for tally in tallies(preview.rule_set, now=began):
        note_progress(preview=preview, done=tally.read, total=tally.everybody, now=clock())
    if tally is None:
        return {"read": 0, "everybody": 0}, []
    told = {"weeks": weeks(preview.rule_set, now=began), "unanswered": questions_unanswered(preview.rule_set)}
    return tally.as_json() | told, list(tally.leads(preview))


def _replay(preview: RulePreview, clock: Clock) -> Found:
    return replayed(preview.rule_set, _telling(preview, clock)), []


def _suggest(preview: RulePreview, clock: Clock) -> Found:
    return suggested(preview.rule_set, _telling(preview, clock)), []


def _telling(preview: RulePreview, clock: Clock) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        note_progress(preview=preview, done=done, total=total, now=clock())

    return tell


_WORK: dict[str, Callable[[RulePreview, Clock], Found]] = {
    RulePreview.Kind.PREVIEW: _preview,
    RulePreview.Kind.REPLAY: _replay,
    RulePreview.Kind.SUGGEST: _suggest,
}
