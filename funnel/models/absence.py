"""When reps are away: whole days, in the rep's own time zone."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from funnel.models.rep import Rep
from leads.lead_links import about_nobody


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Filters by day."""

    def on(self, day: date) -> Self:
        """Those that cover this day."""
        return self.filter(Q(last_day=None) | Q(last_day__gte=day), first_day__lte=day)

    def from_day(self, day: date) -> Self:
        """Those of this day and later."""
        return self.filter(Q(last_day=None) | Q(last_day__gte=day))


@about_nobody
class Absence(models.Model):
    """One time away, both days included; without a last day, until further notice.

    On its first day open offers go to somebody else, and with ``hands_over`` the leads being worked as
    well: to ``deputy``, or to the colleague who suits best. ``begun_at``: when that was done.
    """

    rep = models.ForeignKey(Rep, models.CASCADE, related_name="absences")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day away"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    hands_over = models.BooleanField(_("hands over the leads being worked"), default=False)
    deputy = models.ForeignKey(
        Rep, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("to whom")
    )
    begun_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering: ClassVar = ["first_day", "pk"]
        indexes: ClassVar = [
            models.Index(name="absence_to_begin", fields=["first_day"], condition=Q(begun_at=None)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="absence_days", condition=Q(last_day=None) | Q(last_day__gte=F("first_day"))
            ),
            models.UniqueConstraint(name="one_absence_a_first_day", fields=["rep", "first_day"]),
        ]

    def __str__(self) -> str:
        return f"{self.rep_id}: {self.first_day} – {self.last_day or '…'}"
