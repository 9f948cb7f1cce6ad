"""How long sales have for what, and after how many reps a lead goes to the manager: one row for the site."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.lead_links import about_nobody

MOST_HOURS = 200
MOST_MINUTES = 480
MOST_REPS = 20


def _hours(label: Any, hours: int, least: int = 1) -> models.PositiveSmallIntegerField[Any, Any]:
    limits = [MinValueValidator(least), MaxValueValidator(MOST_HOURS)]
    return models.PositiveSmallIntegerField(label, default=hours, validators=limits)


@about_nobody
class SalesPolicy(models.Model):
    """Hours and minutes are working time of the rep concerned (funnel/deadlines.py)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    decide_hours = _hours(_("Hours to decide on an offer"), 8)
    research_hours = _hours(_("Hours more to find out what is missing, once"), 8)
    first_contact_hours = _hours(_("Hours from acceptance to the first contact"), 4)
    reminder_hours = _hours(_("Hours before the deadline for the reminder (0: none)"), 2, least=0)
    take_back_minutes = models.PositiveSmallIntegerField(
        _("Minutes to take back an offer that was passed on or not decided in time (0: never)"),
        default=60,
        validators=[MaxValueValidator(MOST_MINUTES)],
    )
    reps_before_manager = models.PositiveSmallIntegerField(
        _("Reps who may let a lead pass before it goes to the manager"),
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_REPS)],
    )

    class Meta:
        verbose_name = _("sales policy")
        verbose_name_plural = _("sales policy")
        constraints: ClassVar = [
            models.CheckConstraint(name="one_sales_policy", condition=Q(pk=1)),
            models.CheckConstraint(
                name="sales_policy_positive",
                condition=Q(decide_hours__range=(1, MOST_HOURS))
                & Q(research_hours__range=(1, MOST_HOURS))
                & Q(first_contact_hours__range=(1, MOST_HOURS))
                & Q(reminder_hours__range=(0, MOST_HOURS))
                & Q(take_back_minutes__range=(0, MOST_MINUTES))
                & Q(reps_before_manager__range=(1, MOST_REPS)),
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @property
    def decide(self) -> timedelta:
        return timedelta(hours=self.decide_hours)

    @property
    def research(self) -> timedelta:
        return timedelta(hours=self.research_hours)

    @property
    def first_contact(self) -> timedelta:
        return timedelta(hours=self.first_contact_hours)

    @property
    def reminder(self) -> timedelta:
        return timedelta(hours=self.reminder_hours)

    @property
    def take_back(self) -> timedelta:
        return timedelta(minutes=self.take_back_minutes)
