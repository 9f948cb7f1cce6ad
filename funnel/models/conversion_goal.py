"""Which events make somebody a customer without a rep."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from funnel.goals import Goal
from leads.lead_links import about_nobody
from leads.models import EventKind


@about_nobody
class ConversionGoal(models.Model):
    """An event of this kind converts: any, or one whose property says so, or one of at least an amount."""

    kind = models.ForeignKey(EventKind, models.PROTECT, verbose_name=_("event"), related_name="+")
    only_property = models.CharField(_("only when this property"), max_length=60, blank=True)
    only_value = models.CharField(_("has this value"), max_length=120, blank=True)
    least_amount = models.DecimalField(
        _("only from this amount (€)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("conversion goal")
        verbose_name_plural = _("conversion goals")
        ordering: ClassVar = ["kind", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="goal_condition",
                condition=Q(only_property="", only_value="") | (~Q(only_property="") & ~Q(only_value="")),
            ),
            models.CheckConstraint(
                name="goal_amount", condition=Q(least_amount=None) | Q(least_amount__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return str(self.kind)

    @property
    def goal(self) -> Goal:
        """The plain value that decides."""
        return Goal(self.kind_id, self.only_property, self.only_value, self.least_amount)
