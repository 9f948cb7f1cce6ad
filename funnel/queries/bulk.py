"""Moves of many leads: what one would do, and what became of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Case, Count, Q, QuerySet, When

from accounts.models import User
from funnel.actions.moving import may_use
from funnel.models import BulkLine, BulkRun, Standing
from funnel.refusals import MESSAGES
from funnel.stages import TRANSITIONS, Position, Situation, Stage, Verb
from leads.models import Lead


@dataclass(frozen=True, slots=True)
class Plan:
    """What a move would do: how many leads, how many it would move, and by code why the others stay."""

    total: int
    moving: int
    staying: tuple[tuple[str, int], ...]


def plan_run(*, verb: Verb, leads: QuerySet[Lead], by: User) -> Plan:
    """Count what the move would do to these leads; one query, nothing is written."""
    mine = Q(lead__offered_to=by.pk) | Q(rep=by.pk) | Q(lead__owner=by.pk, stage__in=[Stage.SAL, Stage.SQL])
    rows = (
        Standing.objects.filter(lead__in=leads.order_by().values("pk"))
        .annotate(mine=Case(When(mine, then=True), default=False))
        .values_list("stage", "situation", "mine")
        .annotate(number=Count("pk"))
        .order_by()
    )
    counted: Counter[str] = Counter()
    for stage, situation, is_mine, number in rows:
        here = Position(Stage(stage), Situation(situation))
        counted[_refusal(verb, here, by, works_it=is_mine)] += number
    moving = counted.pop("", 0)
    return Plan(moving + counted.total(), moving, tuple(counted.most_common()))


def _refusal(verb: Verb, here: Position, by: User, *, works_it: bool) -> str:
    """Why a lead that stands here would stay, or ""."""
    row = TRANSITIONS[verb]
    if here in row.targets:
        return "already_there"
    if here not in row.sources:
        return row.refusal
    return "" if may_use(verb, here, by, works_it=works_it) else "not_yours"


@dataclass(frozen=True, slots=True)
class Line:
    """So many leads of a run stayed for one reason."""

    code: str
    number: int
    state: str

    @property
    def message(self) -> str:
        """The reason in words."""
        text = str(MESSAGES.get(self.code, self.code))
        return text.split(":", 1)[0].rstrip() if "%(" in text else text


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. ``staying``: why leads were left alone, or stay moved after the undo."""

    run: BulkRun
    counts: Counter[str]
    staying: tuple[Line, ...]

    @property
    def moved(self) -> int:
        """Moved at first, whatever became of them."""
        return sum(self.counts[state] for state in ("moved", "undone", "stayed"))

    @property
    def done(self) -> int:
        """Lines that need no more work in the present direction."""
        if self.run.state in (BulkRun.State.UNDOING, BulkRun.State.UNDONE):
            return self.counts["undone"] + self.counts["stayed"]
        return self.run.total - self.counts["waiting"]

    @property
    def to_do(self) -> int:
        """All lines of the present direction."""
        is_undoing = self.run.state in (BulkRun.State.UNDOING, BulkRun.State.UNDONE)
        return self.moved if is_undoing else self.run.total

    @property
    def can_be_undone(self) -> bool:
        """Whether there is anything to take back."""
        return self.run.state in (BulkRun.State.RUNNING, BulkRun.State.DONE) and self.moved > 0


def progress_of(run: BulkRun) -> Progress:
    """The lines of one run, counted; one query."""
    rows = run.lines.values_list("state", "code").annotate(number=Count("pk")).order_by()
    counts: Counter[str] = Counter()
    staying = []
    for state, code, number in rows:
        counts[state] += number
        if code:
            staying.append(Line(code, number, str(BulkLine.State(state).label)))
    staying.sort(key=lambda line: (-line.number, line.code))
    return Progress(run, counts, tuple(staying))


def runs() -> QuerySet[BulkRun]:
    """Every run, the newest first."""
    return BulkRun.objects.select_related("by", "reason", "undone_by").order_by("-pk")
