"""Which ready lead goes to which rep. Plain values in, a plan with its reasons out.

Eligible reps → relationship (former owner, then a rep already working the same company) → who is made for
it (their territory, sector or product names it) → fair share → least recently served. Fair share is the
smooth weighted round robin: each eligible rep earns its weight, the one served pays the sum; so over any
run of `sum of weights` leads everybody gets exactly the weight's part, and a rep who was away or full earns
nothing meanwhile and catches up nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from funnel.matching import Takes, Traits


class WhyNot(StrEnum):
    """Why a rep was not offered a lead; the first that holds, in this order."""

    INACTIVE = "inactive"
    EXCLUDED = "excluded"
    ABSENT = "absent"
    TERRITORY = "territory"
    SECTOR = "sector"
    LANGUAGE = "language"
    SIZE = "size"
    PRODUCT = "product"
    FULL = "full"
    SAL_CAP = "sal_cap"
    DAILY_LIMIT = "daily_limit"
    LAST_RESORT = "last_resort"
    MANAGER = "manager"


class Rule(StrEnum):
    """What decided between the eligible reps."""

    FORMER_OWNER = "former_owner"
    SAME_COMPANY = "same_company"
    MADE_FOR_IT = "made_for_it"
    FAIR_SHARE = "fair_share"
    LEAST_RECENT = "least_recent"
    ONLY_ONE = "only_one"
    ESCALATION = "escalation"
    TAKEN_BACK = "taken_back"
    HANDED_OVER = "handed_over"


@dataclass(frozen=True, slots=True)
class Desk:
    """One rep as the allocation sees it.

    Three caps, each a whole number: `places` against `used` (SAL + SQL + open offers), `sal_cap` against
    `sal` (SAL + open offers), `offers_per_day` against `offered_today`. `credit`: the fair-share account.
    `last_resort`: a manager, served only with what no rep decided in time or no rep takes.
    """

    rep: int
    places: int
    used: int = 0
    sal_cap: int | None = None
    sal: int = 0
    offers_per_day: int = 5
    offered_today: int = 0
    weight: int = 1
    credit: int = 0
    is_active: bool = True
    is_absent: bool = False
    last_resort: bool = False
    last_served_at: datetime | None = None
    takes: Takes = field(default_factory=Takes)

    @property
    def free(self) -> int:
        """How many offers can be made to this rep now."""
        if not self.is_active or self.is_absent:
            return 0
        caps = [self.places - self.used, self.offers_per_day - self.offered_today]
        if self.sal_cap is not None:
            caps.append(self.sal_cap - self.sal)
        return max(0, min(caps))


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
    traits: Traits = field(default_factory=Traits)


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


def plan(
    leads: Sequence[Waiting],
    desks: Sequence[Desk],
    now: datetime,
    *,
    reps_before_manager: int = REPS_BEFORE_MANAGER,
) -> Plan:
    """Give every waiting lead, best first, to at most one rep, never beyond a rep's limits."""
    room = _Room(desks, reps_before_manager)
    assignments: list[Assignment] = []
    unplaced: list[Unplaced] = []
    for lead in order(leads):
        refused = room.refusals(lead)
        eligible = room.eligible(refused)
        if not eligible:
            unplaced.append(Unplaced(lead.lead, refused))
            continue
        chosen, rule = room.choose(lead, eligible)
        room.serve(chosen, eligible, now)
        assignments.append(Assignment(lead.lead, chosen.desk.rep, rule, refused))
    return Plan(tuple(assignments), tuple(unplaced), room.desks_now())


class _Seat:
    """A desk while the plan is made: what changes with each lead given to it."""

    __slots__ = ("credit", "desk", "given", "served_at")

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.credit = desk.credit
        self.served_at = desk.last_served_at
        self.given = 0

    def shut(self) -> WhyNot | None:
        """Why nobody at all can be offered to this rep now, or None."""
        desk = self.desk
        if not desk.is_active:
            return WhyNot.INACTIVE
        if desk.is_absent:
            return WhyNot.ABSENT
        if desk.used + self.given >= desk.places:
            return WhyNot.FULL
        if desk.sal_cap is not None and desk.sal + self.given >= desk.sal_cap:
            return WhyNot.SAL_CAP
        return WhyNot.DAILY_LIMIT if desk.offered_today + self.given >= desk.offers_per_day else None

    def now(self) -> Desk:
        """The desk as it is after what was given to it."""
        desk, given = self.desk, self.given
        return replace(
            desk,
            used=desk.used + given,
            sal=desk.sal + given,
            offered_today=desk.offered_today + given,
            credit=self.credit,
            last_served_at=self.served_at,
        )


