"""What has to be confirmed before an accepted lead is an opportunity, and what is known so far."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from funnel.checklist import Item, State
from funnel.choices import STATES, ItemKind
from leads.lead_links import OnErase, OnMerge, about_nobody, lead_link
from leads.models import Lead


@about_nobody
class ChecklistItem(models.Model):
    """A question to settle; a required one keeps the lead from SQL until it is confirmed."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    label_fr = models.CharField(_("label in French"), max_length=80)
    label_en = models.CharField(_("label in English"), max_length=80)
    help_fr = models.CharField(_("help in French"), max_length=200, blank=True)
    help_en = models.CharField(_("help in English"), max_length=200, blank=True)
    kind = models.CharField(_("answer"), max_length=8, choices=ItemKind, default=ItemKind.TEXT)
    # What may be chosen, in both languages in the same order; for choices only.
    options_fr = ArrayField(
        models.CharField(max_length=80), verbose_name=_("options in French"), default=list, blank=True
    )
    options_en = ArrayField(
        models.CharField(max_length=80, blank=True),
        verbose_name=_("options in English"),
        default=list,
        blank=True,
    )
    # Fields of the profile that say what may be assumed, the best first ("custom.…" for a site's own).
    sources = ArrayField(
        models.CharField(max_length=60), verbose_name=_("assumed from"), default=list, blank=True
    )
    is_required = models.BooleanField(_("required"), default=True)
    is_active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=100)

    class Meta:
        verbose_name = _("checklist item")
        verbose_name_plural = _("checklist items")
        ordering: ClassVar = ["position", "code"]
        constraints: ClassVar = [
            models.CheckConstraint(name="checklist_item_kind", condition=Q(kind__in=ItemKind.values)),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The label in the reader's language."""
        return self.label_en if _in_english() else self.label_fr

    @property
    def help(self) -> str:
        """What to find out, in the reader's language."""
        return self.help_en if _in_english() else self.help_fr

    @property
    def options(self) -> list[str]:
        """What may be chosen, in the reader's language."""
        pairs = zip(self.options_fr, [*self.options_en, *[""] * len(self.options_fr)], strict=False)
        return [(english if _in_english() else french) or french for french, english in pairs]

    def shown(self, value: str) -> str:
        """An answer in the reader's language: options are kept in French, the rest as it was said."""
        return self.options[self.options_fr.index(value)] if value in self.options_fr else value

    @property
    def item(self) -> Item:
        """The plain value that decides."""
        return Item(self.code, self.is_required)


def _in_english() -> bool:
    return (get_language() or "fr").startswith("en")


@lead_link(merge=OnMerge.MOVE, erase=OnErase.ANONYMISE, blank={"value": "–", "evidence": ""})
class ChecklistAnswer(models.Model):
    """What is known about one item of one lead in one cycle, on what evidence, from whom."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="checklist_answers")
    cycle = models.PositiveSmallIntegerField()
    item = models.ForeignKey(ChecklistItem, models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=9, choices=list(STATES.items()), default=State.UNKNOWN)
    value = models.CharField(_("value"), max_length=500, blank=True)
    evidence = models.CharField(_("evidence"), max_length=500, blank=True)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("checklist answer")
        verbose_name_plural = _("checklist answers")
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_answer", fields=["lead", "cycle", "item"]),
            models.CheckConstraint(name="answer_state", condition=Q(state__in=list(State))),
            models.CheckConstraint(name="answer_says_what", condition=Q(state="unknown") | ~Q(value="")),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id}/{self.item_id}: {self.state}"


@lead_link(merge=OnMerge.NOTHING, erase=OnErase.DELETE, key="answer__lead")
class AnswerVersion(models.Model):
    """An answer as it once stood: every one that was ever given, the present one too. Append-only."""

    answer = models.ForeignKey(ChecklistAnswer, models.CASCADE, related_name="versions")
    state = models.CharField(max_length=9, choices=list(STATES.items()))
    value = models.CharField(max_length=500, blank=True)
    evidence = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("earlier answer")
        verbose_name_plural = _("earlier answers")
        indexes: ClassVar = [models.Index(name="answer_versions", fields=["answer", "-id"])]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.answer_id}: {self.state}"


@lead_link(merge=OnMerge.MOVE, erase=OnErase.DELETE, key="person")
class NamedPerson(models.Model):
    """The person of the company whom an answer names, such as the decision-maker.

    Their name is read from their own profile: once they are erased, the answer keeps the role alone.
    """

    answer = models.OneToOneField(ChecklistAnswer, models.CASCADE, primary_key=True, related_name="named")
    person = models.ForeignKey(Lead, models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("person named")
        verbose_name_plural = _("persons named")

    def __str__(self) -> str:
        return f"{self.answer_id}: {self.person_id}"
