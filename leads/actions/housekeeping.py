"""Upkeep: heartbeats of the workers, and deleting what was only kept for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from leads.models import EventConflict, Heartbeat, IdempotencyRecord, RejectedSubmission, WebhookDelivery

KEPT_ANSWERS = timedelta(hours=24)
KEPT_REJECTIONS = timedelta(days=30)
KEPT_CONFLICTS = timedelta(days=90)
KEPT_DELIVERIES = timedelta(days=30)


def note_heartbeat(*, name: str, now: datetime) -> None:
    """Remember that the worker ``name`` ran a task at ``now``."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now})


def forget_expired(*, now: datetime) -> int:
    """Delete replayable answers (24 h), refused public posts and webhook messages (30 days), and event
    conflicts (90 days); how many rows.
    """
    gone = [
        IdempotencyRecord.objects.filter(created_at__lt=now - KEPT_ANSWERS).delete()[0],
        RejectedSubmission.objects.filter(received_at__lt=now - KEPT_REJECTIONS).delete()[0],
        WebhookDelivery.objects.filter(created_at__lt=now - KEPT_DELIVERIES).delete()[0],
        EventConflict.objects.filter(received_at__lt=now - KEPT_CONFLICTS).delete()[0],
    ]
    return sum(gone)
