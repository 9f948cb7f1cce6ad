"""Passes over all leads: how far each has come, so that a killed one goes on where it stopped."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.lead_links import about_nobody


@about_nobody
class ScoringRun(models.Model):
    """One pass over all leads, for one day and one version of the rules."""

    day = models.DateField(_("day"))
    rules_version = models.IntegerField(_("version of the rules"))
    next_block = models.BigIntegerField(default=0)
    leads = models.IntegerField(_("leads"), default=0)
    changed = models.IntegerField(_("changed"), default=0)
    woken = models.IntegerField(_("woken"), default=0)
    held = models.IntegerField(_("held back"), default=0)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("scoring pass")
        verbose_name_plural = _("scoring passes")
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} v{self.rules_version}: {self.leads}"
