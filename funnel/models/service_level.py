"""How soon who asks for something gets a first answer: what is promised, and each promise made."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from funnel.models.rep import Rep
from funnel.sla import Step
from leads.kinds import BY_CODE
from leads.lead_links import OnErase, OnMerge, about_nobody, lead_link
from leads.models import Lead

MOST_MINUTES = 60 * 40


@about_nobody
class ServiceLevel(models.Model):
    """What is promised: to who did something (the code of an event's kind), or reached a band (A1 … D4).

    ``minutes`` are working time of the rep (funnel/sla.py).
    """

    subject = models.CharField(_("for whom"), max_length=40, unique=True)
    minutes = models.PositiveSmallIntegerField(
        _("minutes to the first answer"), validators=[MinValueValidator(1), MaxValueValidator(MOST_MINUTES)]
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("service level")
        verbose_name_plural = _("service levels")
        ordering: ClassVar = ["minutes", "subject"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="service_level_minutes", condition=Q(minutes__range=(1, MOST_MINUTES))
            ),
        ]

    def __str__(self) -> str:
        return subject_label(self.subject)


def subject_label(subject: str) -> str:
    """What a promise is about, in the reader's language."""
    if subject in BY_CODE:
        return str(BY_CODE[subject].label)
    return str(_("Ready for sales in %(band)s") % {"band": subject})


@lead_link(merge=OnMerge.MOVE, erase=OnErase.DELETE)
class AnswerPromise(models.Model):
    """One lead that asked, and until when it is promised a first answer.

    ``rep``: by whose hours, None for the office's. ``step``: how far it was escalated. ``answered_at``: the
    first act towards the lead; ``ended_at``: when nothing is owed any more, answered or decided otherwise.
    """

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="answer_promises")
    cycle = models.PositiveSmallIntegerField()
    subject = models.CharField(max_length=40)
    asked_at = models.DateTimeField(_("asked"))
    minutes = models.PositiveSmallIntegerField()
    rep = models.ForeignKey(Rep, models.PROTECT, null=True, related_name="answer_promises")
    due_at = models.DateTimeField(_("answer before"))
    step = models.PositiveSmallIntegerField(default=Step.NOTHING.value)
    answered_at = models.DateTimeField(_("answered"), null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("promised answer")
        verbose_name_plural = _("promised answers")
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_promise", fields=["lead", "subject", "asked_at"]),
            models.CheckConstraint(name="promise_step", condition=Q(step__lte=Step.ESCALATED.value)),
            models.CheckConstraint(name="promise_due_later", condition=Q(due_at__gte=F("asked_at"))),
            models.CheckConstraint(
                name="promise_answered_ended", condition=Q(answered_at=None) | Q(ended_at__isnull=False)
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="promise_open", fields=["due_at"], condition=Q(ended_at=None)),
            models.Index(name="promise_asked", fields=["asked_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id}: {self.subject} by {self.due_at}"

    @property
    def label(self) -> str:
        """What it is about, in the reader's language."""
        return subject_label(self.subject)
