"""What publishing set off, held back: so many leads an hour move because the rules changed, no more."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.lead_links import OnErase, OnMerge, about_nobody, lead_link
from leads.models import Lead


@lead_link(merge=OnMerge.KEEP_FIRST, erase=OnErase.DELETE)
class HeldWake(models.Model):
    """A lead whose band changed by new rules: its score is new, the funnel looks at it in its turn.

    The highest priority first. Whatever the lead does itself meanwhile is concluded on at once.
    """

    lead = models.OneToOneField(Lead, models.CASCADE, primary_key=True, related_name="+", db_constraint=False)
    priority = models.IntegerField()
    held_at = models.DateTimeField()

    class Meta:
        verbose_name = _("lead held back after publishing")
        verbose_name_plural = _("leads held back after publishing")
        indexes: ClassVar = [models.Index(name="held_best_first", fields=["-priority", "lead"])]

    def __str__(self) -> str:
        return f"{self.lead_id} ({self.priority})"


@about_nobody
class HeldRelease(models.Model):
    """How many held leads were let go at once; the last hour's tell how many more may go."""

    at = models.DateTimeField(db_index=True)
    leads = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}: {self.leads}"
