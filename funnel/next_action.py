"""What comes next for a lead in work: no SAL or SQL without something planned. Plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from funnel.stages import Stage

WORKED = (Stage.SAL, Stage.SQL)


@dataclass(frozen=True, slots=True)
class Planned:
    """Something that is to happen for a lead. ``what`` is the kind of task, or "meeting" for an invitation;
    ``number`` its row, ``title`` what somebody wrote."""

    lead_id: int
    what: str
    due_at: datetime
    title: str = ""
    number: int = 0
    is_first_contact: bool = False


def next_of(planned: Iterable[Planned]) -> Planned | None:
    """The one that is due first; of two at once the older."""
    return min(planned, key=lambda one: (one.due_at, one.number), default=None)


def is_missing(stage: str, planned: Iterable[Planned]) -> bool:
    """Whether somebody has to say what comes next: the lead is in work and nothing is planned."""
    return stage in WORKED and next_of(planned) is None
