"""Who comes first while ready leads wait for a place: the priority under other weights (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scoring.engine.rules import PriorityWeights


@dataclass(frozen=True, slots=True)
class Standing:
    """A ready lead with what its priority is made of; fit and engagement in thousandths.

    ``stored`` is its priority under the live weights, ``is_fast`` whether a fast path made it ready.
    """

    lead: Any
    fit: int
    engagement: int
    grade: str
    level: int
    temperature: str
    stored: int
    is_fast: bool


@dataclass(frozen=True, slots=True)
class Ranked:
    """A lead's priority and place (from 1) under other weights; ``before``: its place under the live ones."""

    standing: Standing
    priority: int
    place: int
    before: int

    @property
    def climb(self) -> int:
        """How many places it gains (loses, below zero)."""
        return self.before - self.place


def base_priority(fit: int, engagement: int, temperature: str, weights: PriorityWeights) -> int:
    """The priority but for the bonus of a fast path: weighted whole points, and what the temperature adds."""
    bonus = {"warm": weights.warm, "hot": weights.hot}.get(temperature, 0)
    return (fit * weights.fit + engagement * weights.engagement) // 1000 + bonus


def stored_bonus(priority: int, fit: int, engagement: int, temperature: str, weights: PriorityWeights) -> int:
    """What a stored priority holds beyond the rest: the bonus of a fast path, or 0."""
    return priority - base_priority(fit, engagement, temperature, weights)


def ranked(found: Sequence[Standing], weights: PriorityWeights) -> list[Ranked]:
    """The leads in the order in which these weights would serve them; equals keep the live order."""
    before = {id(one): place for place, one in enumerate(sorted(found, key=lambda one: -one.stored), start=1)}

    def priority(one: Standing) -> int:
        base = base_priority(one.fit, one.engagement, one.temperature, weights)
        return base + weights.fast_path * one.is_fast

    order = sorted(found, key=lambda one: (-priority(one), before[id(one)]))
    return [Ranked(one, priority(one), place, before[id(one)]) for place, one in enumerate(order, start=1)]
