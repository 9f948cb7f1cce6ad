"""Visitors: seen on a site, counted before the funnel."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.channels import Channel
from leads.lead_links import OnErase, OnMerge, lead_link
from leads.models.lead import Lead


@lead_link(merge=OnMerge.MOVE, erase=OnErase.DELETE)
class Visitor(models.Model):
    """A browser that a site's tracker named; it becomes somebody when a form identifies it."""

    id = models.UUIDField(primary_key=True)
    lead = models.ForeignKey(Lead, models.SET_NULL, null=True, blank=True, related_name="visitors")
    source_id = models.SmallIntegerField()
    first_seen_at = models.DateTimeField()
    identified_at = models.DateTimeField(null=True, blank=True)
    channel = models.CharField(max_length=16, choices=Channel, blank=True)
    landing_page = models.CharField(max_length=500, blank=True)
    # What it did before this is not the present lead's: somebody else sat there. None: all of it is.
    lead_since = models.DateTimeField(null=True, blank=True)
    # Verdict.MACHINE once one of its events said so for good; Verdict.HUMAN once a person showed themselves.
    verdict = models.SmallIntegerField(default=0, db_default=0)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("visitor")
        verbose_name_plural = _("visitors")

    def __str__(self) -> str:
        return str(self.id)
