"""The board of sales: its columns, and whether a lead has stood in one for too long (pure)."""

from __future__ import annotations

from enum import StrEnum

from funnel.stages import Position, Situation, Stage


class Column(StrEnum):
    """One column, from left to right."""

    READY = "ready"
    OFFERED = "offered"
    SAL = "sal"
    SQL = "sql"
    WON = "won"
    RECYCLED = "recycled"


_OF_STAGE = {
    Stage.SAL: Column.SAL,
    Stage.SQL: Column.SQL,
    Stage.CUSTOMER: Column.WON,
    Stage.RECYCLED: Column.RECYCLED,
}
_OF_SITUATION = {Situation.READY: Column.READY, Situation.OFFERED: Column.OFFERED}
TARGET = {
    Column.READY: Stage.MQL,
    Column.OFFERED: Stage.MQL,
    Column.SAL: Stage.SAL,
    Column.SQL: Stage.SQL,
    Column.WON: Stage.CUSTOMER,
    Column.RECYCLED: Stage.RECYCLED,
}


def column_of(position: Position) -> Column | None:
    """Where a lead hangs on the board; None for one that does not."""
    return _OF_SITUATION.get(position.situation) or _OF_STAGE.get(position.stage)


class Pace(StrEnum):
    """How long a lead stands in a stage, against what is usual there."""

    OK = "ok"
    OVER = "over"
    LONG = "long"


def pace_of(days: int, norm: int | None) -> Pace:
    """Over the norm, or over twice the norm; without a norm no stay is too long."""
    if norm is None or days <= norm:
        return Pace.OK
    return Pace.LONG if days > 2 * norm else Pace.OVER
