"""What the API remembers of requests: answers to replay, and public posts it could not take."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from leads.lead_links import OnErase, OnMerge, lead_link


@lead_link(
    merge=OnMerge.NOTHING,
    erase=OnErase.DELETE,
    key="",
    rows="leads.actions.erase_tables.answers_about",
)
class IdempotencyRecord(models.Model):
    """The answer given for an Idempotency-Key; replayed for 24 hours."""

    caller = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.SmallIntegerField(default=0)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_answer_per_key", fields=["caller", "key"]),
        ]

    def __str__(self) -> str:
        return self.key


@lead_link(
    merge=OnMerge.NOTHING,
    erase=OnErase.DELETE,
    key="",
    rows="leads.actions.erase_tables.rejections_of",
)
class RejectedSubmission(models.Model):
    """A public post that was refused, kept 30 days: a human's lead is never lost to a strict check."""

    source_id = models.SmallIntegerField()
    received_at = models.DateTimeField(db_index=True)
    body = models.TextField()
    errors = models.JSONField()

    def __str__(self) -> str:
        return f"{self.source_id} at {self.received_at:%Y-%m-%d %H:%M}"
