"""Rules being tried before they are published: what was asked for, how far it is, what was found."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.lead_links import OnErase, OnMerge, about_nobody, lead_link
from leads.models import Lead
from scoring.models.rule_set import RuleSet


@about_nobody
class RulePreview(models.Model):
    """One trial of one revision of a rule set against the live version; the newest replaces the one before.

    ``result`` holds counts only: whoever would move is in ``PreviewLead``. ``attempt`` tells the worker that
    works on it from one that was believed dead.
    """

    class Kind(models.TextChoices):
        """What is tried: the rules on everybody today, or on what sales decided in the past."""

        PREVIEW = "preview", _("Preview")
        REPLAY = "replay", _("Past decisions")
        SUGGEST = "suggest", _("Suggestions")

    class State(models.TextChoices):
        """How far it is."""

        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    rule_set = models.ForeignKey(RuleSet, models.CASCADE, related_name="previews")
    revision = models.PositiveIntegerField()
    live_version = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.QUEUED)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    touched_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    attempt = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("trial of rules")
        verbose_name_plural = _("trials of rules")
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_trial_a_revision", fields=["rule_set", "revision", "kind"])
        ]
        indexes: ClassVar = [
            models.Index(
                name="trial_at_work", fields=["id"], condition=models.Q(state__in=["queued", "running"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.rule_set_id}.{self.revision}: {self.state}"

    @property
    def is_at_work(self) -> bool:
        """Whether a worker has it, or will."""
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0


@lead_link(merge=OnMerge.MOVE, erase=OnErase.DELETE)
class PreviewLead(models.Model):
    """A lead that would move, in one of the lists of a preview: with its scores before and after.

    ``rank`` orders the list, the highest first. ``fit_before`` and the like are thousandths; a lead that has
    no score yet has none before.
    """

    class Way(models.TextChoices):
        """Which list."""

        MQL_IN = "mql_in", _("Become MQLs")
        MQL_OUT = "mql_out", _("Cool down")
        READY_IN = "ready_in", _("Become ready for sales")
        READY_OUT = "ready_out", _("Are no longer ready")
        UP = "up", _("Rise most")
        DOWN = "down", _("Fall most")

    preview = models.ForeignKey(RulePreview, models.CASCADE, related_name="leads", db_index=False)
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="+", db_constraint=False)
    way = models.CharField(max_length=9, choices=Way)
    rank = models.IntegerField()
    fit_before = models.IntegerField(null=True)
    engagement_before = models.IntegerField(null=True)
    cell_before = models.CharField(max_length=2, blank=True)
    fit_after = models.IntegerField()
    engagement_after = models.IntegerField()
    cell_after = models.CharField(max_length=2)

    class Meta:
        verbose_name = _("lead of a preview")
        verbose_name_plural = _("leads of a preview")
        indexes: ClassVar = [models.Index(name="preview_list", fields=["preview", "way", "-rank", "-id"])]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.way}: {self.cell_before} → {self.cell_after}"
