"""What people ask about their own data, and what was done about it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.lead_links import OnErase, OnMerge, lead_link
from leads.models.lead import Lead
from leads.privacy import ActKind, ErasureGround, RequestKind, RequestState, due_on


@lead_link(
    merge=OnMerge.MOVE,
    erase=OnErase.ANONYMISE,
    rows="leads.actions.erase_tables.requests_of",
    blank={"address": "", "note": "", "answer": ""},
)
class PrivacyRequest(models.Model):
    """One line of the register of requests. ``lead`` is empty while, or because, nobody was found.

    ``address`` goes when the person is erased, or when nobody was found; its keyed fingerprint stays, so
    that the request is found again by who made it.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("request"), max_length=16, choices=RequestKind)
    lead = models.ForeignKey(Lead, models.SET_NULL, null=True, related_name="privacy_requests")
    address = models.CharField(_("email or phone"), max_length=254, blank=True)
    fingerprint = models.CharField(max_length=64)
    received_on = models.DateField(_("received"))
    due_on = models.DateField(_("answer before"))
    is_extended = models.BooleanField(default=False)
    state = models.CharField(_("state"), max_length=8, choices=RequestState, default=RequestState.OPEN)
    note = models.CharField(_("note"), max_length=500, blank=True)
    answer = models.CharField(_("answer"), max_length=1000, blank=True)
    ground = models.CharField(_("ground"), max_length=12, choices=ErasureGround, blank=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("request about personal data")
        verbose_name_plural = _("requests about personal data")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="privacy_request_closed",
                condition=Q(state="open", closed_at=None) | (~Q(state="open") & Q(closed_at__isnull=False)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="privacy_request_due", fields=["due_on", "id"]),
            models.Index(name="privacy_request_who", fields=["fingerprint"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.received_on}"

    def save(self, *args: object, **options: object) -> None:
        """The deadline follows from the day of receipt."""
        received = self.received_on
        if isinstance(received, dt.date):
            self.due_on = due_on(received, extended=self.is_extended)
        super().save(*args, **options)  # type: ignore[arg-type]  # whatever Django takes

    @property
    def is_open(self) -> bool:
        """Whether it is still to be answered."""
        return self.state == RequestState.OPEN


@lead_link(
    merge=OnMerge.NOTHING,
    erase=OnErase.KEEP,
    key="request__lead",
    why="who did what when, by numbers: the proof that a request was answered (RGPD art. 5.2)",
)
class PrivacyAct(models.Model):
    """One thing somebody of the house did about a request. Append-only."""

    request = models.ForeignKey(PrivacyRequest, models.PROTECT, related_name="acts")
    kind = models.CharField(max_length=12, choices=ActKind)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("act about a request")
        verbose_name_plural = _("acts about requests")
        ordering: ClassVar = ["at", "id"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"
