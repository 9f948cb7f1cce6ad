"""The board of sales: the best of each column, how many there are, and everybody's places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import rules
from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When, Window
from django.db.models.functions import RowNumber

from accounts.models import User
from funnel.board import Column, Pace, pace_of
from funnel.days import start_of_day, today
from funnel.models import Opportunity, StageSetting, Standing
from funnel.queries.capacity import Load, loads
from funnel.stages import Situation, Stage
from leads.models import Lead

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the board is narrowed to; empty for everything. ``band``: A1 … D4 or a whole row such as A."""

    rep: int | None = None
    band: str = ""
    channel: str = ""
    recycled: bool = False

    @property
    def is_any(self) -> bool:
        """Whether it is narrowed at all."""
        return bool(self.rep or self.band or self.channel)


@dataclass(frozen=True, slots=True)
class Card:
    """One lead on the board. ``amount``: what its opportunity is expected to bring, or brought."""

    standing: Standing
    days: int
    pace: Pace
    amount: Decimal | None

    @property
    def lead(self) -> Lead:
        """Whom it is about."""
        return self.standing.lead

    @property
    def holder(self) -> User | None:
        """Who has it: who works it, whom it is offered to, who won it."""
        if self.standing.rep:
            return self.standing.rep.user
        if self.standing.situation == Situation.OFFERED:
            return self.lead.offered_to
        return self.lead.owner if self.standing.stage == Stage.CUSTOMER else None


@dataclass(frozen=True, slots=True)
class Pile:
    """One column: its first cards, and how many leads stand there."""

    column: Column
    cards: tuple[Card, ...] = ()
    total: int = 0

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.total - len(self.cards)


@dataclass(frozen=True, slots=True)
class Board:
    """The columns, and the places of the reps that this user sees."""

    piles: tuple[Pile, ...]
    loads: Sequence[Load] = field(default_factory=tuple)


def on_board(user: User, *, now: datetime) -> QuerySet[Standing]:
    """The leads on the board of this user: all that sales have or won this month; a rep's are their own."""
    month = start_of_day(today(now).replace(day=1))
    found = Standing.objects.filter(
        Q(situation__in=[Situation.READY, Situation.OFFERED])
        | Q(stage__in=[Stage.SAL, Stage.SQL, Stage.RECYCLED])
        | Q(stage=Stage.CUSTOMER, since__gte=month),
        lead__merged_into=None,
        lead__erased_at=None,
    )
    if not rules.has_perm("funnel.manage_sales", user):
        found = found.filter(_held_by(user.pk)).exclude(stage=Stage.RECYCLED)
    return found


def _held_by(user_id: int) -> Q:
    offered = Q(situation=Situation.OFFERED, lead__offered_to=user_id)
    return Q(rep=user_id) | offered | Q(stage=Stage.CUSTOMER, lead__owner=user_id)


def board(user: User, narrowed: Narrowed, *, now: datetime) -> Board:
    """The board as this user sees it: five queries, however much there is on it."""
    found = _narrow(on_board(user, now=now), narrowed)
    rows = list(_best(found if narrowed.recycled else found.exclude(stage=Stage.RECYCLED)))
    norms = dict(StageSetting.objects.values_list("stage", "norm_days"))
    cards = [(row, _card(row, norms, now)) for row in rows]
    columns = _columns(user, narrowed)
    piles = tuple(
        Pile(
            column,
            tuple(card for row, card in cards if _annotated(row, "column") == column),
            next((_annotated(row, "total") for row in rows if _annotated(row, "column") == column), 0),
        )
        for column in columns
    )
    shown = [one for one in loads(now=now) if _may_see(user, one)]
    return Board(piles, shown)


def _annotated(row: Standing, name: str) -> Any:
    """What ``_best`` says of a row besides its fields."""
    return getattr(row, name)


def _columns(user: User, narrowed: Narrowed) -> list[Column]:
    """A rep's board has no waiting room; what was returned is folded away."""
    mine = [column for column in Column if column is not Column.RECYCLED or narrowed.recycled]
    if not rules.has_perm("funnel.manage_sales", user):
        mine.remove(Column.READY)
    return mine


def _may_see(user: User, load: Load) -> bool:
    return load.rep.pk == user.pk or bool(rules.has_perm("funnel.manage_sales", user))


def _narrow(found: QuerySet[Standing], to: Narrowed) -> QuerySet[Standing]:
    if to.rep:
        found = found.filter(_held_by(to.rep))
    if to.band:
        found = found.filter(lead__score__grade=to.band[0])
        found = found.filter(lead__score__level=int(to.band[1])) if to.band[1:] else found
    return found.filter(lead__channel=to.channel) if to.channel else found


_COLUMN = Case(
    When(situation=Situation.READY, then=Value(Column.READY.value)),
    When(situation=Situation.OFFERED, then=Value(Column.OFFERED.value)),
    When(stage=Stage.CUSTOMER, then=Value(Column.WON.value)),
    default=F("stage"),
)
_SEEN = ("rep__user", "lead__company", "lead__score", "lead__offered_to", "lead__owner")


def _best(found: QuerySet[Standing]) -> QuerySet[Standing]:
    """The first of each column, with the number of all; the best first, then who stands there longest."""
    order = (F("priority").desc(), F("since").asc(), F("lead").asc())
    opportunities = Opportunity.objects.filter(lead=OuterRef("lead"), cycle=OuterRef("cycle"))
    ranked = found.annotate(column=_COLUMN).annotate(
        place=Window(RowNumber(), partition_by="column", order_by=order),
        total=Window(Count("pk"), partition_by="column"),
    )
    return (
        ranked.filter(place__lte=SHOWN)
        .annotate(
            expected=Subquery(opportunities.values("expected_amount")[:1]),
            brought=Subquery(opportunities.values("amount")[:1]),
        )
        .select_related(*_SEEN)
        .order_by("column", "place")
    )


def _card(row: Standing, norms: Mapping[str, int | None], now: datetime) -> Card:
    days = (today(now) - today(row.since)).days
    amount = _annotated(row, "brought" if row.stage == Stage.CUSTOMER else "expected")
    pace = Pace.OK if row.stage == Stage.CUSTOMER else pace_of(days, norms.get(row.stage))
    return Card(row, days, pace, amount)
