"""The next best question to a lead in work. Plain values only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from funnel.checklist import State


@dataclass(frozen=True, slots=True)
class Open:
    """An item of the checklist in its place of the list, and how far it is."""

    code: str
    required: bool
    state: State


_FIRST = {State.UNKNOWN: 0, State.ASSUMED: 1}


def next_question(items: Sequence[Open]) -> str:
    """The code of the item to ask about next; "" when all is confirmed.

    What keeps the lead from SQL comes first, what nobody knows before what is only assumed, then the order
    of the list.
    """
    waiting = [item for item in items if item.state is not State.CONFIRMED]
    best = min(waiting, key=lambda item: (not item.required, _FIRST[item.state]), default=None)
    return best.code if best else ""
