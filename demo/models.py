"""Whether the demonstration is loaded."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.lead_links import about_nobody


@about_nobody
class Loading(models.Model):
    """One loading of the demonstration; without ``finished_at`` it was cut short."""

    seed = models.IntegerField()
    begun_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("loading of the demonstration")
        verbose_name_plural = _("loadings of the demonstration")

    def __str__(self) -> str:
        return f"{self.seed}, {self.begun_at:%Y-%m-%d %H:%M}"
