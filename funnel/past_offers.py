"""Rules measured against what sales decided: who would have been let through, and what was found then. Pure.

An offer counts by what its reason teaches: what is not the lead's fault (a project too far away, information
that was missing) says nothing about it and is left out, as is what nobody decided. Only who was offered was
judged, so nothing is known of those whom other rules would have let through besides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from scoring.statistics import Difference, Share, bootstrap, wilson

Bools = NDArray[np.bool_]


class Judgement(StrEnum):
    """What sales said of an offered lead."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXCUSED = "excused"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class PastOffer:
    """One offer that is over, and how far the lead came in that cycle."""

    offer_id: int
    lead_id: int
    at: datetime
    judgement: Judgement
    reason: str = ""
    is_sql: bool = False
    is_won: bool = False

    @property
    def counts(self) -> bool:
        """Whether it says something about the lead."""
        return self.judgement in (Judgement.ACCEPTED, Judgement.REFUSED)

    @property
    def is_accepted(self) -> bool:
        return self.judgement is Judgement.ACCEPTED


@dataclass(frozen=True, slots=True)
class Answer:
    """What rules would have said of the lead at the moment of its offer: ready or not, and its cell."""

    is_ready: bool
    cell: str


@dataclass(frozen=True, slots=True)
class Account:
    """One version's rules over all offers that count.

    ``precision``: accepted among those let through; ``recall``: let through among the accepted; ``won``: let
    through among the won; ``yields``: won among those let through. ``by_cell``: acceptance by cell.
    """

    let_through: int
    precision: Share
    recall: Share
    won: Share
    yields: Share
    by_cell: tuple[tuple[str, Share], ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """The offers that one version makes and the other does not, by what sales said of them."""

    total: int
    refused: int
    accepted: int
    qualified: int
    won: int
    share_refused: Share


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """One reason of refusal: how often it was given, and how often the draft would have spared it."""

    reason: str
    refused: int
    spared: Share


@dataclass(frozen=True, slots=True)
class Comparison:
    """The draft against the live rules, on the same past offers.

    ``precision_gain`` is the draft's precision less the live one's. ``left_out`` counts the offers that say
    nothing about their lead, by judgement.
    """

    offers: int
    left_out: tuple[tuple[str, int], ...]
    live: Account
    draft: Account
    held_back: Moved
    let_in: Moved
    precision_gain: Difference
    reasons: tuple[ReasonLine, ...]


def compare_answers(
    offers: Sequence[PastOffer], live: Sequence[Answer], draft: Sequence[Answer]
) -> Comparison:
    """The account of both versions; the answers are in the order of the offers. Raises ValueError when their
    numbers differ."""
    rows = [row for row in zip(offers, live, draft, strict=True) if row[0].counts]
    counted = [row[0] for row in rows]
    by_live = [row[1] for row in rows]
    by_draft = [row[2] for row in rows]
    held = [offer for offer, one, other in rows if one.is_ready and not other.is_ready]
    let_in = [offer for offer, one, other in rows if other.is_ready and not one.is_ready]
    return Comparison(
        offers=len(counted),
        left_out=tuple(sorted(Counter(str(one.judgement) for one in offers if not one.counts).items())),
        live=account(counted, by_live),
        draft=account(counted, by_draft),
        held_back=_moved(held),
        let_in=_moved(let_in),
        precision_gain=_gain(counted, by_live, by_draft),
        reasons=_reasons(counted, held),
    )


def account(offers: Sequence[PastOffer], answers: Sequence[Answer]) -> Account:
    """How one version's rules would have served, over offers that count."""
    through = [offer for offer, answer in zip(offers, answers, strict=True) if answer.is_ready]
    accepted = _number(through, lambda one: one.is_accepted)
    won = _number(through, lambda one: one.is_won)
    return Account(
        let_through=len(through),
        precision=wilson(accepted, len(through)),
        recall=wilson(accepted, _number(offers, lambda one: one.is_accepted)),
        won=wilson(won, _number(offers, lambda one: one.is_won)),
        yields=wilson(won, len(through)),
        by_cell=_by_cell(offers, answers),
    )


def _by_cell(offers: Sequence[PastOffer], answers: Sequence[Answer]) -> tuple[tuple[str, Share], ...]:
    all_of = Counter(answer.cell for answer in answers)
    accepted = Counter(
        answer.cell for offer, answer in zip(offers, answers, strict=True) if offer.is_accepted
    )
    return tuple((cell, wilson(accepted[cell], all_of[cell])) for cell in sorted(all_of))


def _moved(offers: Sequence[PastOffer]) -> Moved:
    refused = _number(offers, lambda one: not one.is_accepted)
    return Moved(
        total=len(offers),
        refused=refused,
        accepted=len(offers) - refused,
        qualified=_number(offers, lambda one: one.is_sql),
        won=_number(offers, lambda one: one.is_won),
        share_refused=wilson(refused, len(offers)),
    )


def _reasons(offers: Sequence[PastOffer], held: Sequence[PastOffer]) -> tuple[ReasonLine, ...]:
    """The most frequent first."""
    refused = Counter(one.reason for one in offers if not one.is_accepted)
    spared = Counter(one.reason for one in held if not one.is_accepted)
    return tuple(
        ReasonLine(reason, number, wilson(spared[reason], number))
        for reason, number in sorted(refused.items(), key=lambda item: (-item[1], item[0]))
    )


def _gain(offers: Sequence[PastOffer], live: Sequence[Answer], draft: Sequence[Answer]) -> Difference:
    """Drawn offer by offer: both versions are judged by the same draw."""
    accepted = np.array([one.is_accepted for one in offers], np.bool_)
    by_live = np.array([one.is_ready for one in live], np.bool_)
    by_draft = np.array([one.is_ready for one in draft], np.bool_)

    def measure(chosen: NDArray[np.int64]) -> float | None:
        before = _precision(accepted[chosen], by_live[chosen])
        after = _precision(accepted[chosen], by_draft[chosen])
        return None if before is None or after is None else after - before

    return bootstrap(len(offers), measure)


def _precision(accepted: Bools, through: Bools) -> float | None:
    number = int(through.sum())
    return float((accepted & through).sum()) / number if number else None


def _number(offers: Iterable[PastOffer], test: Callable[[PastOffer], bool]) -> int:
    return sum(1 for one in offers if test(one))
