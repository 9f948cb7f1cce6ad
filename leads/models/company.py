"""Companies: where B2B leads work."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.choices import Headcount, Sector, Turnover
from leads.lead_links import about_nobody


@about_nobody
class Company(models.Model):
    """A company, recognised by its domain; the SIREN is optional."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200)
    domain = models.CharField(_("domain"), max_length=253, unique=True, null=True, blank=True)
    siren = models.CharField(_("SIREN"), max_length=9, blank=True)
    sector = models.CharField(_("sector"), max_length=20, choices=Sector, blank=True)
    headcount = models.CharField(_("headcount"), max_length=12, choices=Headcount, blank=True)
    turnover = models.CharField(_("turnover"), max_length=12, choices=Turnover, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    region = models.CharField(_("region"), max_length=80, blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    custom = models.JSONField(_("custom fields"), default=dict, blank=True)
    search_text = models.CharField(max_length=260, blank=True, editable=False)
    # How others would write its name (leads.normalise.company_name_key): by it alike ones are found.
    name_key = models.CharField(max_length=200, default="", db_default="", blank=True, editable=False)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        indexes: ClassVar = [
            models.Index(name="company_name_key", fields=["name_key"], condition=~Q(name_key="")),
            models.Index(name="company_siren", fields=["siren"], condition=~Q(siren="")),
            models.Index(name="company_newest", fields=["-created_at", "-id"]),
            GinIndex(name="company_search", fields=["search_text"], opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.name
