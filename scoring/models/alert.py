"""Alerts: which crossings somebody wants to hear of, and what each person was told."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.roles import Role
from leads.lead_links import OnErase, OnMerge, about_nobody, lead_link
from leads.models import Lead
from scoring.alerting import OWNER, TRIGGERS
from scoring.telling_words import LABELS, sentence
from scoring.tellings import Telling

_TRIGGER_LABELS = {
    "hot": _("becomes hot"),
    "band": _("enters a band"),
    "points": _("reaches so many points"),
    "mql": _("becomes MQL"),
    "ready": _("is ready for sales"),
    "woken": _("wakes up"),
}
Trigger = [(code, _TRIGGER_LABELS[code]) for code in TRIGGERS]
Told = [*Trigger, *((Telling(code).value, label) for code, label in LABELS.items())]
Recipient = [(OWNER, _("its owner")), *((role.value, role.label) for role in Role if role != Role.DPO)]


@about_nobody
class AlertRule(models.Model):
    """Tell these people when a lead crosses this line (scoring/alerting.py decides).

    ``bands``: A1 … D4, for entering one of them; ``measure`` and ``points`` for reaching points.
    ``throttle_hours``: at most one such alert for each person and lead in so many hours.
    """

    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(_("active"), default=True)
    trigger = models.CharField(_("when a lead"), max_length=8, choices=Trigger)
    bands = ArrayField(models.CharField(max_length=2), verbose_name=_("bands"), default=list, blank=True)
    measure = models.CharField(_("score"), max_length=10, blank=True)
    points = models.SmallIntegerField(_("points"), null=True, blank=True)
    recipients = ArrayField(
        models.CharField(max_length=12, choices=Recipient), verbose_name=_("tells"), default=list
    )
    by_email = models.BooleanField(_("by email too"), default=False)
    throttle_hours = models.PositiveSmallIntegerField(_("hours between two"), default=24)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering: ClassVar = ["name", "id"]

    def __str__(self) -> str:
        return self.name


@lead_link(merge=OnMerge.MOVE, erase=OnErase.DELETE)
class Notification(models.Model):
    """What somebody was told of a lead; its words are made when it is read, in the reader's language.

    ``trigger``: a crossed line (with its ``rule``), or what the funnel or a colleague tells, with the
    ``facts`` of its sentence and its ``occurrence``: one is told once. ``email``: whether and how far a mail
    about it is; ``email_due_at`` respects quiet hours and digests.
    """

    class Email(models.TextChoices):
        """The mail about it."""

        NONE = "none", _("No email")
        DUE = "due", _("Waiting")
        CLAIMED = "claimed", _("Being sent")
        SENT = "sent", _("Sent")
        UNKNOWN = "unknown", _("Unknown")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    lead = models.ForeignKey(Lead, models.CASCADE, null=True, related_name="notifications")
    rule = models.ForeignKey(AlertRule, models.SET_NULL, null=True, related_name="+")
    trigger = models.CharField(max_length=20, choices=Told)
    facts = models.JSONField(default=dict)
    occurrence = models.CharField(max_length=64, null=True)
    grade = models.CharField(max_length=1, blank=True)
    level = models.SmallIntegerField(null=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    email = models.CharField(max_length=8, choices=Email, default=Email.NONE)
    email_due_at = models.DateTimeField(null=True)
    emailed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes: ClassVar = [
            models.Index(name="notification_of_user", fields=["user", "-at", "-id"]),
            models.Index(name="notification_unread", fields=["user"], condition=Q(read_at=None)),
            models.Index(name="notification_due", fields=["email_due_at"], condition=Q(email="due")),
            models.Index(name="notification_of_lead", fields=["lead", "user", "-at"]),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(name="told_once", fields=["lead", "user", "trigger", "occurrence"]),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.trigger} {self.lead_id}"

    @property
    def said(self) -> str:
        """What it says after the lead's name, in the reader's language and time zone."""
        if self.trigger in LABELS:
            return sentence(self.trigger, self.facts)
        return str(self.get_trigger_display())


@about_nobody
class NotificationChoice(models.Model):
    """How somebody wants to be told; who has no row has the defaults of scoring/alerting.py."""

    class Mail(models.TextChoices):
        """When alerts come by email."""

        AT_ONCE = "at_once", _("At once")
        DIGEST = "digest", _("Once a day, together")
        NEVER = "never", _("Never")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="notification_choice"
    )
    mail = models.CharField(_("by email"), max_length=8, choices=Mail, default=Mail.AT_ONCE)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("until"), null=True, blank=True)
    digest_hour = models.PositiveSmallIntegerField(_("hour of the daily email"), default=8)
    muted = ArrayField(
        models.CharField(max_length=8, choices=Trigger),
        verbose_name=_("not told of"),
        default=list,
        blank=True,
    )
    # {kind of scoring/tellings.py: channel}; what is not named comes as usual.
    channels = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("choice of notifications")
        verbose_name_plural = _("choices of notifications")
        constraints: ClassVar = [
            models.CheckConstraint(name="digest_hour", condition=Q(digest_hour__lt=24)),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.mail}"
