"""The rule that gives up on leads that never come to anything. Off until somebody switches it on."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.lead_links import about_nobody


@about_nobody
class AgeingRule(models.Model):
    """One row. Never qualified ``days`` days after it came, or in more than ``cycles`` cycles: given up."""

    is_on = models.BooleanField(_("on"), default=False)
    days = models.PositiveSmallIntegerField(_("days"), null=True, blank=True)
    cycles = models.PositiveSmallIntegerField(_("cycles"), null=True, blank=True)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("ageing rule")
        verbose_name_plural = _("ageing rule")
        constraints: ClassVar = [
            models.CheckConstraint(name="one_ageing_rule", condition=Q(pk=1)),
            models.CheckConstraint(
                name="ageing_says_when",
                condition=Q(is_on=False) | Q(days__isnull=False) | Q(cycles__isnull=False),
            ),
            models.CheckConstraint(
                name="ageing_limits",
                condition=(Q(days=None) | Q(days__gte=30)) & (Q(cycles=None) | Q(cycles__gte=1)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.days} days, {self.cycles} cycles"
