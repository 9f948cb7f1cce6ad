"""Webhooks: who wants to be told of which events, and what they were told."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.lead_links import OnErase, OnMerge, about_nobody, lead_link
from leads.models.lead import Lead


@about_nobody
class Webhook(models.Model):
    """A server of somebody else that is told of events as they happen.

    ``secret`` signs (Standard Webhooks); after a change the former one signs as well for a day.
    """

    class Stopped(models.TextChoices):
        """Why nothing is sent any more."""

        BY_HAND = "by_hand", _("Stopped by hand")
        GONE = "gone", _("The address answered that it is gone for good")
        FAILING = "failing", _("Nothing could be delivered for five days")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=80)
    url = models.CharField(_("address"), max_length=500)
    kinds = ArrayField(models.SlugField(max_length=40), verbose_name=_("events"), default=list)
    secret = models.CharField(max_length=80)
    former_secret = models.CharField(max_length=80, blank=True)
    former_until = models.DateTimeField(null=True, blank=True)
    stopped = models.CharField(max_length=8, choices=Stopped, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering: ClassVar = ["name", "id"]

    def __str__(self) -> str:
        return self.name


@lead_link(merge=OnMerge.MOVE, erase=OnErase.DELETE)
class WebhookDelivery(models.Model):
    """One event on its way to one webhook, kept 30 days; receivers tell repeats by ``public_id``."""

    class State(models.TextChoices):
        """Where it is on its way."""

        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Given up")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    lead = models.ForeignKey(Lead, models.CASCADE, null=True, related_name="webhook_deliveries")
    kind = models.SlugField(max_length=40)
    # The event as it was recorded; who the lead is, is read when it leaves.
    event = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    last_status = models.PositiveSmallIntegerField(null=True)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        indexes: ClassVar = [
            models.Index(name="webhook_due", fields=["due_at", "id"], condition=Q(state="waiting")),
            models.Index(name="webhook_log", fields=["webhook", "-created_at", "-id"]),
            models.Index(name="webhook_of_lead", fields=["lead"]),
            models.Index(name="webhook_created", fields=["created_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.webhook_id}"
