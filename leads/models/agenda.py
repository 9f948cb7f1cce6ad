"""The agenda: which leads have to be looked at, now or later. It is the queue of the pipeline."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from leads.lead_links import OnErase, OnMerge, about_nobody, lead_link


# A wake of a merged lead stays: it is how what came too late is brought home.
@lead_link(merge=OnMerge.STAY, erase=OnErase.KEEP, key="lead_id", why="says only: look at this lead")
class Wake(models.Model):
    """Something happened to this lead: look at it now. Only ever inserted and taken, many per lead."""

    lead_id = models.BigIntegerField()
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"wake {self.lead_id}"


@lead_link(merge=OnMerge.MOVE, erase=OnErase.DELETE, key="lead_id")
class Due(models.Model):
    """Look at this lead at ``due_at``; one row per lead and purpose."""

    lead_id = models.BigIntegerField()
    purpose = models.CharField(max_length=40)
    due_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_due_per_purpose", fields=["lead_id", "purpose"]),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.lead_id} at {self.due_at:%Y-%m-%d %H:%M}"


@about_nobody
class Heartbeat(models.Model):
    """When a worker last really ran a task; the watchdog restarts one whose row grows stale."""

    name = models.CharField(max_length=120, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
