"""Daily work on a lead: calls, tasks and notes."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from funnel.choices import CALL_BASES, CALL_OUTCOMES, DIRECTIONS, TASK_KINDS
from funnel.work import EVIDENCE_LIMIT, LONGEST_CALL_MINUTES, TITLE_LIMIT, CallOutcome, Direction, TaskKind
from leads.lead_links import OnErase, OnMerge, lead_link
from leads.models import Lead


@lead_link(merge=OnMerge.MOVE, erase=OnErase.ANONYMISE, blank={"note": "", "evidence": ""})
class Call(models.Model):
    """One call that somebody made or took, how it ended, and on what ground it was allowed.

    ``key`` names the form it was typed into: sent twice, it is one call.
    """

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="calls")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    direction = models.CharField(_("direction"), max_length=3, choices=list(DIRECTIONS.items()))
    outcome = models.CharField(_("outcome"), max_length=12, choices=list(CALL_OUTCOMES.items()))
    at = models.DateTimeField(_("when"))
    logged_at = models.DateTimeField(_("logged"))
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=0)
    note = models.TextField(_("note"), blank=True)
    basis = models.CharField(_("ground"), max_length=12, choices=list(CALL_BASES.items()))
    # What proves the ground: the number of the contract, the row of the consent ledger.
    evidence = models.CharField(_("evidence"), max_length=EVIDENCE_LIMIT, blank=True)

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        indexes: ClassVar = [models.Index(name="call_of_lead", fields=["lead", "-at"])]
        constraints: ClassVar = [
            models.CheckConstraint(name="call_outcome", condition=Q(outcome__in=list(CallOutcome))),
            models.CheckConstraint(name="call_direction", condition=Q(direction__in=list(Direction))),
            models.CheckConstraint(name="call_minutes", condition=Q(minutes__lte=LONGEST_CALL_MINUTES)),
            models.CheckConstraint(name="call_logged_later", condition=Q(logged_at__gte=F("at"))),
            models.CheckConstraint(name="call_inbound", condition=Q(direction="out") ^ Q(basis="inbound")),
        ]

    def __str__(self) -> str:
        return f"call {self.pk}: {self.outcome}"


@lead_link(merge=OnMerge.MOVE, erase=OnErase.ANONYMISE, blank={"title": ""})
class Task(models.Model):
    """Something to do for a lead by a time.

    Without an ``assignee`` it belongs to whoever works the lead, and goes along when the lead changes hands.
    It counts for as long as its cycle with sales lasts (funnel.queries.work.live): when the lead leaves
    sales nothing has to be tidied up, and when that is undone nothing is lost.
    """

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="tasks")
    cycle = models.PositiveSmallIntegerField()
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=list(TASK_KINDS.items()))
    title = models.CharField(_("what to do"), max_length=TITLE_LIMIT, blank=True)
    # The one that comes with accepting: one a cycle.
    is_first_contact = models.BooleanField(default=False, editable=False)
    due_at = models.DateTimeField(_("due"))
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    # [{"at": when, "by": user, "from": due before, "to": due after}, …], the oldest first.
    postponements = models.JSONField(default=list, blank=True)
    reminded_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        indexes: ClassVar = [
            models.Index(name="task_of_lead", fields=["lead", "due_at"], condition=Q(done_at=None)),
            models.Index(name="task_of_assignee", fields=["assignee", "due_at"], condition=Q(done_at=None)),
            models.Index(
                name="task_to_remind", fields=["due_at"], condition=Q(done_at=None, reminded_at=None)
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="task_kind", condition=Q(kind__in=list(TaskKind))),
            models.UniqueConstraint(
                name="one_first_contact", fields=["lead", "cycle"], condition=Q(is_first_contact=True)
            ),
        ]

    def __str__(self) -> str:
        return f"task {self.pk}: {self.kind}"


@lead_link(merge=OnMerge.MOVE, erase=OnErase.ANONYMISE, blank={"text": ""})
class Note(models.Model):
    """What somebody wrote down about a lead. Who deletes it leaves a trace: who, and when."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="notes")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("when"))
    text = models.TextField(_("note"), blank=True)
    edited_at = models.DateTimeField(null=True, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    deleted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    # The colleagues who were told of it, by id.
    mentioned = ArrayField(models.BigIntegerField(), default=list, blank=True)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        indexes: ClassVar = [models.Index(name="note_of_lead", fields=["lead", "-at"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="note_deleted", condition=Q(deleted_at=None) | Q(text="", deleted_by__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"note {self.pk}"
