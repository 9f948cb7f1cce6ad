"""Partners who serve some leads better, and the leads that were passed on to them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from funnel.choices import Outcome
from leads.choices import Sector
from leads.lead_links import OnErase, OnMerge, about_nobody, lead_link
from leads.models import Lead

LANGUAGES = [("fr", "Français"), ("en", "English")]


@about_nobody
class Partner(models.Model):
    """A business that we pass leads on to. One without an address is told by the rep, not by us."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    contact = models.CharField(_("contact"), max_length=120, blank=True)
    email = models.EmailField(_("email"), max_length=254, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=LANGUAGES, default="fr")
    sectors = ArrayField(
        models.CharField(max_length=16, choices=Sector), verbose_name=_("sectors"), default=list, blank=True
    )
    # Postcodes or their beginnings: "69" is the department, "69003" one town.
    territories = ArrayField(
        models.CharField(max_length=12), verbose_name=_("territories"), default=list, blank=True
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Notice(models.TextChoices):
    """How far the message to the partner is. A claimed one is being sent; after an hour it is unknown."""

    NONE = "none", _("Not sent by Écluse")
    DUE = "due", _("About to be sent")
    CLAIMED = "claimed", _("Being sent")
    SENT = "sent", _("Sent")
    UNKNOWN = "unknown", _("Perhaps sent")
    CANCELLED = "cancelled", _("Taken back")


@lead_link(merge=OnMerge.MOVE, erase=OnErase.ANONYMISE, blank={"sent": {}})
class Referral(models.Model):
    """One lead passed on to one partner: with which data, and what became of it. Amounts in euros."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="referrals")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="referrals")
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    # Exactly what the partner is told: field of the profile → value.
    sent = models.JSONField(default=dict)
    notice = models.CharField(max_length=9, choices=Notice, default=Notice.DUE)
    notice_due_at = models.DateTimeField()
    notice_at = models.DateTimeField(null=True)
    outcome = models.CharField(
        _("outcome"),
        max_length=8,
        choices=[(Outcome.WON, Outcome.WON.label), (Outcome.LOST, Outcome.LOST.label)],
        blank=True,
    )
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2, null=True)
    outcome_at = models.DateTimeField(null=True)
    # Nobody of ours: the partner said it.
    outcome_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        indexes: ClassVar = [
            models.Index(name="referral_due", fields=["notice_due_at"], condition=Q(notice="due")),
            models.Index(name="referral_of_partner", fields=["partner", "-at"]),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="referral_outcome",
                condition=Q(outcome="", outcome_at=None, amount=None)
                | Q(outcome__in=["won", "lost"], outcome_at__isnull=False),
            ),
            models.CheckConstraint(
                name="referral_amount", condition=Q(amount=None) | Q(amount__gte=0, outcome="won")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id} → {self.partner_id}"
