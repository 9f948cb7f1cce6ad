"""Touches: each time somebody came by a source. And the rules that name the channel of a source."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.channels import Channel
from leads.lead_links import OnErase, OnMerge, about_nobody, lead_link
from leads.models.lead import Lead
from leads.models.source import Campaign
from leads.models.visitor import Visitor


@about_nobody
class ChannelRule(models.Model):
    """One row of the table from a visit's marks to its channel; the first that holds decides.

    ``conditions`` is a list of ``{"field", "operator", "values"}`` which all must hold
    (leads.channel_rules.Condition).
    """

    position = models.PositiveSmallIntegerField()
    conditions = models.JSONField()
    channel = models.CharField(_("channel"), max_length=16, choices=Channel)
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="rules", verbose_name=_("campaign")
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("channel rule")
        verbose_name_plural = _("channel rules")
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.position}: {self.channel}"


class RunState(models.TextChoices):
    """How far an application of the channel rules to the past has come."""

    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    UNDONE = "undone", _("Undone")


@about_nobody
class ChannelRun(models.Model):
    """One application of the channel rules to the touches there were, in chunks, with the rules of then."""

    rules = models.JSONField()
    state = models.CharField(max_length=8, choices=RunState, default=RunState.WAITING)
    total = models.PositiveIntegerField(default=0)
    after_id = models.BigIntegerField(default=0)
    until_id = models.BigIntegerField(default=0)
    touches_changed = models.PositiveIntegerField(default=0)
    leads_changed = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_channel_run_at_a_time", fields=["state"], condition=Q(state="waiting")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.state}"


@lead_link(merge=OnMerge.MOVE, erase=OnErase.DELETE)
class Touch(models.Model):
    """Somebody came by a source: a visitor of a site, a lead, or a visitor who became one.

    ``utm`` holds source, medium, campaign, term, content; ``referrer`` is the host before; ``page`` the
    landing page without its query; ``marks`` the click ids that the query had (gclid, fbclid …).
    """

    lead = models.ForeignKey(Lead, models.CASCADE, null=True, related_name="touches", db_index=False)
    visitor = models.ForeignKey(Visitor, models.CASCADE, null=True, related_name="touches", db_index=False)
    at = models.DateTimeField()
    channel = models.CharField(_("channel"), max_length=16, choices=Channel, blank=True)
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, related_name="touches", db_index=False)
    utm = models.JSONField(default=dict)
    referrer = models.CharField(max_length=255, blank=True)
    page = models.CharField(max_length=500, blank=True)
    marks = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    # Before the rules were last applied to the past, so that this can be undone.
    run = models.ForeignKey(ChannelRun, models.SET_NULL, null=True, related_name="+", db_index=False)
    was_channel = models.CharField(max_length=16, blank=True)
    was_campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("touch")
        verbose_name_plural = _("touches")
        indexes: ClassVar = [
            models.Index(name="touch_of_lead", fields=["lead", "at"], condition=~Q(lead=None)),
            models.Index(name="touch_of_visitor", fields=["visitor", "at"], condition=~Q(visitor=None)),
            models.Index(name="touch_of_campaign", fields=["campaign"], condition=~Q(campaign=None)),
            models.Index(name="touch_of_run", fields=["run"], condition=~Q(run=None)),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.at:%Y-%m-%d}"


@about_nobody
class SourceCost(models.Model):
    """What a source cost in one month, in euros; of a channel as a whole or of one of its campaigns."""

    month = models.DateField(_("month"))
    channel = models.CharField(_("channel"), max_length=16, choices=Channel)
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="costs", verbose_name=_("campaign")
    )
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("cost of a source")
        verbose_name_plural = _("costs of sources")
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_cost_per_month", fields=["month", "channel", "campaign"], nulls_distinct=False
            ),
            models.CheckConstraint(name="cost_is_of_a_month", condition=Q(month__day=1) & Q(amount__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.month:%Y-%m}: {self.amount}"
