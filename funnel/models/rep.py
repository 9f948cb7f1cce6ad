"""Reps: who can take leads, how many, and when."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from funnel.choices import HolidayRegion
from funnel.deadlines import OFFICE_HOURS, Calendar, Span, parse_hours
from leads.lead_links import about_nobody


def office_hours() -> dict[str, list[list[str]]]:
    """Monday to Friday, 9:00–12:30 and 13:30–18:00, as stored."""
    return {
        str(day): [[_clock(span.start), _clock(span.end)] for span in spans]
        for day, spans in OFFICE_HOURS.items()
    }


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def validate_hours(value: object) -> None:
    """Refuse hours that nobody could keep."""
    try:
        parse_hours(value)
    except ValueError as error:
        raise ValidationError(str(error)) from error


class RepQuerySet(models.QuerySet["Rep"]):
    """Desks with what is asked of them together."""

    def whole(self) -> Self:
        """With their users, absences and rules: what the allocation reads of a desk."""
        return self.select_related("user").prefetch_related("absences", "rules")


@about_nobody
class Rep(models.Model):
    """A user's desk: their places and how offers reach them. Its row is locked before places are counted.

    Three caps, each its own whole number: ``places`` (SAL + SQL + open offers), ``sal_cap`` (SAL + open
    offers; none: as many as there are places) and ``offers_per_day``.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="rep"
    )
    places = models.PositiveSmallIntegerField(_("places"), default=15)
    sal_cap = models.PositiveSmallIntegerField(_("SAL at the same time"), null=True, blank=True)
    offers_per_day = models.PositiveSmallIntegerField(_("offers a day"), default=5)
    weight = models.PositiveSmallIntegerField(_("weight"), default=1)
    hours = models.JSONField(_("working hours"), default=office_hours, validators=[validate_hours])
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Paris")
    # Whose public holidays are kept besides the national ones.
    region = models.CharField(
        _("public holidays of"),
        max_length=4,
        choices=HolidayRegion,
        default=HolidayRegion.NATIONAL,
        blank=True,
    )
    # A manager's desk: served only with what the reps did not decide in time.
    is_last_resort = models.BooleanField(_("takes what no rep decided"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    # The fair-share account (funnel/allocation.py) and when it was last used.
    credit = models.IntegerField(default=0, editable=False)
    last_served_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar = RepQuerySet.as_manager()

    class Meta:
        verbose_name = _("rep")
        verbose_name_plural = _("reps")
        constraints: ClassVar = [
            models.CheckConstraint(name="rep_weight", condition=Q(weight__gte=1)),
            models.CheckConstraint(name="rep_region", condition=Q(region__in=HolidayRegion.values)),
        ]

    def __str__(self) -> str:
        return self.user.full_name

    @property
    def calendar(self) -> Calendar:
        """When this rep works."""
        hours: dict[int, tuple[Span, ...]] = parse_hours(self.hours)
        absences = tuple((one.first_day, one.last_day or date.max) for one in self.absences.all())
        return Calendar(self.time_zone, hours, absences, self.region)

    @property
    def most_sal(self) -> int:
        """How many SAL and open offers at the same time; never more than places."""
        return self.places if self.sal_cap is None else min(self.sal_cap, self.places)

    def is_absent_at(self, moment: datetime) -> bool:
        """Whether the rep is away on that local day."""
        calendar = self.calendar
        return calendar.is_absent(calendar.local_day(moment))
