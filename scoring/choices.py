"""The words of scoring as people read them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.choices import Phase

__all__ = ["Consent", "Phase", "Stage", "Temperature"]


class Stage(models.TextChoices):
    """Where a lead stands: what rules may ask of the funnel, which lies above (engine/fields.py)."""

    LEAD = "lead", _("Lead")
    MQL = "mql", _("MQL")
    SAL = "sal", _("SAL")
    SQL = "sql", _("SQL")
    CUSTOMER = "customer", _("Customer")
    RECYCLED = "recycled", _("Recycled")
    DISQUALIFIED = "disqualified", _("Disqualified")


class Consent(models.TextChoices):
    """The last word of a lead about a purpose."""

    GIVEN = "given", _("Given")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    UNKNOWN = "unknown", _("Unknown")


class Temperature(models.TextChoices):
    """How near a lead is to buying; hot needs an act of intent."""

    COLD = "cold", _("Cold")
    WARM = "warm", _("Warm")
    HOT = "hot", _("Hot")
