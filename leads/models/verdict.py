"""Why an event is held to be a machine's or a person's: beside the events, for the few that need a reason."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.lead_links import OnErase, OnMerge, lead_link
from leads.models.event import Verdict


@lead_link(
    merge=OnMerge.NOTHING,
    erase=OnErase.KEEP,
    key="",
    why="a digest of (source, event id) and codes of reasons; says nothing of anybody",
)
class EventVerdict(models.Model):
    """One verdict on one event; the newest counts. Append-only.

    ``key`` is the event's narrow name (EventKey). Events that came in as nobody's in particular (verdict
    unknown) have no row here.
    """

    key = models.UUIDField()
    occurred_at = models.DateTimeField()
    verdict = models.SmallIntegerField(choices=Verdict)
    reasons = ArrayField(models.CharField(max_length=24), default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")
        indexes: ClassVar = [
            models.Index(name="verdict_on_event", fields=["key", "-at", "-id"]),
            models.Index(name="verdict_newest", fields=["-at", "-id"]),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{Verdict(self.verdict).name} {', '.join(self.reasons)}"
