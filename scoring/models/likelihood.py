"""Learned likelihoods: the models by version, what each says of each lead, and how the rules are doing."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.lead_links import OnErase, OnMerge, about_nobody, lead_link
from leads.models import Lead
from scoring.likelihood.entitlement import Rung, Why


@about_nobody
class LikelihoodModel(models.Model):
    """One training: what was learned, how the exam went, and whether it may be shown. One is current.

    ``card`` holds the exam and what the page draws; ``recipe`` the regression in plain values
    (scoring/likelihood/recipe.py); ``trees`` the challenger by skops, where it was kept.
    """

    class Status(models.TextChoices):
        """How far it has come; a model that a newer one replaced is retired."""

        RULES = Rung.RULES, _("Rules only")
        SHADOW = Rung.SHADOW, _("In the shadow")
        SHOWN = Rung.SHOWN, _("Shown")
        RETIRED = "retired", _("Retired")

    version = models.PositiveIntegerField(_("version"), unique=True)
    status = models.CharField(_("status"), max_length=7, choices=Status)
    why = models.CharField(max_length=16, choices=[(one.value, one.value) for one in Why])
    learner = models.CharField(max_length=24, blank=True)
    trained_at = models.DateTimeField(_("trained"))
    card = models.JSONField(default=dict)
    recipe = models.JSONField(null=True)
    trees = models.BinaryField(null=True)
    checked_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)
    scored_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("likelihood model")
        verbose_name_plural = _("likelihood models")
        ordering: ClassVar = ["-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                models.Value(1), name="one_current_likelihood", condition=~Q(status="retired")
            ),
            models.CheckConstraint(
                name="likelihood_has_recipe", condition=~Q(status="shown") | Q(recipe__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.version} ({self.status})"


@lead_link(merge=OnMerge.KEEP_FIRST, erase=OnErase.DELETE)
class LeadLikelihood(models.Model):
    """What the model of ``version`` says of a lead, in thousandths, as of a day."""

    lead = models.OneToOneField(Lead, models.CASCADE, primary_key=True, related_name="likelihood")
    permille = models.SmallIntegerField(_("likelihood"))
    version = models.IntegerField()
    as_of = models.DateField(_("as of"))

    class Meta:
        verbose_name = _("likelihood")
        verbose_name_plural = _("likelihoods")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="likelihood_permille", condition=Q(permille__gte=0, permille__lte=1000)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id}: {self.permille} ‰"


@about_nobody
class ScoreHealth(models.Model):
    """One night's count over everybody: shares and acceptance by band, and how often each rule fires."""

    day = models.DateField(_("day"), unique=True)
    made_at = models.DateTimeField(_("counted"))
    rules_version = models.IntegerField(_("version of the rules"))
    leads = models.IntegerField(_("leads"))
    # {"bands": {"A1": leads}, "rules": [{"code", "name", "fires"}], "acceptance": …} (scoring/health.py)
    counts = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("score health")
        verbose_name_plural = _("score health")
        ordering: ClassVar = ["-day"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}: {self.leads}"
