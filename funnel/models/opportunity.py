"""Opportunities: what an SQL is about, what is expected of it, and how it ended."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from funnel.choices import Outcome
from leads.lead_links import OnErase, OnMerge, lead_link
from leads.models import Lead


@lead_link(
    merge=OnMerge.MOVE, erase=OnErase.ANONYMISE, blank={"product": "", "partner": "", "competitor": ""}
)
class Opportunity(models.Model):
    """One business of one lead in one cycle; amounts in euros."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="opportunities")
    cycle = models.PositiveSmallIntegerField()
    product = models.CharField(_("product"), max_length=200, blank=True)
    expected_amount = models.DecimalField(_("expected amount"), max_digits=12, decimal_places=2, null=True)
    expected_close = models.DateField(_("expected close"), null=True)
    opened_at = models.DateTimeField(_("opened"))
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2, null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    partner = models.CharField(_("partner"), max_length=200, blank=True)
    competitor = models.CharField(_("competitor"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("opportunity")
        verbose_name_plural = _("opportunities")
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_opportunity", fields=["lead", "cycle"]),
            models.CheckConstraint(
                name="opportunity_amounts",
                condition=(Q(expected_amount=None) | Q(expected_amount__gte=0))
                & (Q(amount=None) | Q(amount__gte=0)),
            ),
            models.CheckConstraint(
                name="opportunity_closed",
                condition=Q(outcome="", closed_at=None) | (~Q(outcome="") & Q(closed_at__isnull=False)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="opportunity_open", fields=["expected_close"], condition=Q(outcome="")),
            models.Index(name="opportunity_competitor", fields=["competitor"], condition=~Q(competitor="")),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id}: {self.product or self.outcome}"


@lead_link(merge=OnMerge.NOTHING, erase=OnErase.DELETE, key="opportunity__lead")
class OpportunityChange(models.Model):
    """One expectation that was revised: which, from what to what, by whom. Append-only."""

    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="changes")
    field = models.CharField(max_length=16)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("revised expectation")
        verbose_name_plural = _("revised expectations")
        indexes: ClassVar = [models.Index(name="opportunity_changes", fields=["opportunity", "-id"])]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.old!r} → {self.new!r}"
