"""What everybody does over the year: arrivals, acts and what they tell, day by day. Plain values only.

A life is drawn for each person from the seed and the person's number alone, so changing one life changes
no other. Days count from 0, a year ago, to ``DAYS - 1``, yesterday; the finale is what happens
in the last hours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from demo.cast import Person, weighted
from demo.channels import BY_CHANNEL, BY_PHONE, RETURNING, WAYS, Way
from demo.library import codes
from demo.visits import ASKS, FOLLOW_UPS, VISIT_ACTS, Doing, properties_of
from leads.channels import Channel
from leads.choices import ContentType

DAYS = 365
OPENS, CLOSES = 8 * 60, 17 * 60 + 20  # minutes after midnight between which people act
TRADE_SHOWS = (118, 119, 120, 316, 317, 318)
WEBINAR_EVERY = 30
FINALE_ASKS = 66
FINALE_MINUTES = 13 * 60


@dataclass(frozen=True, slots=True)
class Act:
    """One event: when (minute of that day), whose, what, about which content, by which channel."""

    day: int
    minute: int
    person: int
    kind: str
    content: str = ""
    channel: str = ""
    properties: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arrival:
    """The first contact. ``is_talkative``: the person fills the whole form at once."""

    day: int
    minute: int
    person: int
    way: Way
    is_talkative: bool


@dataclass(frozen=True, slots=True)
class Telling:
    """A later form in which the person says the rest: need, budget, when."""

    day: int
    minute: int
    person: int
    project_in_months: int


@dataclass(frozen=True, slots=True)
class Arc:
    """A kind of life: how many visits, days between them, how deep, the chance of asking for sales."""

    weight: int
    visits: tuple[int, int]
    gap: tuple[int, int]
    deepest: int
    asks: float


T = TypeVar("T", Act, Arrival, Telling)

ARCS: dict[str, Arc] = {
    "passer_by": Arc(42, (1, 4), (1, 14), 1, 0.0),
    "reader": Arc(34, (4, 10), (5, 26), 1, 0.02),
    "evaluator": Arc(15, (6, 12), (3, 15), 3, 0.2),
    "buyer": Arc(5, (5, 9), (1, 6), 3, 0.96),
    "hurried": Arc(4, (1, 2), (1, 4), 2, 1.0),
}
STUDENT = Arc(0, (4, 9), (1, 9), 1, 0.15)


@dataclass(frozen=True, slots=True)
class Story:
    """The whole year, by day; ``finale`` counts its minutes backwards from the present."""

    arrivals: Mapping[int, Sequence[Arrival]]
    tellings: Mapping[int, Sequence[Telling]]
    acts: Mapping[int, Sequence[Act]]
    finale: Sequence[Act]
    arcs: Mapping[int, str]


def tell(seed: int, cast: Sequence[Person], today: date) -> Story:
    """The year before ``today`` for this cast."""
    weights = [_busyness(today, day) for day in range(DAYS)]
    lives = [_life(seed, person, weights) for person in cast]
    acts = [act for life in lives for act in life.acts if act.day < DAYS]
    return Story(
        arrivals=_by_day([life.arrival for life in lives]),
        tellings=_by_day([life.telling for life in lives if life.telling and life.telling.day < DAYS]),
        acts=_by_day(acts),
        finale=_finale(seed, lives),
        arcs={life.arrival.person: life.arc for life in lives},
    )


def _by_day(things: Sequence[T]) -> dict[int, list[T]]:
    """Grouped by day, in the order of the clock."""
    found: dict[int, list[T]] = defaultdict(list)
    for thing in sorted(things, key=lambda each: (each.day, each.minute, each.person)):
        found[thing.day].append(thing)
    return dict(found)


def _busyness(today: date, day: int) -> float:
    """How many come on that day, relative to an average one: week-ends, August, Christmas, growth."""
    when = today - timedelta(days=DAYS - day)
    quiet = 0.22 if when.weekday() >= 5 else 1.0
    if when.month == 8:
        quiet *= 0.55
    if (when.month, when.day) >= (12, 22) or (when.month, when.day) <= (1, 2):
        quiet *= 0.3
    return quiet * (0.75 + 0.5 * day / DAYS)


@dataclass(slots=True)
class _Life:
    """One person's year while it is being drawn."""

    person: Person
    rng: Random
    arc: str
    arrival: Arrival
    acts: list[Act] = field(default_factory=list)
    telling: Telling | None = None

    def add(self, day: int, minute: int, doing: Doing, channel: str) -> None:
        """One act, and what it leads to some days later (a registration to an attendance)."""
        content = self.rng.choice(codes(*doing.types, topics=self.person.topics)) if doing.types else ""
        about = properties_of(doing.kind, self.person, content, self.rng)
        self.acts.append(Act(day, minute, self.person.number, doing.kind, content, channel, about))
        follow_up = FOLLOW_UPS.get(doing.kind)
        if follow_up and self.rng.random() < follow_up.chance:
            later = day + self.rng.randint(*follow_up.days)
            self.acts.append(
                Act(later, follow_up.minute, self.person.number, follow_up.kind, content, channel)
            )


