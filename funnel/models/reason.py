"""Reasons are data: what people may say for a decision, and what follows from it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from funnel.choices import STAGES, VERBS, Teaches
from funnel.stages import Stage, Verb
from leads.lead_links import about_nobody


class ReasonQuerySet(models.QuerySet["Reason"]):
    def for_verb(self, *verbs: Verb) -> models.QuerySet[Reason]:
        """The reasons in use that may be given for one of ``verbs``, in their numbered order."""
        return self.filter(is_active=True, verbs__overlap=list(verbs)).order_by("position", "code")


@about_nobody
class Reason(models.Model):
    """A reason for a decision and its effects.

    ``lands_on`` decides where a lost or referred lead goes. The wake date of a recycled lead comes from
    the month when one is asked for, else from ``cooldown_days``. ``track_code`` names the nurturing track
    to enter.
    """

    code = models.SlugField(_("code"), max_length=40, unique=True)
    label_fr = models.CharField(_("label in French"), max_length=120)
    label_en = models.CharField(_("label in English"), max_length=120)
    verbs = ArrayField(
        models.CharField(max_length=12, choices=list(VERBS.items())), verbose_name=_("decisions")
    )
    teaches = models.CharField(_("what it teaches"), max_length=8, choices=Teaches)
    lands_on = models.CharField(
        _("where a lost lead goes"),
        max_length=12,
        choices=[(stage, STAGES[stage]) for stage in (Stage.RECYCLED, Stage.DISQUALIFIED)],
    )
    track_code = models.SlugField(_("track to enter"), max_length=60, blank=True)
    cooldown_days = models.PositiveSmallIntegerField(_("days before the gates open again"), default=30)
    needs_month = models.BooleanField(_("asks for a month"), default=False)
    needs_note = models.BooleanField(_("asks for a note"), default=False)
    needs_fields = models.BooleanField(_("asks which information is missing"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=100)
    is_active = models.BooleanField(_("in use"), default=True)

    objects: ClassVar = ReasonQuerySet.as_manager()

    class Meta:
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")
        ordering: ClassVar = ["position", "code"]
        constraints: ClassVar = [
            models.CheckConstraint(name="reason_cooldown", condition=Q(cooldown_days__gte=1)),
            models.CheckConstraint(
                name="reason_lands_on", condition=Q(lands_on__in=[Stage.RECYCLED, Stage.DISQUALIFIED])
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The label in the reader's language."""
        return self.label_en if (get_language() or "fr").startswith("en") else self.label_fr

    @property
    def shuts_gates(self) -> bool:
        """Whether a lead that is given it comes up again only after ``cooldown_days``."""
        downs = {Verb.RETURN, Verb.LOSE, Verb.COOL, Verb.UNREADY}
        return bool(downs & set(self.verbs)) and not self.needs_month

    @property
    def asks_more(self) -> bool:
        """Whether choosing it is not enough: a month, a note or the missing information is needed."""
        return self.needs_month or self.needs_note or self.needs_fields
