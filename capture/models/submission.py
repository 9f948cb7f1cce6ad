"""Submissions: every form that was sent, kept whole, whatever became of it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from capture.choices import SubmissionState
from capture.models.form import Form
from leads.lead_links import OnErase, OnMerge, lead_link
from leads.models import Lead


@lead_link(
    merge=OnMerge.MOVE,
    erase=OnErase.ANONYMISE,
    blank={
        "answers": {},
        "consents": [],
        "errors": [],
        "visitor_id": None,
        "page": "",
        "referrer": "",
        "utm": {},
        "ip_truncated": "",
        "user_agent_hash": "",
    },
)
class Submission(models.Model):
    """What somebody sent with a form. ``token`` is the form's signed nonce: one submission each, ever."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    form = models.ForeignKey(Form, models.PROTECT, related_name="submissions")
    form_version = models.PositiveIntegerField()
    token = models.UUIDField(unique=True, null=True)
    received_at = models.DateTimeField()
    # When the worker looks at it: to take it in, or to ask for its address to be confirmed. None: never.
    due_at = models.DateTimeField(null=True)
    state = models.CharField(
        _("state"), max_length=8, choices=SubmissionState, default=SubmissionState.RECEIVED
    )
    # Codes of why it was set aside: honeypot, too_fast, token_reused, many_links, repeated, refused …
    reasons = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    answers = models.JSONField(default=dict)
    consents = models.JSONField(default=list)
    errors = models.JSONField(default=list)
    lead = models.ForeignKey(Lead, models.SET_NULL, null=True, related_name="submissions")
    visitor_id = models.UUIDField(null=True)
    page = models.CharField(max_length=500, blank=True)
    referrer = models.CharField(max_length=500, blank=True)
    utm = models.JSONField(default=dict, blank=True)
    ip_truncated = models.CharField(max_length=45, blank=True)
    user_agent_hash = models.CharField(max_length=64, blank=True)
    confirm_until = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        indexes: ClassVar = [
            models.Index(name="submission_of_form", fields=["form", "-received_at", "-id"]),
            models.Index(name="submission_newest", fields=["-received_at", "-id"]),
            models.Index(name="submission_due", fields=["due_at", "id"], condition=~Q(due_at=None)),
            models.Index(name="submission_of_lead", fields=["lead", "-received_at"], condition=~Q(lead=None)),
            models.Index(
                name="submission_to_purge",
                fields=["received_at"],
                condition=Q(state__in=["awaiting", "spam", "rejected", "expired"]),
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)
