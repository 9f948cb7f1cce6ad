"""The consent ledger and the addresses that are never written to again."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.choices import ConsentState, ContactChannel, Purpose, SuppressionReason
from leads.lead_links import OnErase, OnMerge, about_nobody, lead_link
from leads.models.lead import Lead


@about_nobody
class ConsentWording(models.Model):
    """The words a person is shown beside a consent box. A change is a new version; none is ever edited."""

    code = models.SlugField(_("code"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    language = models.CharField(_("language"), max_length=5, default="fr")
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose)
    channel = models.CharField(_("channel"), max_length=8, choices=ContactChannel)
    text = models.TextField(_("words"), max_length=600)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("consent wording")
        verbose_name_plural = _("consent wordings")
        ordering: ClassVar = ["code", "language", "-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_consent_wording", fields=["code", "language", "version"]),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return self.text_version

    @property
    def text_version(self) -> str:
        """What the ledger keeps of it: "newsletter-fr-v2"."""
        return f"{self.code}-{self.language}-v{self.version}"


@lead_link(
    merge=OnMerge.COMBINE,
    erase=OnErase.ANONYMISE,
    combine="leads.actions.merge_tables.combine_consents",
    strays=True,
    blank={"page_url": "", "ip_truncated": "", "user_agent_hash": ""},
)
class ConsentEvent(models.Model):
    """What a person said about one purpose on one channel, with its proof. Append-only."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="consent_events")
    purpose = models.CharField(max_length=16, choices=Purpose)
    channel = models.CharField(max_length=8, choices=ContactChannel)
    state = models.CharField(max_length=12, choices=ConsentState)
    at = models.DateTimeField()
    text_version = models.CharField(max_length=64, blank=True)
    form_version = models.CharField(max_length=64, blank=True)
    page_url = models.CharField(max_length=500, blank=True)
    ip_truncated = models.CharField(max_length=45, blank=True)
    user_agent_hash = models.CharField(max_length=64, blank=True)
    actor = models.CharField(max_length=120, blank=True)
    doi_confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("consent event")
        verbose_name_plural = _("consent events")
        indexes: ClassVar = [
            models.Index(name="consent_of_lead", fields=["lead", "purpose", "channel", "-at", "-id"]),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.purpose}/{self.channel}: {self.state}"


@lead_link(
    merge=OnMerge.NOTHING,
    erase=OnErase.KEEP,
    key="",
    why="keyed fingerprints only; without them the person would be written to again",
)
class Suppression(models.Model):
    """An address, kept only as a keyed fingerprint, that must not be written to, and why."""

    fingerprint = models.CharField(max_length=64)
    channel = models.CharField(max_length=8, choices=ContactChannel)
    reason = models.CharField(max_length=12, choices=SuppressionReason)
    topic = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_suppression", fields=["fingerprint", "reason", "topic"]),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.fingerprint[:8]}…"