class _Room:
    """All desks while the plan is made. What is the same for many leads is worked out once."""

    def __init__(self, desks: Sequence[Desk], reps_before_manager: int) -> None:
        self._seats = {desk.rep: _Seat(desk) for desk in sorted(desks, key=lambda desk: desk.rep)}
        self._limit = reps_before_manager
        self._shut = {rep: why for rep, seat in self._seats.items() if (why := seat.shut())}
        self._managers = frozenset(rep for rep, seat in self._seats.items() if seat.desk.last_resort)
        self._selective = [seat.desk for seat in self._seats.values() if seat.desk.takes.rules]
        active = (rep for rep, seat in self._seats.items() if seat.desk.is_active)
        self._reps = frozenset(active) - self._managers
        self._mismatches: dict[Traits, dict[int, WhyNot]] = {}
        self._takers: dict[Traits, frozenset[int]] = {}

    def mismatches(self, traits: Traits) -> dict[int, WhyNot]:
        """Whose rules such a lead does not fit, and which."""
        found = self._mismatches.get(traits)
        if found is None:
            unfit = ((desk.rep, desk.takes.mismatch(traits)) for desk in self._selective)
            found = self._mismatches[traits] = {rep: WhyNot(why.value) for rep, why in unfit if why}
        return found

    def refusals(self, lead: Waiting) -> dict[int, WhyNot]:
        """Who may not be offered this lead, and why."""
        refused = dict(self._shut)
        for rep, why in self.mismatches(lead.traits).items():
            if refused.get(rep) not in _ABOVE_RULES:
                refused[rep] = why
        for rep in lead.excluded:
            if rep in self._seats and refused.get(rep) is not WhyNot.INACTIVE:
                refused[rep] = WhyNot.EXCLUDED
        return self._managers_turn(lead, refused)

    def _managers_turn(self, lead: Waiting, refused: dict[int, WhyNot]) -> dict[int, WhyNot]:
        """Managers wait until the reps have had their chance; then it is theirs alone, if they can."""
        if not self._managers:
            return refused
        can = [rep for rep in self._managers if rep not in refused]
        if not self._is_escalated(lead):
            refused |= dict.fromkeys(can, WhyNot.LAST_RESORT)
        elif can:
            others = [rep for rep in self._seats if rep not in refused and rep not in self._managers]
            refused |= dict.fromkeys(others, WhyNot.MANAGER)
        return refused

    def _is_escalated(self, lead: Waiting) -> bool:
        """Whether the reps have had their chance, or no active rep takes such leads at all."""
        if len(lead.excluded) >= self._limit:
            return True
        return self._candidates(lead.traits) <= lead.excluded

    def _candidates(self, traits: Traits) -> frozenset[int]:
        """The active reps that take such leads."""
        found = self._takers.get(traits)
        if found is None:
            unfit = self.mismatches(traits)
            found = self._takers[traits] = self._reps.difference(unfit)
        return found

    def eligible(self, refused: Mapping[int, WhyNot]) -> list[_Seat]:
        """Who is left, in order of their numbers."""
        return [seat for rep, seat in self._seats.items() if rep not in refused]

    def choose(self, lead: Waiting, eligible: Sequence[_Seat]) -> tuple[_Seat, Rule]:
        """The rep for this lead among the eligible (at least one), and what decided."""
        for rule, related in (
            (Rule.FORMER_OWNER, {lead.former_owner}),
            (Rule.SAME_COMPANY, lead.company_reps),
        ):
            known = [seat for seat in eligible if seat.desk.rep in related]
            if known:
                return _fairest(known)[0], rule
        if len(eligible) == 1:
            alone = eligible[0]
            return alone, Rule.ESCALATION if alone.desk.last_resort else Rule.ONLY_ONE
        made_for_it = self._made_for(lead, eligible)
        if made_for_it:
            return _fairest(made_for_it)[0], Rule.MADE_FOR_IT
        return _fairest(eligible)

    def _made_for(self, lead: Waiting, eligible: Sequence[_Seat]) -> list[_Seat]:
        """Whose rules name the lead most; nobody when they all do alike."""
        if not self._selective:
            return []
        strength = [seat.desk.takes.strength(lead.traits) for seat in eligible]
        most = max(strength)
        if most == min(strength):
            return []
        return [seat for seat, one in zip(eligible, strength, strict=True) if one == most]

    def serve(self, chosen: _Seat, eligible: Sequence[_Seat], now: datetime) -> None:
        """Everybody eligible earns, the one served pays."""
        total = sum(seat.desk.weight for seat in eligible)
        for seat in eligible:
            seat.credit += seat.desk.weight
        chosen.credit = max(chosen.credit - total, -DEBT_ROUNDS * total)
        chosen.given += 1
        chosen.served_at = now
        if why := chosen.shut():
            self._shut[chosen.desk.rep] = why

    def desks_now(self) -> dict[int, Desk]:
        """All desks after the plan."""
        return {rep: seat.now() for rep, seat in self._seats.items()}


# What is said of a rep rather than that a rule does not fit.
_ABOVE_RULES = frozenset({WhyNot.INACTIVE, WhyNot.ABSENT})


def _fairest(among: Sequence[_Seat]) -> tuple[_Seat, Rule]:
    best = max(seat.credit + seat.desk.weight for seat in among)
    tied = [seat for seat in among if seat.credit + seat.desk.weight == best]
    chosen = min(tied, key=_served) if len(tied) > 1 else tied[0]
    return chosen, Rule.FAIR_SHARE if len(tied) == 1 else Rule.LEAST_RECENT


def _served(seat: _Seat) -> tuple[float, int]:
    return (seat.served_at.timestamp() if seat.served_at else float("-inf"), seat.desk.rep)
