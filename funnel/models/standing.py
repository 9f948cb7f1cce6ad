"""Where each lead stands now: one narrow row a lead, and the running count of each stage."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from funnel.choices import SITUATIONS, STAGES
from funnel.models.rep import Rep
from funnel.stages import Position, Situation, Stage, Stand
from leads.lead_links import OnErase, OnMerge, about_nobody, lead_link
from leads.models import Lead

# Counts come as differences, so that no two transactions ever wait for one counter row.
_COUNT_CHANGES = """
    INSERT INTO funnel_stagetally (stage, situation, delta)
    SELECT stage, situation, sum(one) FROM ({rows}) AS changed
    GROUP BY stage, situation HAVING sum(one) <> 0;
    RETURN NULL;
"""
_NEW = "SELECT stage, situation, 1 AS one FROM new_rows"
_OLD = "SELECT stage, situation, -1 AS one FROM old_rows"


def _counting(name: str, operation: pgtrigger.Operation, rows: str, **tables: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(**tables),  # type: ignore[no-untyped-call]
        func=_COUNT_CHANGES.format(rows=rows),
    )


@lead_link(
    merge=OnMerge.COMBINE,
    erase=OnErase.DELETE,
    combine="funnel.actions.merging.join_standings",
    part="funnel.actions.merging.require_places",
)
class Standing(models.Model):
    """Where one lead stands. Written only together with its passage (funnel/actions/passages.py)."""

    lead = models.OneToOneField(Lead, models.CASCADE, primary_key=True, related_name="standing")
    stage = models.CharField(_("stage"), max_length=12, choices=list(STAGES.items()))
    situation = models.CharField(_("situation"), max_length=9, choices=list(SITUATIONS.items()), blank=True)
    cycle = models.PositiveSmallIntegerField(_("cycle"), default=1)
    since = models.DateTimeField(_("since"))
    ready_since = models.DateTimeField(_("ready since"), null=True)
    # Who works it: set exactly while it is a SAL or an SQL. Lead.owner outlives the win.
    rep = models.ForeignKey(Rep, models.PROTECT, null=True, related_name="standings")
    wake_on = models.DateField(_("wakes on"), null=True)
    gates_shut_until = models.DateField(_("gates shut until"), null=True)
    is_pinned = models.BooleanField(default=False)
    up_on = models.DateField(null=True)
    down_on = models.DateField(null=True)
    ready_on = models.DateField(null=True)
    unready_on = models.DateField(null=True)
    priority = models.IntegerField(_("priority"), default=0)

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        indexes: ClassVar = [
            # The top of a stage by priority; the waiting room; the places of a rep.
            models.Index(name="standing_top", fields=["stage", "-priority", "lead"]),
            models.Index(
                name="standing_waiting",
                fields=["-priority", "ready_since", "lead"],
                condition=Q(situation=Situation.READY),
            ),
            models.Index(name="standing_rep", fields=["rep", "stage"], condition=~Q(rep=None)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="standing_stage", condition=Q(stage__in=list(Stage))),
            models.CheckConstraint(
                name="standing_situation",
                condition=Q(stage=Stage.MQL, situation__in=["marketing", "ready", "offered"])
                | (~Q(stage=Stage.MQL) & Q(situation="")),
            ),
            models.CheckConstraint(
                name="standing_rep_works_it",
                condition=Q(stage__in=[Stage.SAL, Stage.SQL], rep__isnull=False)
                | (~Q(stage__in=[Stage.SAL, Stage.SQL]) & Q(rep=None)),
            ),
            models.CheckConstraint(
                name="standing_recycled_wakes",
                condition=~Q(stage=Stage.RECYCLED) | Q(wake_on__isnull=False),
            ),
            models.CheckConstraint(name="standing_cycle", condition=Q(cycle__gte=1)),
        ]
        triggers: ClassVar = [
            _counting("count_insert", pgtrigger.Insert, _NEW, new="new_rows"),
            _counting("count_delete", pgtrigger.Delete, _OLD, old="old_rows"),
            _counting(
                "count_update", pgtrigger.Update, f"{_NEW} UNION ALL {_OLD}", new="new_rows", old="old_rows"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id}: {self.stage} {self.situation}".strip()

    @cached_property
    def changed(self) -> dict[str, object]:
        """What a decision changes besides the standing, as it was before: kept by its passage, for undo."""
        return {}

    @property
    def position(self) -> Position:
        """Stage and situation as one value."""
        return Position(Stage(self.stage), Situation(self.situation))

    @property
    def label(self) -> str:
        """Where it stands in the words of the people who use it: an offered lead is a SAL to decide."""
        return str(SITUATIONS[self.situation] if self.situation == Situation.OFFERED else STAGES[self.stage])

    def stand(self, *, is_reachable: bool) -> Stand:
        """What the automatic moves need to know."""
        return Stand(
            position=self.position,
            reachable=is_reachable,
            pinned=self.is_pinned,
            wake_on=self.wake_on,
            gates_shut_until=self.gates_shut_until,
            up_on=self.up_on,
            down_on=self.down_on,
            ready_on=self.ready_on,
            unready_on=self.unready_on,
        )


@about_nobody
class StageTally(models.Model):
    """A difference in the number of leads of a stage and situation; their sum is the count."""

    stage = models.CharField(max_length=12)
    situation = models.CharField(max_length=9)
    delta = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.stage} {self.situation} {self.delta:+}"
