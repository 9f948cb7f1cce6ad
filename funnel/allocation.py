"""Which ready lead goes to which rep. Plain values in, a plan with its reasons out.

Eligible reps → relationship (former owner, then a rep already working the same company) → fair share
→ least recently served. Fair share is the smooth weighted round robin: each eligible rep earns its
weight, the one served pays the sum; so over any run of `sum of weights` leads everybody gets exactly
the weight's part, and a rep who was away or full earns nothing meanwhile and catches up nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum


class WhyNot(StrEnum):
    INACTIVE = "inactive"
    ABSENT = "absent"
    FULL = "full"
    DAILY_LIMIT = "daily_limit"
    EXCLUDED = "excluded"
    LAST_RESORT = "last_resort"


class Rule(StrEnum):
    """What decided between the eligible reps."""

    FORMER_OWNER = "former_owner"
    SAME_COMPANY = "same_company"
    FAIR_SHARE = "fair_share"
    LEAST_RECENT = "least_recent"
    ONLY_ONE = "only_one"
    ESCALATION = "escalation"


@dataclass(frozen=True, slots=True)
class Desk:
    """One rep as the allocation sees it. `used`: SAL + SQL + open offers. `credit`: the fair-share
    account. `last_resort`: a manager, served only with what no rep decided in time."""

    rep: int
    places: int
    used: int = 0
    offers_per_day: int = 5
    offered_today: int = 0
    weight: int = 1
    credit: int = 0
    is_active: bool = True
    is_absent: bool = False
    last_resort: bool = False
    last_served_at: datetime | None = None

    @property
    def free(self) -> int:
        """How many offers can be made to this rep now."""
        if not self.is_active or self.is_absent:
            return 0
        return max(0, min(self.places - self.used, self.offers_per_day - self.offered_today))


@dataclass(frozen=True, slots=True)
class Waiting:
    """One ready lead. `excluded`: reps who declined it or let its offer expire in this cycle.
    `company_reps`: reps now working, or having won, another lead of the same company."""

    lead: int
    priority: int
    ready_since: datetime
    excluded: frozenset[int] = frozenset()
    former_owner: int | None = None
    company_reps: frozenset[int] = frozenset()


# Next rep, then the manager: how many reps may let a lead pass before it goes to a last-resort desk.
REPS_BEFORE_MANAGER = 2

# A rep whose former leads keep coming back must not be starved of new ones for ever.
DEBT_ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Assignment:
    lead: int
    rep: int
    rule: Rule
    passed_over: Mapping[int, WhyNot]


@dataclass(frozen=True, slots=True)
class Unplaced:
    lead: int
    why_not: Mapping[int, WhyNot]


@dataclass(frozen=True)
class Plan:
    """`desks` are the reps after the plan, with places, credit and last service as they then are."""

    assignments: tuple[Assignment, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    desks: Mapping[int, Desk] = field(default_factory=dict)


def order(leads: Sequence[Waiting]) -> list[Waiting]:
    """The waiting room: highest priority first, then who has waited longest."""
    return sorted(leads, key=lambda lead: (-lead.priority, lead.ready_since, lead.lead))


def why_not(desk: Desk, lead: Waiting) -> WhyNot | None:
    """Why this rep may not be offered this lead, or None when eligible."""
    if not desk.is_active:
        return WhyNot.INACTIVE
    if desk.rep in lead.excluded:
        return WhyNot.EXCLUDED
    if desk.is_absent:
        return WhyNot.ABSENT
    if desk.used >= desk.places:
        return WhyNot.FULL
    return WhyNot.DAILY_LIMIT if desk.offered_today >= desk.offers_per_day else None


def plan(leads: Sequence[Waiting], desks: Sequence[Desk], now: datetime) -> Plan:
    """Give every waiting lead, best first, to at most one rep, never beyond a rep's limits."""
    state = {desk.rep: desk for desk in desks}
    assignments: list[Assignment] = []
    unplaced: list[Unplaced] = []
    for lead in order(leads):
        refused = _refusals(lead, state)
        eligible = [desk for rep, desk in sorted(state.items()) if rep not in refused]
        if not eligible:
            unplaced.append(Unplaced(lead.lead, refused))
            continue
        chosen, rule = choose(lead, eligible)
        _serve(state, chosen, eligible, now)
        assignments.append(Assignment(lead.lead, chosen.rep, rule, refused))
    return Plan(tuple(assignments), tuple(unplaced), state)


def is_escalated(lead: Waiting, desks: Mapping[int, Desk]) -> bool:
    """Whether the reps have had their chance, so that it is a manager's turn."""
    reps = [desk.rep for desk in desks.values() if desk.is_active and not desk.last_resort]
    passed = sum(rep in lead.excluded for rep in reps)
    return len(lead.excluded) >= REPS_BEFORE_MANAGER or (bool(lead.excluded) and passed == len(reps))


def _refusals(lead: Waiting, desks: Mapping[int, Desk]) -> dict[int, WhyNot]:
    escalated = is_escalated(lead, desks)
    refused: dict[int, WhyNot] = {}
    for rep, desk in sorted(desks.items()):
        reason = why_not(desk, lead)
        if reason is None and desk.last_resort and not escalated:
            reason = WhyNot.LAST_RESORT
        if reason is not None:
            refused[rep] = reason
    managers = [rep for rep, desk in desks.items() if desk.last_resort and rep not in refused]
    if escalated and managers:
        refused |= {rep: WhyNot.EXCLUDED for rep in desks if rep not in refused and rep not in managers}
    return refused


def choose(lead: Waiting, eligible: Sequence[Desk]) -> tuple[Desk, Rule]:
    """The rep for this lead among the eligible (at least one), and what decided."""
    for rule, related in ((Rule.FORMER_OWNER, {lead.former_owner}), (Rule.SAME_COMPANY, lead.company_reps)):
        known = [desk for desk in eligible if desk.rep in related]
        if known:
            return _fairest(known)[0], rule
    if len(eligible) == 1:
        return eligible[0], Rule.ESCALATION if eligible[0].last_resort else Rule.ONLY_ONE
    return _fairest(eligible)


def _fairest(among: Sequence[Desk]) -> tuple[Desk, Rule]:
    best = max(desk.credit + desk.weight for desk in among)
    tied = [desk for desk in among if desk.credit + desk.weight == best]
    chosen = min(tied, key=lambda desk: (_served(desk), desk.rep))
    return chosen, Rule.FAIR_SHARE if len(tied) == 1 else Rule.LEAST_RECENT


def _served(desk: Desk) -> float:
    return desk.last_served_at.timestamp() if desk.last_served_at else float("-inf")


def _serve(state: dict[int, Desk], chosen: Desk, eligible: Sequence[Desk], now: datetime) -> None:
    total = sum(desk.weight for desk in eligible)
    for desk in eligible:
        credit = desk.credit + desk.weight - (total if desk.rep == chosen.rep else 0)
        state[desk.rep] = replace(desk, credit=max(credit, -DEBT_ROUNDS * total))
    state[chosen.rep] = replace(
        state[chosen.rep],
        used=chosen.used + 1,
        offered_today=chosen.offered_today + 1,
        last_served_at=now,
    )
