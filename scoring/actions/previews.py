"""Trials of rules as jobs: asked for, taken by a worker, cancelled, finished; tried elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from accounts.models import User
from scoring.models import PreviewLead, RulePreview, RuleSet
from scoring.programs import NoLiveRules
from scoring.queries import live_rule_set

State = RulePreview.State
# A worker says more often than that how far it is; who did not is believed dead.
SILENCE = timedelta(seconds=60)
KEPT = timedelta(days=30)


class Superseded(Exception):
    """The trial was cancelled, or asked for again: whoever works on it stops."""


@transaction.atomic
def ask_preview(*, rule_set: RuleSet, kind: RulePreview.Kind, by: User | None, now: datetime) -> RulePreview:
    """Have this revision tried against the live version; again, if it was tried before.

    One that is just being worked on for the same comparison is left at it. Raises NoLiveRules.
    """
    live = live_rule_set()
    if live is None:
        raise NoLiveRules
    RulePreview.objects.filter(asked_at__lt=now - KEPT).delete()
    key = {"rule_set": rule_set, "revision": rule_set.revision, "kind": kind}
    found, is_new = RulePreview.objects.select_for_update().get_or_create(
        **key, defaults={"live_version": live.version, "asked_at": now, "asked_by": by}
    )
    if is_new or (found.is_at_work and found.live_version == live.version):
        return found
    PreviewLead.objects.filter(preview=found).delete()
    found.live_version, found.state, found.asked_at, found.asked_by = live.version, State.QUEUED, now, by
    found.touched_at = found.finished_at = None
    found.done, found.total, found.result = 0, 0, {}
    found.attempt += 1
    found.save()
    return found


def cancel_preview(*, preview: RulePreview, now: datetime) -> bool:
    """Stop a trial; whoever works on it notices at its next step. Whether there was anything to stop."""
    at_work = RulePreview.objects.filter(pk=preview.pk, state__in=[State.QUEUED, State.RUNNING])
    return bool(at_work.update(state=State.CANCELLED, finished_at=now, attempt=F("attempt") + 1))


@transaction.atomic
def claim_preview(*, now: datetime) -> RulePreview | None:
    """The trial that waits longest, or that a worker left unfinished; it is begun anew."""
    waiting = Q(state=State.QUEUED) | Q(state=State.RUNNING, touched_at__lt=now - SILENCE)
    found = (
        RulePreview.objects.filter(waiting)
        .select_related("rule_set")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("asked_at")
        .first()
    )
    if found is None:
        return None
    PreviewLead.objects.filter(preview=found).delete()
    found.state, found.touched_at, found.done = State.RUNNING, now, 0
    found.attempt += 1
    found.save()
    return found


def note_progress(*, preview: RulePreview, done: int, total: int, now: datetime) -> None:
    """Say how far it is. Raises Superseded when nobody waits for it any more."""
    if not _mine(preview).update(done=done, total=total, touched_at=now):
        raise Superseded


@transaction.atomic
def finish_preview(
    *, preview: RulePreview, result: Mapping[str, Any], leads: Iterable[PreviewLead] = (), now: datetime
) -> None:
    """Keep what was found. Raises Superseded."""
    if not _mine(preview).update(
        state=State.DONE, result=dict(result), done=F("total"), finished_at=now, touched_at=now
    ):
        raise Superseded
    PreviewLead.objects.bulk_create(leads, batch_size=2_000)


def fail_preview(*, preview: RulePreview, now: datetime) -> None:
    """Keep that it went wrong (the error is in the log)."""
    _mine(preview).update(state=State.FAILED, finished_at=now)


def _mine(preview: RulePreview) -> Any:
    return RulePreview.objects.filter(pk=preview.pk, state=State.RUNNING, attempt=preview.attempt)
