"""What each desk takes, and what the allocation decided."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from funnel.choices import RuleKind
from funnel.models.rep import Rep
from leads.lead_links import OnErase, OnMerge, about_nobody, lead_link
from leads.models import Lead

MOST_VALUES = 500
KEPT_DAYS = 90


@about_nobody
class AllocationRule(models.Model):
    """What one desk takes of one kind: these departments, these sectors … (funnel/matching.py).

    A desk without a rule of a kind takes everything of that kind. ``takes_unknown``: whether it also takes
    leads of which nobody knows where they are, what they do …
    """

    rep = models.ForeignKey(Rep, models.CASCADE, related_name="rules")
    kind = models.CharField(_("kind"), max_length=10, choices=RuleKind)
    values = ArrayField(models.CharField(max_length=60), verbose_name=_("values"), size=MOST_VALUES)
    takes_unknown = models.BooleanField(_("also where it is not known"), default=True)

    class Meta:
        verbose_name = _("allocation rule")
        verbose_name_plural = _("allocation rules")
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_rule_a_kind", fields=["rep", "kind"]),
            models.CheckConstraint(name="allocation_rule_kind", condition=Q(kind__in=RuleKind.values)),
            models.CheckConstraint(name="allocation_rule_values", condition=Q(values__len__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.rep_id} {self.kind}: {', '.join(self.values)}"


@lead_link(merge=OnMerge.MOVE, erase=OnErase.DELETE)
class AllocationDecision(models.Model):
    """One run's answer for one lead: to whom by what rule, or to nobody; and why not to the others.

    Written for each offer made, and for a lead that nobody may take whenever the reasons are others than
    the last time. Kept 90 days.
    """

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="allocation_decisions")
    at = models.DateTimeField(_("when"))
    cycle = models.PositiveSmallIntegerField()
    rep = models.ForeignKey(Rep, models.CASCADE, null=True, related_name="+")
    rule = models.CharField(_("rule"), max_length=16, blank=True)
    # {why not: [reps]}
    why_not = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("allocation decision")
        verbose_name_plural = _("allocation decisions")
        indexes: ClassVar = [
            models.Index(name="allocation_of_lead", fields=["lead", "-id"]),
            models.Index(name="allocation_newest", fields=["-at", "-id"]),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="allocation_has_rule",
                condition=Q(rep=None, rule="") | (Q(rep__isnull=False) & ~Q(rule="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id} → {self.rep_id or 'nobody'}"
