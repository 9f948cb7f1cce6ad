"""Progressive profiling: of all a form would like to know, what it asks this time. Pure.

Somebody who comes back is asked what is still missing, a little at a time; what sales said is missing
comes first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol, TypeVar


class Askable(Protocol):
    """What the choice needs of a question. ``priority`` 0 is asked always, others in ascending order."""

    @property
    def code(self) -> str:
        """Where the answer goes."""

    @property
    def priority(self) -> int:
        """Its turn."""

    @property
    def position(self) -> int:
        """Its place on the form."""


Q = TypeVar("Q", bound=Askable)


def choose(
    questions: Iterable[Q], *, known: Collection[str], wanted: Sequence[str] = (), at_once: int
) -> list[Q]:
    """The questions to ask now, in the order of the form.

    ``known`` are targets whose value is known of this person, ``wanted`` those that sales misses (most
    wanted first). Those of priority 0 are always asked; of the others at most ``at_once``, none of them
    known, the wanted ones first, then by priority.
    """
    asked = list(questions)
    always = [question for question in asked if question.priority == 0]
    open_ones = [question for question in asked if question.priority > 0 and question.code not in known]
    turns = sorted(open_ones, key=lambda question: (*_turn(question, wanted), question.position))
    return sorted(always + turns[: max(at_once, 0)], key=lambda question: question.position)


def _turn(question: Askable, wanted: Sequence[str]) -> tuple[int, int]:
    """Wanted ones in the order in which they are wanted, then everything else by priority."""
    if question.code in wanted:
        return (0, wanted.index(question.code))
    return (1, question.priority)
