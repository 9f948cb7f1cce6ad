"""Passages: how each lead came to stand where it stands. Append-only."""

from __future__ import annotations

from typing import ClassVar, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from funnel.choices import SITUATIONS, STAGES, VERBS, Outcome
from funnel.models.reason import Reason
from funnel.stages import Verb
from leads.lead_links import OnErase, OnMerge, lead_link
from leads.models import Lead


class PassageQuerySet(models.QuerySet["Passage"]):
    """Filters that know what counts."""

    def lasting(self) -> Self:
        """Those that nobody took back: what figures count. Neither what was undone nor the undoing."""
        undone = Passage.objects.filter(verb=Verb.UNDO, undoes=OuterRef("pk"))
        return self.exclude(verb=Verb.UNDO).exclude(Exists(undone))


@lead_link(merge=OnMerge.MOVE, erase=OnErase.ANONYMISE, blank={"note": "", "details": {}, "before": None})
class Passage(models.Model):
    """One passage: from, to, when, who or what, why, and the scores and rules at that instant.

    ``from_stage`` is empty for the entry into the funnel. ``cause`` names what set off an automatic one.
    Imported history is marked and kept out of time-in-stage. ``before``, of a person's passage: all that it
    changed, as it was, so that it can be undone. ``undoes``: the passage that this one took back.
    """

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="passages")
    verb = models.CharField(_("decision"), max_length=12, choices=list(VERBS.items()))
    from_stage = models.CharField(_("from"), max_length=12, choices=list(STAGES.items()), blank=True)
    to_stage = models.CharField(_("to"), max_length=12, choices=list(STAGES.items()))
    from_situation = models.CharField(max_length=9, choices=list(SITUATIONS.items()), blank=True)
    to_situation = models.CharField(max_length=9, choices=list(SITUATIONS.items()), blank=True)
    at = models.DateTimeField(_("when"))
    cycle = models.PositiveSmallIntegerField(_("cycle"))
    cause = models.CharField(_("cause"), max_length=60, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(_("who"), max_length=200, blank=True)
    reason = models.ForeignKey(Reason, models.PROTECT, null=True, related_name="+", db_index=False)
    note = models.TextField(_("note"), blank=True)
    details = models.JSONField(default=dict)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome, blank=True)
    is_imported = models.BooleanField(_("imported"), default=False)
    fit = models.IntegerField(null=True)
    engagement = models.IntegerField(null=True)
    grade = models.CharField(max_length=1, blank=True)
    level = models.SmallIntegerField(null=True)
    rules_version = models.IntegerField(null=True)
    before = models.JSONField(null=True, editable=False)
    undoes = models.OneToOneField(
        "self", models.RESTRICT, null=True, editable=False, related_name="undone_by"
    )
    # Whose history it was before that lead was merged into this one: a branch of its own.
    merged_from = models.BigIntegerField(null=True, editable=False)

    objects: ClassVar = PassageQuerySet.as_manager()

    class Meta:
        verbose_name = _("passage")
        verbose_name_plural = _("passages")
        indexes: ClassVar = [
            models.Index(name="passage_of_lead", fields=["lead", "id"]),
            models.Index(name="passage_arrivals", fields=["to_stage", "at"]),
            models.Index(name="passage_verbs", fields=["verb", "at"]),
            models.Index(name="passage_reasons", fields=["reason", "at"], condition=~Q(reason=None)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="passage_undoes",
                condition=Q(verb=Verb.UNDO, undoes__isnull=False) | (~Q(verb=Verb.UNDO) & Q(undoes=None)),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.lead_id}: {self.from_stage or '–'} → {self.to_stage} ({self.verb})"
