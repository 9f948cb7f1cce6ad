"""Messages to and from leads on social networks, as reps log them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from funnel.work import Direction
from leads.lead_links import OnErase, OnMerge, lead_link
from leads.models import Lead


class Network(models.TextChoices):
    """Where people are met."""

    LINKEDIN = "linkedin", "LinkedIn"
    X = "x", "X"
    FACEBOOK = "facebook", "Facebook"
    INSTAGRAM = "instagram", "Instagram"
    WHATSAPP = "whatsapp", "WhatsApp"
    OTHER = "other", _("Other network")


SOCIAL_DIRECTIONS = {Direction.OUT: _("Message sent"), Direction.IN: _("Reply received")}


@lead_link(merge=OnMerge.MOVE, erase=OnErase.ANONYMISE, blank={"note": ""})
class SocialMessage(models.Model):
    """One message on a network. ``key`` names the form it was typed into: sent twice, it is one message."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="social_messages")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    network = models.CharField(_("network"), max_length=10, choices=Network)
    direction = models.CharField(_("direction"), max_length=3, choices=list(SOCIAL_DIRECTIONS.items()))
    at = models.DateTimeField(_("when"))
    note = models.CharField(_("note"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("social message")
        verbose_name_plural = _("social messages")
        indexes: ClassVar = [models.Index(name="social_of_lead", fields=["lead", "-at"])]
        constraints: ClassVar = [
            models.CheckConstraint(name="social_network", condition=Q(network__in=Network.values)),
            models.CheckConstraint(name="social_direction", condition=Q(direction__in=list(Direction))),
        ]

    def __str__(self) -> str:
        return f"{self.network} {self.direction} {self.lead_id}"
