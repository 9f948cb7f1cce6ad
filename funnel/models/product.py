"""What is sold: the products a rep chooses from when a lead becomes an opportunity."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from leads.lead_links import about_nobody


@about_nobody
class Product(models.Model):
    """A product or service with the amount one usually expects of it, in euros."""

    label_fr = models.CharField(_("label in French"), max_length=120, unique=True)
    label_en = models.CharField(_("label in English"), max_length=120, blank=True)
    usual_amount = models.DecimalField(
        _("usual amount (€)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    is_active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=100)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering: ClassVar = ["position", "label_fr"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="product_amount", condition=Q(usual_amount=None) | Q(usual_amount__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The label in the reader's language."""
        english = (get_language() or "fr").startswith("en")
        return (self.label_en if english else self.label_fr) or self.label_fr
