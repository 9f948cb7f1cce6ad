"""How often a form was shown: a number a day, and nothing about whom."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from capture.models.form import Form
from leads.lead_links import about_nobody


@about_nobody
class FormViews(models.Model):
    """How often a form was shown on one day (of the site's time zone), to people as far as one can tell."""

    pk = models.CompositePrimaryKey("form_id", "day")
    form = models.ForeignKey(Form, models.CASCADE, related_name="views", db_index=False)
    day = models.DateField(_("day"))
    hosted = models.PositiveIntegerField(_("on its own page"), default=0)
    embedded = models.PositiveIntegerField(_("within a site"), default=0)

    class Meta:
        verbose_name = _("views of a form")
        verbose_name_plural = _("views of forms")

    def __str__(self) -> str:
        return f"{self.form_id} {self.day:%Y-%m-%d}: {self.hosted + self.embedded}"
