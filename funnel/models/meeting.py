"""Meetings of a rep with a lead, and the invitations to be sent about them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from funnel.meetings import MeetingState, Method
from funnel.models.rep import Rep
from leads.choices import Purpose
from leads.lead_links import OnErase, OnMerge, lead_link
from leads.models import Lead


class MeetingKind(models.TextChoices):
    """What sort of appointment it is."""

    MEETING = "meeting", _("Meeting")
    DEMO = "demo", _("Demonstration")
    CALL = "call", _("Phone call")


MEETING_STATES = {
    MeetingState.PROPOSED: _("Proposed"),
    MeetingState.ACCEPTED: _("Accepted"),
    MeetingState.DECLINED: _("Declined"),
    MeetingState.HELD: _("Held"),
    MeetingState.MISSED: _("Missed"),
    MeetingState.CANCELLED: _("Cancelled"),
}


@lead_link(merge=OnMerge.MOVE, erase=OnErase.DELETE)
class Meeting(models.Model):
    """One appointment. ``uid`` and ``sequence`` are those of its calendar entry (RFC 5545): every change
    that the other side has to know of counts up. ``time_zone`` is the one it is told in."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="meetings")
    rep = models.ForeignKey(Rep, models.PROTECT, related_name="meetings")
    kind = models.CharField(_("kind"), max_length=8, choices=MeetingKind, default=MeetingKind.MEETING)
    title = models.CharField(_("title"), max_length=120)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Paris")
    place = models.CharField(_("place"), max_length=200, blank=True)
    link = models.CharField(_("video link"), max_length=500, blank=True)
    language = models.CharField(max_length=5, default="fr")
    state = models.CharField(
        _("state"), max_length=9, choices=list(MEETING_STATES.items()), default=MeetingState.PROPOSED
    )
    uid = models.CharField(max_length=120, unique=True)
    sequence = models.PositiveSmallIntegerField(default=0)
    # When both sides had first agreed to it.
    booked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        indexes: ClassVar = [
            models.Index(name="meeting_of_rep", fields=["rep", "starts_at"]),
            models.Index(name="meeting_of_lead", fields=["lead", "-starts_at"]),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="meeting_ends_later", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(name="meeting_state", condition=Q(state__in=list(MeetingState))),
            models.CheckConstraint(name="meeting_kind", condition=Q(kind__in=MeetingKind.values)),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        """Whether it is still to take place."""
        return self.state in (MeetingState.PROPOSED, MeetingState.ACCEPTED)


MAIL_PURPOSES = (Purpose.SALES, Purpose.TRANSACTIONAL)


@lead_link(merge=OnMerge.NOTHING, erase=OnErase.DELETE, key="meeting__lead")
class MeetingMail(models.Model):
    """An invitation, change or cancellation to be sent: each once, by the mail worker."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="mails")
    method = models.CharField(max_length=7, choices=[(one.value, one.value) for one in Method])
    sequence = models.PositiveSmallIntegerField()
    address = models.CharField(max_length=254)
    # What the person agreed to is confirmed to them (transactional); else it is sales contact.
    purpose = models.CharField(max_length=16, choices=[(one.value, one.label) for one in MAIL_PURPOSES])
    asked_at = models.DateTimeField()
    # Handed to the mail worker, or refused by the law or the contact policy: then ``refused`` says why.
    settled_at = models.DateTimeField(null=True)
    refused = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        indexes: ClassVar = [
            models.Index(name="meeting_mail_waits", fields=["id"], condition=Q(settled_at=None)),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_meeting_mail", fields=["meeting", "method", "sequence"]),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.method} {self.sequence}"
