"""A funnel's history played again under caps: who would have waited for a place, and how long. Pure.

Day by day, each lead is offered on the first working day on which somebody has a place, by the allocation
that serves the site (funnel/allocation.py). Whoever qualifies holds it for the first half of its handling
time; one that was won then goes to a rep with a free place, and holds its first place until there is one. A
won lead is handled as long as it was; for one that was not, nobody wrote down how long somebody tried: it is
given the handling time of a won one, drawn by its reference, so that each run gives the same.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from statistics import median

from funnel.allocation import Desk, Waiting, plan
from pipeline.history import History

PLACES, OFFERS_A_DAY = 15, 5
ONE_DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Caps:
    """What each person can take: leads at the same time, and new ones a day."""

    places: int = PLACES
    offers_a_day: int = OFFERS_A_DAY


@dataclass(frozen=True, slots=True)
class Held:
    """One person held one lead: from that day, place free again on ``until``."""

    person: str
    reference: str
    since: date
    until: date


@dataclass(slots=True)
class Played:
    """What happened: the day each lead came, could first be offered and was offered, and who held it when."""

    caps: Caps
    possible: dict[str, date] = field(default_factory=dict)
    offered: dict[str, date] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    qualifiers: Sequence[str] = ()
    reps: Sequence[str] = ()


def play(history: History, caps: Caps) -> Played:
    """The whole history under caps, until the last lead has found a place."""
    return _Game(history, caps).played()


class _Desks:
    """Everybody's desk by number; who both qualifies and closes has one for both."""

    def __init__(self, people: Sequence[str], caps: Caps) -> None:
        self.people = people
        self.by_number = {
            number: Desk(rep=number, places=caps.places, offers_per_day=caps.offers_a_day)
            for number in range(len(people))
        }

    def serve(self, queue: Sequence[Waiting], team: Collection[str], day: date) -> list[tuple[int, int]]:
        """(lead, person) for the first of the queue that find a place with one of the team that day."""
        desks = [desk for number, desk in self.by_number.items() if self.people[number] in team]
        free = sum(desk.free for desk in desks)
        if not free or not queue:
            return []
        found = plan(queue[:free], desks, _noon(day))
        self.by_number |= found.desks
        return [(one.lead, one.rep) for one in found.assignments]

    def release(self, person: int) -> None:
        """A place comes free."""
        self.by_number[person] = replace(self.by_number[person], used=self.by_number[person].used - 1)

    def new_day(self) -> None:
        """Everybody may be offered leads again."""
        self.by_number = {number: replace(desk, offered_today=0) for number, desk in self.by_number.items()}


