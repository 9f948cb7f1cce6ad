"""What the lock is set to, and each time the threshold moved: when, from where, to where, why."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from funnel.lock import HIGHEST, LOWEST, Costs, Limits
from leads.lead_links import about_nobody

MOST_MONEY = Decimal(10_000)
MOST_HOURS = Decimal(1_000)
MOST_MARGIN = 50


def _money(
    label: object, default: str, most: Decimal, places: int = 2
) -> models.DecimalField[Decimal, Decimal]:
    return models.DecimalField(
        label,  # type: ignore[arg-type]
        max_digits=10,
        decimal_places=places,
        default=Decimal(default),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(most)],
    )


def _points(
    label: object, default: int, least: int = LOWEST, most: int = HIGHEST
) -> models.SmallIntegerField[int, int]:
    limits = [MinValueValidator(least), MaxValueValidator(most)]
    return models.SmallIntegerField(label, default=default, validators=limits)  # type: ignore[arg-type]


@about_nobody
class CapacitySettings(models.Model):
    """One row for the site: what work costs, and within what the threshold may move by itself.

    Money is in euros. The defaults are round figures to begin with, not measured anywhere: ``source`` says
    where the site's own come from.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    rep_hour_cost = _money(_("An hour of a rep, in euros"), "45.00", MOST_MONEY)
    hours_per_lead = _money(_("Hours of a rep for a lead handed over"), "2.00", MOST_HOURS)
    message_cost = _money(_("A message of nurturing, in euros"), "0.0500", MOST_MONEY, places=4)
    messages_a_week = _money(_("Messages a week to a lead that is nurtured"), "1.00", MOST_HOURS)
    source = models.CharField(_("Where these figures come from"), max_length=300, blank=True)
    is_automatic = models.BooleanField(_("Let the threshold follow the free places"), default=False)
    lowest = _points(_("Never below"), LOWEST)
    highest = _points(_("Never above"), 80)
    step = _points(_("At most so many points a day"), 10, least=1)
    margin = _points(
        _("Leave it within this margin around the free places, in percent"), 10, most=MOST_MARGIN
    )

    class Meta:
        verbose_name = _("capacity settings")
        verbose_name_plural = _("capacity settings")
        constraints: ClassVar = [
            models.CheckConstraint(name="one_capacity_settings", condition=Q(pk=1)),
            models.CheckConstraint(
                name="capacity_settings_bounds",
                condition=Q(lowest__gte=LOWEST, highest__lte=HIGHEST, lowest__lte=F("highest"))
                & Q(step__range=(1, HIGHEST), margin__range=(0, MOST_MARGIN)),
            ),
            models.CheckConstraint(
                name="capacity_settings_money",
                condition=Q(rep_hour_cost__gte=0, hours_per_lead__gte=0)
                & Q(message_cost__gte=0, messages_a_week__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @property
    def costs(self) -> Costs:
        """The money, as the lock reckons with it."""
        return Costs(
            rep_hour=float(self.rep_hour_cost),
            hours_per_lead=float(self.hours_per_lead),
            message=float(self.message_cost),
            messages_a_week=float(self.messages_a_week),
        )

    def limits_above(self, none: int) -> Limits:
        """Within what the threshold moves by itself, where all up to ``none`` are no threshold at all."""
        lowest = max(self.lowest, none)
        return Limits(lowest, max(self.highest, lowest), self.step, self.margin / 100)


@about_nobody
class ThresholdChange(models.Model):
    """One time the lock moved the threshold by itself; what was expected, and what was free, are why."""

    at = models.DateTimeField(_("when"))
    # The day of the site, so that the database itself allows one change a day.
    day = models.DateField(_("day"), unique=True)
    before = _points(_("from"), LOWEST)
    after = _points(_("to"), LOWEST)
    expected_before = models.FloatField(_("expected at the former threshold"))
    expected_after = models.FloatField(_("expected at the new one"))
    free = models.FloatField(_("free places"))
    rules_version = models.PositiveIntegerField(_("version of the rules"))

    class Meta:
        verbose_name = _("change of the threshold")
        verbose_name_plural = _("changes of the threshold")
        ordering: ClassVar = ["-day"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="threshold_change_bounds",
                condition=Q(before__range=(LOWEST, HIGHEST), after__range=(LOWEST, HIGHEST))
                & ~Q(before=F("after")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}: {self.before} → {self.after}"
