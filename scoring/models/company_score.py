"""What a company is worth by its people (docs/scoring.md has the formula)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.lead_links import OnErase, OnMerge, lead_link
from leads.models import Company


@lead_link(
    merge=OnMerge.NOTHING,
    erase=OnErase.KEEP,
    key="",
    company_key="company",
    why="A sum over a company's people, counted anew without who was erased.",
)
class CompanyScore(models.Model):
    """A company's score as of the day it last changed; ``fit`` and ``engagement`` in thousandths.

    Companies where nobody is known have no row. ``active``: people who did something within 90 days.
    """

    company = models.OneToOneField(
        Company, models.CASCADE, primary_key=True, related_name="score", db_constraint=False
    )
    fit = models.IntegerField(_("fit"))
    engagement = models.IntegerField(_("engagement"))
    grade = models.CharField(_("grade"), max_length=1)
    level = models.SmallIntegerField(_("level"))
    people = models.IntegerField(_("people"))
    active = models.IntegerField(_("active people"))
    hot = models.IntegerField(_("hot people"))
    updated_at = models.DateTimeField(_("updated"))

    class Meta:
        verbose_name = _("score of a company")
        verbose_name_plural = _("scores of companies")
        indexes: ClassVar = [
            models.Index(name="company_engagement", fields=["-engagement", "-company"]),
            models.Index(name="company_fit", fields=["-fit", "-company"]),
        ]

    def __str__(self) -> str:
        return f"{self.company_id}: {self.grade}{self.level}"
