"""Messages: every email we meant to send, what became of it and on what ground it was sent."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.lead_links import OnErase, OnMerge, lead_link
from leads.models import Content, Lead
from nurturing.models.template import Template
from nurturing.models.track import Enrolment
from nurturing.policy import Purpose


class State(models.TextChoices):
    """Where a message is on its way."""

    PLANNED = "planned", _("Planned")
    CLAIMED = "claimed", _("Being prepared")
    SENDING = "sending", _("Being handed over")
    SENT = "sent", _("Sent")
    HELD = "held", _("Held back")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("To check")
    CANCELLED = "cancelled", _("Cancelled")


@lead_link(
    merge=OnMerge.MOVE,
    erase=OnErase.ANONYMISE,
    blank={"address": "", "subject": "", "detail": "", "why": {}, "extra": {}},
)
class Message(models.Model):
    """One email to one lead. ``send_key`` makes it unique for ever: (lead, track and step, occurrence)."""

    PURPOSES: ClassVar = [
        (Purpose.NEWSLETTER.value, _("Newsletter")),
        (Purpose.NURTURING.value, _("Nurturing")),
        (Purpose.SALES.value, _("Sales contact")),
        (Purpose.TRANSACTIONAL.value, _("Transactional")),
    ]

    send_key = models.CharField(max_length=160, unique=True)
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="messages")
    template = models.ForeignKey(Template, models.PROTECT, related_name="+")
    enrolment = models.ForeignKey(Enrolment, models.SET_NULL, null=True, related_name="messages")
    content = models.ForeignKey(Content, models.SET_NULL, null=True, related_name="+")
    purpose = models.CharField(_("purpose"), max_length=16, choices=PURPOSES)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PLANNED)
    # Why it is held back, failed, unknown or cancelled: a code, its words are in nurturing.words.
    reason = models.CharField(_("reason"), max_length=60, blank=True)
    detail = models.CharField(max_length=300, blank=True)

    planned_at = models.DateTimeField()
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # It answers what the person did at this moment; within minutes of it, quiet hours do not apply.
    acted_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    data_started_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    # As it was when it left: the address, the words of the subject, the law and the policy that allowed it.
    message_id = models.CharField(max_length=120, unique=True, null=True)
    address = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=250, blank=True)
    basis = models.CharField(max_length=24, blank=True)
    evidence_id = models.BigIntegerField(null=True)
    # What was known when it was planned and when it was checked: why this content, stage, policy, preset.
    why = models.JSONField(default=dict)
    # What the template merges besides the lead: the issue of a newsletter.
    extra = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes: ClassVar = [
            models.Index(name="message_due", fields=["due_at", "id"], condition=Q(state=State.PLANNED)),
            models.Index(
                name="message_leased",
                fields=["lease_until"],
                condition=Q(state__in=[State.CLAIMED, State.SENDING]),
            ),
            models.Index(name="message_of_lead", fields=["lead", "-planned_at"]),
            models.Index(name="message_newest", fields=["-planned_at", "-id"]),
            models.Index(name="message_by_state", fields=["state", "-planned_at", "-id"]),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="message_sent_was_handed_over",
                condition=~Q(state=State.SENT)
                | (Q(data_started_at__isnull=False) & Q(sent_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="message_sending_is_checkpointed",
                condition=~Q(state=State.SENDING) | Q(data_started_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.send_key


@lead_link(merge=OnMerge.NOTHING, erase=OnErase.ANONYMISE, key="message__lead", blank={"note": ""})
class MessageDecision(models.Model):
    """What a person decided about a message nobody knows the fate of. Append-only."""

    SEND_AGAIN = "send_again"
    WAS_SENT = "was_sent"
    GIVE_UP = "give_up"
    VERDICTS: ClassVar = [
        (SEND_AGAIN, _("Send it again")),
        (WAS_SENT, _("It arrived")),
        (GIVE_UP, _("Give it up")),
    ]

    message = models.ForeignKey(Message, models.CASCADE, related_name="decisions")
    verdict = models.CharField(max_length=12, choices=VERDICTS)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    note = models.CharField(max_length=500)

    class Meta:
        verbose_name = _("decision about a message")
        verbose_name_plural = _("decisions about messages")
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.verdict}: {self.message_id}"
