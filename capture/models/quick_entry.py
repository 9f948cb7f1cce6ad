"""Quick entries: cards typed at a stand, in a shop, from paper or on the phone, each taken once."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from capture.choices import QuickMode
from leads.lead_links import OnErase, OnMerge, lead_link
from leads.models import Campaign, Lead


@lead_link(merge=OnMerge.MOVE, erase=OnErase.DELETE)
class QuickEntry(models.Model):
    """One card as it was typed. ``id`` is made by the device that took it, so sending it again does nothing;
    ``digest`` tells a repetition from another card under the same id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    mode = models.CharField(max_length=8, choices=QuickMode)
    occasion = models.ForeignKey(
        Campaign, models.PROTECT, null=True, related_name="quick_entries", verbose_name=_("occasion")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    met_at = models.DateTimeField(_("met"))
    received_at = models.DateTimeField()
    digest = models.BigIntegerField()
    answers = models.JSONField(default=dict)
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="quick_entries")
    made_lead = models.BooleanField()
    corrects = models.ForeignKey("self", models.SET_NULL, null=True, related_name="corrections")

    class Meta:
        verbose_name = _("quick entry")
        verbose_name_plural = _("quick entries")
        indexes: ClassVar = [
            models.Index(name="quick_entry_of_user", fields=["by", "-received_at"]),
            models.Index(name="quick_entry_of_occasion", fields=["occasion", "-met_at"]),
        ]

    def __str__(self) -> str:
        return str(self.pk)
