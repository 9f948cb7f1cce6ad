"""How the rules are doing: inflation, rules that say nothing, rules whose leads are refused. Pure.

A night's counts are kept as plain JSON (``Counts``); what is alarming is decided when they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from scoring.statistics import Share, wilson

BEST = ("A1", "A2", "B1", "B2")
INFLATION_FACTOR, INFLATION_POINTS = 1.5, 0.05
NEARLY_ALL = 0.95
LEAST_SEEN = 200  # leads looked at, before a rule may be said never to fire
LEAST_OFFERS = 20


@dataclass(frozen=True, slots=True)
class RuleCount:
    """One rule: how many of the sampled leads it counts for; of past offers, how many and refused."""

    group: str
    code: str
    fires: int
    offers: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Month:
    """A month's leads by band at its end, and the month's decisions by band: [accepted, decided]."""

    month: str
    leads: Mapping[str, int]
    decided: Mapping[str, tuple[int, int]]

    @property
    def best(self) -> float | None:
        """The share of leads in the best bands; None without leads."""
        total = sum(self.leads.values())
        return sum(self.leads.get(band, 0) for band in BEST) / total if total else None

    @property
    def accepted_of_best(self) -> Share:
        """How many of the best bands' offers were accepted, with its interval."""
        pairs = [self.decided[band] for band in BEST if band in self.decided]
        return wilson(sum(yes for yes, _all in pairs), sum(everything for _yes, everything in pairs))


@dataclass(frozen=True, slots=True)
class Counts:
    """Everything one night counted. ``sampled`` leads were asked about each rule."""

    sampled: int
    offers: int
    refused: int
    months: Sequence[Month] = ()
    rules: Sequence[RuleCount] = field(default_factory=tuple)

    def as_json(self) -> dict[str, Any]:
        """Plain values, for ``read_counts``."""
        return asdict(self)


def read_counts(stored: Mapping[str, Any]) -> Counts:
    """Counts as they were stored."""
    months = [
        Month(
            one["month"],
            one["leads"],
            {band: (pair[0], pair[1]) for band, pair in one["decided"].items()},
        )
        for one in stored["months"]
    ]
    rules = [RuleCount(**one) for one in stored["rules"]]
    return Counts(stored["sampled"], stored["offers"], stored["refused"], months, rules)


class Verdict(StrEnum):
    """What is wrong with a rule."""

    FINE = ""
    NEVER = "never"
    NEARLY_ALL = "nearly_all"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RuleHealth:
    """A rule with its shares: of leads it counts for, of its offers that were refused."""

    count: RuleCount
    fires: Share
    refused: Share
    verdict: Verdict


def judge(count: RuleCount, counts: Counts) -> RuleHealth:
    """A rule is refused more than average when the whole interval of its share lies above the average."""
    fires, refused = wilson(count.fires, counts.sampled), wilson(count.refused, count.offers)
    return RuleHealth(count, fires, refused, _verdict(fires, refused, counts))


def _verdict(fires: Share, refused: Share, counts: Counts) -> Verdict:
    average = counts.refused / counts.offers if counts.offers else 1.0
    if refused.cases >= LEAST_OFFERS and refused.low > average:
        return Verdict.REFUSED
    if fires.cases < LEAST_SEEN:
        return Verdict.FINE
    if not fires.hits:
        return Verdict.NEVER
    return Verdict.NEARLY_ALL if (fires.value or 0) >= NEARLY_ALL else Verdict.FINE


@dataclass(frozen=True, slots=True)
class Inflation:
    """More leads look good than before, and sales do not find them better."""

    then: float
    now: float
    since: str


def inflation(months: Sequence[Month]) -> Inflation | None:
    """Whether scores are inflated against three months before; None when not, or not known.

    The share of the best bands has grown by half and by five points at least, while the share of their offers
    that is accepted has not risen beyond doubt.
    """
    if len(months) < 4:
        return None
    before, today = months[-4], months[-1]
    if before.best is None or today.best is None or not before.best:
        return None
    grew = today.best >= INFLATION_FACTOR * before.best and today.best - before.best >= INFLATION_POINTS
    then = before.accepted_of_best.value
    better = then is not None and today.accepted_of_best.low > then
    return Inflation(before.best, today.best, before.month) if grew and not better else None
