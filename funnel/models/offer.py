"""Offers: one ready MQL on one rep's table, with a deadline."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

import rules
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from funnel.choices import OfferStatus
from funnel.models.reason import Reason
from funnel.models.rep import Rep
from leads.lead_links import OnErase, OnMerge, lead_link
from leads.models import Lead


class OfferQuerySet(models.QuerySet["Offer"]):
    """Filters that know who may see what."""

    def visible_to(self, user: User) -> Self:
        """A rep's own; all of them for who manages sales; nobody else's business."""
        if rules.has_perm("funnel.manage_sales", user):
            return self
        return self.filter(rep=user.pk) if rules.has_perm("funnel.decide_offers", user) else self.none()

    def open(self) -> Self:
        """Those still to be decided."""
        return self.filter(status=OfferStatus.OPEN)


@lead_link(
    merge=OnMerge.MOVE,
    erase=OnErase.ANONYMISE,
    leave="funnel.actions.offers.withdraw_offers",
    blank={"note": "", "why": {}},
)
class Offer(models.Model):
    """One ready lead, one rep, one decision. At most one open offer a lead: the database says so."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="offers")
    rep = models.ForeignKey(Rep, models.PROTECT, related_name="offers")
    cycle = models.PositiveSmallIntegerField()
    status = models.CharField(_("status"), max_length=12, choices=OfferStatus, default=OfferStatus.OPEN)
    offered_at = models.DateTimeField(_("offered"))
    deadline = models.DateTimeField(_("decide before"))
    research_until = models.DateTimeField(_("research until"), null=True)
    # Put aside by the rep: when, until when, and the kind of event (leads.kinds) that brought it back before.
    snoozed_at = models.DateTimeField(_("put aside"), null=True)
    snoozed_until = models.DateTimeField(_("put aside until"), null=True)
    woken_by = models.PositiveSmallIntegerField(null=True)
    # When the rep is to be reminded of the deadline; none once that was done.
    remind_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.ForeignKey(Reason, models.PROTECT, null=True, related_name="+")
    note = models.TextField(_("note"), blank=True)
    value_rating = models.PositiveSmallIntegerField(_("value of the lead"), null=True)
    # {"rule": what decided, "passed_over": {rep: why not}}
    why = models.JSONField(default=dict)

    objects: ClassVar = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        indexes: ClassVar = [
            models.Index(name="offer_inbox", fields=["rep", "deadline"], condition=Q(status="open")),
            models.Index(name="offer_deadline", fields=["deadline"], condition=Q(status="open")),
            models.Index(name="offer_to_remind", fields=["remind_at"], condition=Q(status="open")),
            models.Index(name="offer_of_rep", fields=["rep", "-offered_at"]),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_open_offer", fields=["lead"], condition=Q(status="open")),
            models.UniqueConstraint(
                name="one_acceptance", fields=["lead", "cycle"], condition=Q(status="accepted")
            ),
            models.CheckConstraint(
                name="offer_decided",
                condition=Q(status="open", decided_at=None)
                | (~Q(status="open") & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="offer_value_rating",
                condition=Q(value_rating=None) | Q(value_rating__gte=1, value_rating__lte=5),
            ),
            models.CheckConstraint(
                name="offer_snoozed",
                condition=Q(snoozed_at=None, snoozed_until=None)
                | Q(snoozed_until__gte=models.F("snoozed_at"), snoozed_until__lte=models.F("deadline")),
            ),
            models.CheckConstraint(
                name="offer_deadline_later", condition=Q(deadline__gte=models.F("offered_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"offer {self.pk} of lead {self.lead_id}"

    def is_snoozed_at(self, moment: datetime) -> bool:
        """Whether the rep has put it aside for later than that."""
        return self.snoozed_until is not None and self.snoozed_until > moment

    @property
    def is_open(self) -> bool:
        return self.status == OfferStatus.OPEN
