"""The words of scoring as people read them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.choices import Phase

__all__ = ["Phase", "Temperature"]


class Temperature(models.TextChoices):
    """How near a lead is to buying; hot needs an act of intent."""

    COLD = "cold", _("Cold")
    WARM = "warm", _("Warm")
    HOT = "hot", _("Hot")