class _Game:
    """One run. Leads are numbered in the order of their first contact."""

    def __init__(self, history: History, caps: Caps) -> None:
        self.contacts = sorted(history.contacts.values(), key=lambda one: (one.on, one.reference))
        self.deals = history.deals
        self.days = handling_days(history)
        self.result = Played(
            caps,
            qualifiers=_names(deal.sdr for deal in history.deals.values()),
            reps=_names(deal.rep for deal in history.deals.values()),
        )
        self.desks = _Desks(_names((*self.result.qualifiers, *self.result.reps)), caps)
        self.waiting: list[Waiting] = []
        self.handing_over: list[Waiting] = []
        self.at_work: dict[int, tuple[int, date]] = {}
        # By day: leads whose first half, or whose second, is over.
        self.qualified_on: dict[date, list[int]] = {}
        self.closed_on: dict[date, list[int]] = {}

    def played(self) -> Played:
        arrivals = Counter(one.on for one in self.contacts)
        day, came = min(arrivals, default=date.min), 0
        while came < len(self.contacts) or self.waiting or self.at_work:
            for _ in range(arrivals.get(day, 0)):
                self._arrives(came, day)
                came += 1
            self._close(day)
            if day.weekday() < SATURDAY:
                self._work(day)
            day += ONE_DAY
        return self.result

    def _arrives(self, lead: int, day: date) -> None:
        self.waiting.append(Waiting(lead, 0, _noon(day)))
        self.result.possible[self.contacts[lead].reference] = _next_working_day(day)

    def _close(self, day: date) -> None:
        for person in self.closed_on.pop(day, ()):
            self.desks.release(person)

    def _work(self, day: date) -> None:
        """Hand over or give back what is decided, then offer what waits."""
        self.desks.new_day()
        due = [one for one in list(self.qualified_on) if one <= day]
        for lead in sorted(lead for one in due for lead in self.qualified_on.pop(one)):
            if self.contacts[lead].reference in self.deals:
                self.handing_over.append(Waiting(lead, 0, _noon(day)))
            else:
                self._leave_first(lead, day)
        self._hand_over(day)
        self._offer(day)

    def _leave_first(self, lead: int, day: date) -> None:
        person, since = self.at_work.pop(lead)
        self.desks.release(person)
        reference = self.contacts[lead].reference
        self.result.held.append(Held(self.desks.people[person], reference, since, day))

    def _hand_over(self, day: date) -> None:
        served = self.desks.serve(self.handing_over, self.result.reps, day)
        gone = {lead for lead, _ in served}
        self.handing_over = [one for one in self.handing_over if one.lead not in gone]
        for lead, person in served:
            self._leave_first(lead, day)
            reference = self.contacts[lead].reference
            until = day + timedelta(days=max(1, self.days[reference] - self.days[reference] // 2))
            self.closed_on.setdefault(until, []).append(person)
            self.result.held.append(Held(self.desks.people[person], reference, day, until))

    def _offer(self, day: date) -> None:
        served = self.desks.serve(self.waiting, self.result.qualifiers, day)
        gone = {lead for lead, _ in served}
        self.waiting = [one for one in self.waiting if one.lead not in gone]
        for lead, person in served:
            reference = self.contacts[lead].reference
            self.result.offered[reference] = day
            self.at_work[lead] = person, day
            until = day + timedelta(days=max(1, self.days[reference] // 2))
            self.qualified_on.setdefault(until, []).append(lead)


def handling_days(history: History) -> Mapping[str, int]:
    """Days from first contact to the end of each lead; of one not won, those of some won one."""
    known = {
        reference: max(0, (deal.at.date() - history.contacts[reference].on).days)
        for reference, deal in history.deals.items()
    }
    usual = sorted(known.values()) or [0]
    return {
        reference: known[reference] if reference in known else usual[_draw(reference, len(usual))]
        for reference in history.contacts
    }


def _draw(reference: str, number: int) -> int:
    return zlib.crc32(reference.encode()) % number


def _names(found: Iterable[str]) -> list[str]:
    return sorted({name for name in found if name})


def _next_working_day(day: date) -> date:
    while day.weekday() >= SATURDAY:
        day += ONE_DAY
    return day


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Waits:
    """Figures of a run. Waits are calendar days from the first working day on which a lead could have been
    offered; ``median_days``, ``p90_days`` and ``longest_days`` are of those that waited at all. ``spread``:
    between those who only qualify, who was offered most and least. ``exceeded``: person-days above a cap,
    counted from the log."""

    leads: int
    waited: int
    median_days: float
    p90_days: int
    longest_days: int
    spread: int
    most_held: int
    exceeded: int
    longest_queue: int


def waits(played: Played) -> Waits:
    """The figures of a run, read from its log alone."""
    days = {one: (played.offered[one] - played.possible[one]).days for one in played.offered}
    waited = sorted(number for number in days.values() if number)
    shares = served_of_equals(played)
    held = held_by_day(played)
    return Waits(
        leads=len(days),
        waited=len(waited),
        median_days=float(median(waited)) if waited else 0.0,
        p90_days=waited[(9 * len(waited) - 1) // 10] if waited else 0,
        longest_days=waited[-1] if waited else 0,
        spread=max(shares, default=0) - min(shares, default=0),
        most_held=max(held.values(), default=0),
        exceeded=exceeded(played, held),
        longest_queue=max(_queue_by_day(played).values(), default=0),
    )


def served_of_equals(played: Played) -> list[int]:
    """Leads offered to each of those who only qualify: they are alike, and so comparable."""
    served = Counter(one.person for one in played.held)
    return [served[person] for person in played.qualifiers if person not in played.reps]


def held_by_day(played: Played) -> Counter[tuple[str, date]]:
    """Leads that each person held on each day."""
    found: Counter[tuple[str, date]] = Counter()
    for one in played.held:
        for offset in range((one.until - one.since).days):
            found[one.person, one.since + timedelta(days=offset)] += 1
    return found


def exceeded(played: Played, held: Mapping[tuple[str, date], int]) -> int:
    """Person-days on which somebody held, or was given, more than they can take."""
    given = Counter((one.person, one.since) for one in played.held)
    return sum(number > played.caps.places for number in held.values()) + sum(
        number > played.caps.offers_a_day for number in given.values()
    )


def _queue_by_day(played: Played) -> Counter[date]:
    queue: Counter[date] = Counter()
    for reference, possible in played.possible.items():
        for offset in range((played.offered[reference] - possible).days):
            queue[possible + timedelta(days=offset)] += 1
    return queue


def waits_by_month(played: Played) -> list[tuple[str, int, int, float]]:
    """(month of arrival, leads, of these waited, median days of those)."""
    months: dict[str, list[int]] = {}
    for reference, possible in sorted(played.possible.items(), key=lambda one: one[1]):
        wait = (played.offered[reference] - possible).days
        months.setdefault(f"{possible:%Y-%m}", []).append(wait)
    found = []
    for month, days in months.items():
        waited = [number for number in days if number]
        found.append((month, len(days), len(waited), float(median(waited)) if waited else 0.0))
    return found
