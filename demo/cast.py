"""Who plays: invented companies and people, always the same for one seed. Plain values, nothing written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from demo import vocabulary as words
from demo.company import FREE_MAIL_DOMAIN
from leads.choices import BudgetRange, Headcount, Sector, Turnover

FIRMS = 180
PEOPLE = 2000
ON_FREE_MAIL = 240

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Firm:
    """A company that some leads work for."""

    number: int
    name: str
    domain: str
    sector: Sector
    headcount: Headcount
    turnover: Turnover
    town: str
    postcode: str
    region: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who will become a lead. ``email`` or ``phone`` may be empty, never both."""

    number: int
    first_name: str
    last_name: str
    email: str
    phone: str
    firm: Firm | None
    is_student: bool
    job_title: str
    department: str
    seniority: str
    decision_role: str
    topics: tuple[str, ...]
    need: str
    pain_point: str
    budget_range: str

    @property
    def uses_free_mail(self) -> bool:
        """Whether the address tells nothing about a company."""
        return self.email.endswith("@" + FREE_MAIL_DOMAIN)


def firms(seed: int) -> list[Firm]:
    """The companies, each with a name and a domain of its own."""
    rng = Random(f"{seed}/firms")
    sectors = [sector for sector, (count, _trades) in words.TRADES.items() for _ in range(count)]
    names: dict[str, Sector] = {}
    while len(names) < FIRMS:
        sector = rng.choice(sectors)
        place = rng.choice(words.PLACE_STARTS) + rng.choice(words.PLACE_ENDS)
        names.setdefault(_elided(f"{rng.choice(words.TRADES[sector][1])} {place}"), sector)
    return [_firm(number, name, sector, rng) for number, (name, sector) in enumerate(names.items())]


def _elided(name: str) -> str:
    """ "Thermes de Ormecombe" is said "Thermes d’Ormecombe"."""
    return re.sub(r" de (?=[AEÉHIOU])", " d’", name)


def _firm(number: int, name: str, sector: Sector, rng: Random) -> Firm:
    town, postcode, region, _ = weighted(rng, words.TOWNS, [town[3] for town in words.TOWNS])
    headcount, turnover, _, _ = weighted(rng, words.SIZES, [size[2] for size in words.SIZES])
    return Firm(number, name, f"{slug(name)}.example", sector, headcount, turnover, town, postcode, region)


def people(seed: int, employers: Sequence[Firm]) -> list[Person]:
    """The leads to be; every company has at least one person, most of the large ones many."""
    rng = Random(f"{seed}/people")
    draws = {size: people for size, _turnover, _weight, people in words.SIZES}
    at_work = list(employers) + rng.choices(
        employers, [draws[firm.headcount] for firm in employers], k=PEOPLE - ON_FREE_MAIL - len(employers)
    )
    places: list[Firm | None] = [*at_work, *[None] * ON_FREE_MAIL]
    rng.shuffle(places)
    taken: set[str] = set()
    return [_person(number, firm, rng, taken) for number, firm in enumerate(places)]


def _person(number: int, firm: Firm | None, rng: Random, taken: set[str]) -> Person:
    is_woman = rng.random() < 0.38
    first_name = rng.choice(words.WOMEN if is_woman else words.MEN)
    last_name = rng.choice(words.NAME_STARTS) + rng.choice(words.NAME_ENDS)
    is_student = firm is None and rng.random() < 0.3
    usual = weighted(rng, words.FUNCTIONS, [function[4] for function in words.FUNCTIONS])
    function = words.STUDENT if is_student else usual
    email = _email(first_name, last_name, firm.domain if firm else FREE_MAIL_DOMAIN, taken)
    only_phone = firm is not None and rng.random() < 0.06
    topics = function[5]
    return Person(
        number=number,
        first_name=first_name,
        last_name=last_name,
        email="" if only_phone else email,
        phone=_phone(number, rng, in_service=only_phone) if only_phone or rng.random() < 0.45 else "",
        firm=firm,
        is_student=is_student,
        job_title=words.FEMININE.get(function[0], function[0]) if is_woman else function[0],
        department=function[1],
        seniority=function[2],
        decision_role=function[3],
        topics=topics,
        need=rng.choice(words.NEEDS[topics[0]]),
        pain_point=rng.choice(words.PAINS),
        budget_range=rng.choices(list(BudgetRange), [20, 34, 28, 14, 4])[0],
    )


def _email(first_name: str, last_name: str, domain: str, taken: set[str]) -> str:
    """An address nobody else in the cast has."""
    name = f"{slug(first_name)}.{slug(last_name)}"
    address, number = f"{name}@{domain}", 1
    while address in taken:
        number += 1
        address = f"{name}{number}@{domain}"
    taken.add(address)
    return address


def _phone(number: int, rng: Random, *, in_service: bool) -> str:
    """A number of a range kept for fiction; ``number`` makes it unique. Some give a mobile number, which
    the number plan lists as not in service: it is kept, and shown as not callable."""
    prefix = words.FICTION_LANDLINES[number % 5] if in_service or rng.random() < 0.9 else words.FICTION_MOBILE
    return f"{prefix} {number // 100:02} {number % 100:02}"


def slug(name: str) -> str:
    """ASCII, lower case, hyphens: what goes into an address."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join(plain.replace("'", " ").split())


def weighted(rng: Random, options: Sequence[T], weights: Sequence[int]) -> T:
    """One of ``options``, as often as its weight says."""
    return rng.choices(options, weights)[0]
