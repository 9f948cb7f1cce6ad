"""What people add to a score by hand: a line like any other, with its author, reason and end."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.lead_links import OnErase, OnMerge, lead_link
from leads.models import Lead

MOST_POINTS = 100


@lead_link(merge=OnMerge.MOVE, erase=OnErase.DELETE)
class ScoreAdjustment(models.Model):
    """Whole points added to (or taken from) a measure, before it is kept between 0 and 100.

    Never edited: only withdrawn, once. ``expires_on`` is the last day on which it counts.
    """

    class Measure(models.TextChoices):
        """Which of the two scores."""

        FIT = "fit", _("Fit")
        ENGAGEMENT = "engagement", _("Engagement")

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="score_adjustments")
    measure = models.CharField(_("measure"), max_length=10, choices=Measure)
    points = models.SmallIntegerField(_("points"))
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("adjusted"))
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("score adjustment")
        verbose_name_plural = _("score adjustments")
        ordering: ClassVar = ["-at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="adjustment_points",
                condition=Q(points__range=(-MOST_POINTS, MOST_POINTS)) & ~Q(points=0),
            ),
            models.CheckConstraint(name="adjustment_measure", condition=Q(measure__in=["fit", "engagement"])),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id}: {self.measure} {self.points:+d}"