def _life(seed: int, person: Person, weights: Sequence[float]) -> _Life:
    """The year of one person."""
    rng = Random(f"{seed}/life/{person.number}")
    arc_code = "student" if person.is_student else _arc(person, rng)
    arc = ARCS.get(arc_code, STUDENT)
    way = _way(person, rng)
    day = _first_day(way, weights, rng)
    arrival = Arrival(day, rng.randint(OPENS, CLOSES), person.number, way, rng.random() < 0.35)
    life = _Life(person, rng, arc_code, arrival)
    life.add(day, arrival.minute, Doing(way.kind, way.types), way.channel)
    _visits(life, arc)
    return life


def _arc(person: Person, rng: Random) -> str:
    """Which kind of life; private people mostly pass by."""
    weights = [arc.weight for arc in ARCS.values()]
    if person.firm is None:
        weights = [weights[0] * 2, weights[1], weights[2] // 4, weights[3] // 4, weights[4] // 2]
    return rng.choices(list(ARCS), weights)[0]


def _way(person: Person, rng: Random) -> Way:
    """The channel of the first contact."""
    if not person.email:
        return BY_CHANNEL[rng.choice(BY_PHONE)]
    if person.is_student:
        return BY_CHANNEL[
            rng.choice((Channel.ORGANIC_SEARCH, Channel.SOCIAL, Channel.WHITE_PAPER, Channel.VIDEO))
        ]
    return weighted(rng, WAYS, [way.weight for way in WAYS])


def _first_day(way: Way, weights: Sequence[float], rng: Random) -> int:
    """The day of the first contact: trade shows and webinars have their own."""
    if way.channel in {Channel.TRADE_SHOW, Channel.PRIZE_DRAW}:
        return rng.choice(TRADE_SHOWS)
    day = rng.choices(range(DAYS), weights)[0]
    if way.channel == Channel.WEBINAR:
        next_one = -(-day // WEBINAR_EVERY) * WEBINAR_EVERY
        return max(0, min(next_one, DAYS - 1) - rng.randint(1, 9))
    return day


def _visits(life: _Life, arc: Arc) -> None:
    """All the visits: each goes a little deeper than the one before; whoever asks does so near the end."""
    rng, day = life.rng, life.arrival.day
    count = rng.randint(*arc.visits)
    asks_at = rng.randint(max(0, count - 2), count - 1) if rng.random() < arc.asks else None
    for number in range(count):
        depth = min(arc.deepest, number * (arc.deepest + 1) // count)
        minute = life.arrival.minute if number == 0 else rng.randint(OPENS, CLOSES)
        channel = life.arrival.way.channel if number == 0 else _returning(rng)
        last_minute = _visit(life, day, minute, depth, channel)
        if number == asks_at:
            _ask(life, day, last_minute + 3)
        day += rng.randint(*arc.gap)


def _returning(rng: Random) -> str:
    return weighted(rng, RETURNING, [weight for _channel, weight in RETURNING])[0]


def _visit(life: _Life, day: int, minute: int, depth: int, channel: str) -> int:
    """A few acts one after another, the first of which tells the channel; the minute of the last."""
    choices = VISIT_ACTS[depth]
    for number in range(life.rng.randint(2, 4)):
        minute = min(minute + life.rng.randint(1, 7), CLOSES + 60)
        doing = weighted(life.rng, choices, [choice.weight for choice in choices])
        life.add(day, minute, doing, "" if number else channel)
    return minute


def _ask(life: _Life, day: int, minute: int) -> None:
    """The act of intent, with the form that tells the rest."""
    life.add(day, minute, weighted(life.rng, ASKS, [ask.weight for ask in ASKS]), "")
    life.telling = Telling(day, minute, life.person.number, life.rng.choice((1, 2, 2, 3, 3, 4, 6, 9)))


def _finale(seed: int, lives: Sequence[_Life]) -> list[Act]:
    """The rush of the last hours: people who have been reading for weeks ask for sales all at once."""
    rng = Random(f"{seed}/finale")
    fitting = [
        life.person
        for life in lives
        if life.arc in {"evaluator", "reader"}
        and DAYS - 75 < life.arrival.day < DAYS - 8
        and life.person.firm
    ]
    asking = rng.sample(fitting, min(FINALE_ASKS, len(fitting)))
    acts = []
    for person in asking:
        minute = rng.randint(4, FINALE_MINUTES)
        ask = weighted(rng, ASKS, [ask.weight for ask in ASKS])
        about = properties_of(ask.kind, person, "", rng)
        price_list = codes(ContentType.PRICE_LIST)[0]
        acts += [
            Act(DAYS, minute + 3, person.number, "pricing_viewed", price_list, Channel.DIRECT_TRAFFIC),
            Act(DAYS, minute, person.number, ask.kind, "", Channel.DIRECT_TRAFFIC, about),
        ]
    return sorted(acts, key=lambda act: -act.minute)
