"""What leads are called in other systems."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.lead_links import OnErase, OnMerge, lead_link
from leads.models import Lead


@lead_link(merge=OnMerge.MOVE, erase=OnErase.DELETE)
class OutsideReference(models.Model):
    """What a lead, or its deal, is called in another system, such as a CRM."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="outside_references")
    system = models.SlugField(_("system"), max_length=40)
    kind = models.SlugField(_("kind"), max_length=40)
    reference = models.CharField(_("reference"), max_length=120)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("reference in another system")
        verbose_name_plural = _("references in other systems")
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_reference_a_lead", fields=["lead", "system", "kind"]),
            models.UniqueConstraint(name="one_lead_a_reference", fields=["system", "kind", "reference"]),
        ]

    def __str__(self) -> str:
        return f"{self.system}/{self.kind}: {self.reference}"
