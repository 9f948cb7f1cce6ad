"""What a site says of its stages: how they are called, how long a lead usually stays."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from funnel.stages import Stage
from leads.lead_links import about_nobody


@about_nobody
class StageSetting(models.Model):
    """One stage. An empty name means the shipped one; without a norm no stay is too long."""

    stage = models.CharField(_("stage"), max_length=12, primary_key=True)
    label_fr = models.CharField(_("name in French"), max_length=40, blank=True)
    label_en = models.CharField(_("name in English"), max_length=40, blank=True)
    norm_days = models.PositiveSmallIntegerField(_("usual days in this stage"), null=True, blank=True)
    description = models.CharField(_("what it means here"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        constraints: ClassVar = [
            models.CheckConstraint(name="stage_setting_stage", condition=Q(stage__in=list(Stage))),
            models.CheckConstraint(
                name="stage_setting_norm", condition=Q(norm_days=None) | Q(norm_days__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return self.stage
