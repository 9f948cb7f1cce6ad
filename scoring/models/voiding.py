"""Voiding: who declared which events not to count, why, and whether that was taken back."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.lead_links import OnErase, OnMerge, about_nobody, lead_link


@about_nobody
class Voiding(models.Model):
    """One decision: a single event of a lead, or all that a filter finds, worked off in chunks.

    ``filter``: source, kind, since, until (ISO), for a voiding of many; empty for single events. ``total`` is
    what the plan counted, ``done`` what was voided; ``restored`` what was given back after ``undone_at``.
    """

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", _("In progress")
        DONE = "done", _("Done")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reason = models.CharField(_("reason"), max_length=200)
    filter = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    restored = models.IntegerField(default=0)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("voiding")
        verbose_name_plural = _("voidings")
        ordering: ClassVar = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.reason} ({self.state})"


@lead_link(
    merge=OnMerge.NOTHING,
    erase=OnErase.KEEP,
    key="",
    why="numbers of events and when they counted; says nothing of anybody",
)
class VoidedEvent(models.Model):
    """One event that a voiding took out of the scores, from ``voided_at`` until ``restored_at``.

    By these rows a past day is scored by what counted then, whatever was voided or restored since.
    """

    voiding = models.ForeignKey(Voiding, models.PROTECT, related_name="events")
    event_id = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    voided_at = models.DateTimeField()
    restored_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("voided event")
        verbose_name_plural = _("voided events")
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="voided_once_at_a_time", fields=["event_id"], condition=Q(restored_at=None)
            )
        ]
        indexes: ClassVar = [
            models.Index(name="voided_event", fields=["event_id"]),
            models.Index(name="voided_by", fields=["voiding", "event_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.event_id}"
