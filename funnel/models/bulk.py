"""One decision on many leads, worked off by a job, line by line."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from funnel.models.passage import Passage
from funnel.models.reason import Reason
from leads.lead_links import OnErase, OnMerge, about_nobody, lead_link
from leads.models import Lead


@about_nobody
class BulkRun(models.Model):
    """Who moves how many leads where, for which reason, and how far that is."""

    class State(models.TextChoices):
        """Where the run is."""

        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    move = models.CharField(_("move"), max_length=12)
    reason = models.ForeignKey(Reason, models.PROTECT, related_name="+", verbose_name=_("reason"))
    note = models.TextField(_("note"), blank=True)
    month = models.DateField(_("month"), null=True)
    missing_fields = models.JSONField(default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("when"))
    total = models.PositiveIntegerField(_("leads"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.RUNNING)
    finished_at = models.DateTimeField(_("finished"), null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(_("undone"), null=True)

    class Meta:
        verbose_name = _("move of many leads")
        verbose_name_plural = _("moves of many leads")
        indexes: ClassVar = [
            models.Index(name="bulkrun_open", fields=["id"], condition=Q(state__in=["running", "undoing"])),
        ]

    def __str__(self) -> str:
        return f"{self.move} × {self.total}"

    @property
    def is_working(self) -> bool:
        """Whether a job is still at it."""
        return self.state in (self.State.RUNNING, self.State.UNDOING)


@lead_link(merge=OnMerge.MOVE, erase=OnErase.DELETE)
class BulkLine(models.Model):
    """One lead of a run and what became of it; ``code`` says why it was refused, or why it stays moved."""

    class State(models.TextChoices):
        """What became of the lead."""

        WAITING = "waiting", _("Waiting")
        MOVED = "moved", _("Moved")
        REFUSED = "refused", _("Left alone")
        UNDONE = "undone", _("Put back")
        STAYED = "stayed", _("Not put back")

    run = models.ForeignKey(BulkRun, models.CASCADE, related_name="lines")
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    code = models.CharField(max_length=40, blank=True)
    passage = models.ForeignKey(Passage, models.RESTRICT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_line_a_lead", fields=["run", "lead"]),
        ]
        indexes: ClassVar = [models.Index(name="bulkline_state", fields=["run", "state", "id"])]

    def __str__(self) -> str:
        return f"{self.lead_id}: {self.state} {self.code}".strip()
