"""What has to be confirmed before an accepted lead is an opportunity, and what is known so far."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from funnel.checklist import Item, State
from funnel.choices import STATES
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
    is_required = models.BooleanField(_("required"), default=True)
    is_active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=100)

    class Meta:
        verbose_name = _("checklist item")
        verbose_name_plural = _("checklist items")
        ordering: ClassVar = ["position", "code"]

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
