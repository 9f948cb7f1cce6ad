"""What must be known before an accepted lead becomes an opportunity (SQL). Plain values only.

Shipped as the fifth article has them: budget, decision process and authority are required, need and
timing are optional; a site may change the list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    UNKNOWN = "unknown"
    ASSUMED = "assumed"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Item:
    code: str
    required: bool


SHIPPED = (
    Item("budget", required=True),
    Item("decision_process", required=True),
    Item("authority", required=True),
    Item("need", required=False),
    Item("timing", required=False),
)


@dataclass(frozen=True, slots=True)
class Gap:
    """A required item that keeps the lead from SQL, and how far it has come."""

    code: str
    state: State


@dataclass(frozen=True, slots=True)
class Progress:
    confirmed: int
    required: int
    gaps: tuple[Gap, ...]

    @property
    def holds(self) -> bool:
        return not self.gaps


def progress(items: Sequence[Item], answers: Mapping[str, State]) -> Progress:
    """How far the checklist is, in the order of `items`. An assumption is not a confirmation."""
    required = [item for item in items if item.required]
    states = [(item.code, answers.get(item.code, State.UNKNOWN)) for item in required]
    gaps = tuple(Gap(code, state) for code, state in states if state is not State.CONFIRMED)
    return Progress(len(required) - len(gaps), len(required), gaps)


def answer_refusal(state: State, value: str) -> str:
    """A code when the answer contradicts itself, or "": to assume or confirm, one says what."""
    return "value_required" if state is not State.UNKNOWN and not value.strip() else ""
