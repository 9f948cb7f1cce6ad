"""Did a person do it, or a machine? Pure: facts in, a verdict with its reasons out.

Filtering only ever takes points away: it unsubscribes nobody and bounces nothing. A click without an open
is never held against anybody, because opens are noise (privacy bar 5.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum

BURST_SECONDS = 10
MOST_VIEWS_IN_A_BURST = 10
MOST_AT_ONE_INSTANT = 2
MOST_LINKS_IN_A_BURST = 2
# A scanner follows the links of a message as it is delivered.
SOONEST_CLICK = timedelta(seconds=10)
# A click is judged only after this, so that the burst it may be part of is seen.
CLICK_IS_JUDGED_AFTER = timedelta(minutes=2)
BEACON_WITHIN = timedelta(seconds=30)


class Verdict(IntEnum):
    """As leads.models.Verdict: the numbers that events carry."""

    UNKNOWN = 0
    HUMAN = 1
    MACHINE = 2


# What a person's later deed (a form, a reply) does not turn round: nobody was looking.
STANDS = frozenset({"crawler", "prefetch", "head_request", "test"})
# What holds for everything else the same visitor does.
MARKS_THE_VISITOR = frozenset({"crawler", "automated", "trap", "too_fast", "same_instant"})


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict and the codes of its reasons, the strongest first (leads.traffic_words says them)."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()

    @property
    def is_machine(self) -> bool:
        """Whether it must not score."""
        return self.verdict is Verdict.MACHINE


@dataclass(frozen=True, slots=True)
class Signs:
    """What a request itself gives away."""

    is_crawler: bool = False
    is_prefetch: bool = False
    is_head: bool = False
    is_automated: bool = False
    is_datacentre: bool = False


NO_SIGNS = Signs()


@dataclass(frozen=True, slots=True)
class PageFacts:
    """One event of a page. The two counts are those of the same visitor within BURST_SECONDS around it."""

    signs: Signs = NO_SIGNS
    is_trap: bool = False
    views_in_burst: int = 0
    views_at_instant: int = 0
    visitor: Verdict = Verdict.UNKNOWN


@dataclass(frozen=True, slots=True)
class ClickFacts:
    """One click on a link of a message. ``after_delivery`` is None while the delivery is not known;
    ``beacon`` whether the landing page reported itself within BEACON_WITHIN, None where it may not track."""

    signs: Signs = NO_SIGNS
    after_delivery: timedelta | None = None
    links_in_burst: int = 1
    links_in_message: int = 1
    is_trap: bool = False
    beacon: bool | None = None


def is_prefetch(purpose: str) -> bool:
    """What the Sec-Purpose, Purpose or X-Moz header says: fetched ahead, seen by nobody yet."""
    return any(word in purpose.lower() for word in ("prefetch", "preview", "prerender"))


def _of_signs(signs: Signs) -> list[str]:
    said = {
        "crawler": signs.is_crawler,
        "prefetch": signs.is_prefetch,
        "head_request": signs.is_head,
        "automated": signs.is_automated,
        "datacentre": signs.is_datacentre,
    }
    return [code for code, holds in said.items() if holds]


def judge_page(facts: PageFacts) -> Judgement:
    """The verdict on an event that a page reported."""
    reasons = _of_signs(facts.signs)
    if facts.is_trap:
        reasons.append("trap")
    if facts.views_in_burst > MOST_VIEWS_IN_A_BURST:
        reasons.append("too_fast")
    if facts.views_at_instant > MOST_AT_ONE_INSTANT:
        reasons.append("same_instant")
    if reasons and not (facts.visitor is Verdict.HUMAN and not STANDS & set(reasons)):
        return Judgement(Verdict.MACHINE, tuple(reasons))
    if facts.visitor is Verdict.MACHINE:
        return Judgement(Verdict.MACHINE, ("visitor",))
    return Judgement(facts.visitor)


def judge_click(facts: ClickFacts) -> Judgement:
    """The verdict on a click, once CLICK_IS_JUDGED_AFTER has passed."""
    reasons = _of_signs(facts.signs)
    if facts.is_trap:
        reasons.append("trap")
    if facts.after_delivery is not None and facts.after_delivery < SOONEST_CLICK:
        reasons.append("too_soon")
    every_link = facts.links_in_message > 1 and facts.links_in_burst >= facts.links_in_message
    if facts.links_in_burst > MOST_LINKS_IN_A_BURST or every_link:
        reasons.append("many_links")
    if facts.beacon is False:
        reasons.append("no_beacon")
    return Judgement(Verdict.MACHINE, tuple(reasons)) if reasons else Judgement(Verdict.HUMAN)


def is_overturned(reasons: tuple[str, ...] | list[str]) -> bool:
    """Whether a person's later deed makes a machine's event a person's after all."""
    return not STANDS & set(reasons)


def marks_visitor(judgement: Judgement) -> bool:
    """Whether the verdict holds for the visitor, what it did before and what it will do."""
    return judgement.is_machine and bool(MARKS_THE_VISITOR & set(judgement.reasons))
