"""What refused leads have in common that accepted ones have not: single traits, counted. Pure.

Nothing here knows who a lead is: a trait is one answer that rules may ask for, only considered when it
was there for ``SUPPORT`` refused leads or more. What is found is a question, not an answer: whoever proposes
it replays it first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from funnel.past_offers import PastOffer
from scoring.statistics import Share, wilson

SUPPORT = 10
MOST_TRAITS = 2_000
Trait = Any  # hashable: what it is does not matter here


@dataclass(frozen=True, slots=True)
class Pattern:
    """A trait with what sales said of the leads that had it when they were offered."""

    trait: Trait
    refused: int
    accepted: int
    won: int
    share: Share


def patterns(offers: Sequence[PastOffer], traits: Sequence[frozenset[Trait]], *, most: int) -> list[Pattern]:
    """The traits whose leads were refused more often than the others beyond chance, the most telling first.

    ``traits`` are in the order of the offers; offers that say nothing about their lead are left out. Beyond
    chance: the lower bound of the share of refusals lies above the share of all. Raises ValueError when the
    numbers differ.
    """
    rows = [(one, has) for one, has in zip(offers, traits, strict=True) if one.counts]
    refused = _count(has for one, has in rows if not one.is_accepted)
    accepted = _count(has for one, has in rows if one.is_accepted)
    won = _count(has for one, has in rows if one.is_won)
    overall = wilson(sum(not one.is_accepted for one, _ in rows), len(rows)).value or 0.0
    considered = [trait for trait, number in refused.most_common(MOST_TRAITS) if number >= SUPPORT]
    found = [
        Pattern(
            trait,
            refused[trait],
            accepted[trait],
            won[trait],
            wilson(refused[trait], refused[trait] + accepted[trait]),
        )
        for trait in considered
    ]
    telling = [one for one in found if one.share.low > overall]
    ordered = sorted(telling, key=lambda one: (-_worth(one, overall), repr(one.trait)))
    return _distinct(ordered, [has for _one, has in rows])[:most]


def _distinct(found: Sequence[Pattern], traits: Sequence[frozenset[Trait]]) -> list[Pattern]:
    """One of each that pick out the very same leads."""
    by_leads: dict[tuple[int, ...], Pattern] = {}
    for one in found:
        leads = tuple(place for place, has in enumerate(traits) if one.trait in has)
        by_leads.setdefault(leads, one)
    return list(by_leads.values())


def _worth(one: Pattern, overall: float) -> float:
    """Refusals spared beyond what as many leads at random would spare."""
    return one.refused - overall * (one.refused + one.accepted)


def _count(sets: Iterable[frozenset[Trait]]) -> Counter[Trait]:
    return Counter(trait for has in sets for trait in has)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a replay of a proposed change found: whom it holds back besides, and for which reason they were
    mostly refused."""

    refused: int
    accepted: int
    won: int
    share: Share
    reason: str
    of_reason: int
    reason_total: int


def evidence(offers: Sequence[PastOffer], before: Sequence[bool], after: Sequence[bool]) -> Evidence:
    """The offers that count, ready ``before`` and no longer ``after`` the change."""
    held = [
        one for one, was, still in zip(offers, before, after, strict=True) if one.counts and was and not still
    ]
    refused = Counter(one.reason for one in held if not one.is_accepted)
    reason, of_reason = min(refused.items(), key=lambda item: (-item[1], item[0]), default=("", 0))
    number = sum(refused.values())
    return Evidence(
        refused=number,
        accepted=len(held) - number,
        won=sum(one.is_won for one in held),
        share=wilson(number, len(held)),
        reason=reason,
        of_reason=of_reason,
        reason_total=sum(one.counts and not one.is_accepted and one.reason == reason for one in offers),
    )


MOST_WINS_LOST = 0.05


def convinces(found: Evidence, *, base: float, won: int) -> bool:
    """Whether it is worth proposing: enough refusals spared, beyond chance more of them than of all, and than
    of others held back, and no more than one win in twenty lost. ``base``: the share of refusals among all;
    ``won``: all wins."""
    is_clear = found.share.low > max(base, 0.5)
    return is_clear and found.refused >= SUPPORT and found.won <= MOST_WINS_LOST * won
