"""What each lead is worth now (one narrow row), and how that changed (append-only)."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.lead_links import OnErase, OnMerge, lead_link
from leads.models import Lead
from scoring.choices import Phase, Temperature


@lead_link(merge=OnMerge.KEEP_FIRST, erase=OnErase.DELETE)
class LeadScore(models.Model):
    """A lead's conclusions as of the day they last changed; a row that would not change is not written.

    ``fit`` and ``engagement`` are thousandths, 0..100 000. Migration 0002 leaves room on each page, so that
    a nightly pass updates in place.
    """

    lead = models.OneToOneField(Lead, models.CASCADE, primary_key=True, related_name="score")
    fit = models.IntegerField(_("fit"))
    engagement = models.IntegerField(_("engagement"))
    priority = models.IntegerField(_("priority"))
    rules_version = models.IntegerField(_("version of the rules"))
    as_of = models.DateField(_("as of"))
    updated_at = models.DateTimeField(_("updated"))
    level = models.SmallIntegerField(_("level"))
    completeness = models.SmallIntegerField(_("completeness"))
    mql_gate = models.BooleanField()
    mql_keep = models.BooleanField()
    ready_gate = models.BooleanField()
    ready_keep = models.BooleanField()
    grade = models.CharField(_("grade"), max_length=1)
    phase = models.CharField(_("buying phase"), max_length=13, choices=Phase)
    temperature = models.CharField(_("temperature"), max_length=4, choices=Temperature)
    # The priority of who is hot, NULL for all others.
    hot_priority = models.GeneratedField(
        expression=models.Case(models.When(temperature="hot", then="priority")),
        output_field=models.IntegerField(null=True),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        indexes: ClassVar = [
            # The hot list and its count. On the priority itself it would keep every update from staying on
            # its page (HOT), and double its cost; this column changes for few.
            models.Index(
                name="score_hot",
                fields=["-hot_priority", "lead"],
                condition=models.Q(hot_priority__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id}: {self.grade}{self.level}"

    @property
    def shown_fit(self) -> int:
        """The fit in whole points, 0..100."""
        return self.fit // 1000

    @property
    def shown_engagement(self) -> int:
        """The engagement in whole points, 0..100."""
        return self.engagement // 1000


@lead_link(merge=OnMerge.MOVE, erase=OnErase.DELETE)
class ScoreChange(models.Model):
    """A score as it became, with its cause: an event, midnight, or newly published rules.

    Written when the whole points that people see, or a grade, level, phase, temperature or gate changed;
    not for every thousandth that decays overnight.
    """

    class Cause(models.TextChoices):
        """Why a score changed."""

        EVENT = "event", _("Event")
        MIDNIGHT = "midnight", _("Midnight")
        PUBLISH = "publish", _("New rules")

    # One index, and no constraint to check: a pass over all leads may write a row for each. Migration 0002
    # numbers the rows.
    pk = models.CompositePrimaryKey("lead_id", "id")
    id = models.BigIntegerField(editable=False)
    lead = models.ForeignKey(
        Lead, models.CASCADE, related_name="score_changes", db_index=False, db_constraint=False
    )
    at = models.DateTimeField()
    event_id = models.BigIntegerField(null=True)
    fit = models.IntegerField()
    engagement = models.IntegerField()
    rules_version = models.IntegerField()
    level = models.SmallIntegerField()
    grade = models.CharField(max_length=1)
    cause = models.CharField(max_length=8, choices=Cause)

    class Meta:
        verbose_name = _("score change")
        verbose_name_plural = _("score changes")
        triggers: ClassVar = [
            # Erasing a lead takes its history along; nobody rewrites it.
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id}: {self.grade}{self.level} ({self.cause})"
