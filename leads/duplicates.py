"""Are these two leads one person? A score of 0–100 with reasons, on plain values.

Nothing is ever merged because of it: a person decides. ``keys`` are the signs under which likely pairs meet
at all, so that nobody has to compare everybody with everybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from hashlib import blake2b

from rapidfuzz import fuzz

from leads.mail_domains import IGNORES_DOTS, meant_domain
from leads.normalise import GENERIC_LOCALS, searchable

# From here on a pair is worth somebody's time.
LIKELY = 50


class Sign(StrEnum):
    """What speaks for (or against) one person; the words are in leads.duplicate_words."""

    SAME_MAILBOX = "same_mailbox"  # dots, tags and a slip in the domain taken away
    SAME_PHONE = "same_phone"
    SAME_NAME = "same_name"
    SWAPPED_NAME = "swapped_name"
    SHORT_NAME = "short_name"  # Fred for Frédéric, J. for Jean
    ALIKE_NAME = "alike_name"  # a slip: Dupond, Dupont
    ALIKE_ADDRESS = "alike_address"  # marie.curie@ here and there
    SAME_COMPANY = "same_company"
    SAME_POSTCODE = "same_postcode"
    OTHER_NAME = "other_name"


# A mailbox is one person's, a number one household's or desk's; a name alone proves nothing.
WEIGHTS = {
    Sign.SAME_MAILBOX: 85,
    Sign.SAME_PHONE: 55,
    Sign.SAME_NAME: 40,
    Sign.SWAPPED_NAME: 38,
    Sign.SHORT_NAME: 32,
    Sign.ALIKE_NAME: 30,
    Sign.ALIKE_ADDRESS: 25,
    Sign.SAME_COMPANY: 25,
    Sign.SAME_POSTCODE: 10,
    Sign.OTHER_NAME: -45,
}
_NAMES = (Sign.SAME_NAME, Sign.SWAPPED_NAME, Sign.SHORT_NAME, Sign.ALIKE_NAME)
# Two names that differ by a slip of the finger (rapidfuzz's ratio), and two that nobody would confuse.
_SLIP, _OTHER = 83.0, 60.0
_LOCAL_SLIP = 88.0

_SHORT_FORMS = {
    "alex": "alexandre", "alexandra": "alexandre", "ben": "benjamin", "caro": "caroline",
    "cathy": "catherine",
    "chris": "christophe", "dan": "daniel", "dom": "dominique", "fred": "frederic",
    "gab": "gabriel", "greg": "gregory", "gui": "guillaume", "isa": "isabelle", "jo": "joseph",
    "jon": "jonathan", "jp": "jeanpierre", "jm": "jeanmichel", "jc": "jeanclaude", "manu": "emmanuel",
    "mag": "magali", "max": "maxime", "mat": "mathieu", "matt": "mathieu", "matthieu": "mathieu",
    "mick": "mickael", "michael": "mickael", "nat": "nathalie", "nico": "nicolas", "oliv": "olivier",
    "pat": "patrick", "phil": "philippe", "philou": "philippe", "sam": "samuel", "seb": "sebastien",
    "sophia": "sophie", "steph": "stephane", "stef": "stephane", "stephanie": "stephane", "sylv": "sylvie",
    "theo": "theophile", "thom": "thomas", "tom": "thomas", "val": "valerie", "vero": "veronique",
    "vince": "vincent", "will": "guillaume", "yo": "yohann", "yoann": "yohann",
}  # fmt: skip


@dataclass(frozen=True)
class Person:
    """What is compared of a lead: values in their normal forms. ``company`` is any name for the same firm."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    company: str = ""
    postcode: str = ""

    @cached_property
    def first(self) -> str:
        """The first name without accents, case and hyphens."""
        return _plain(self.first_name)

    @cached_property
    def last(self) -> str:
        """The last name likewise."""
        return _plain(self.last_name)

    @cached_property
    def mailbox(self) -> tuple[str, str]:
        """Local part and domain of the mailbox that is meant: no tag, no dots where they mean nothing."""
        local, _at, domain = self.email.partition("@")
        local, domain = local.partition("+")[0], meant_domain(domain)
        return (local.replace(".", "") if domain in IGNORES_DOTS else local), domain

    @cached_property
    def local_words(self) -> tuple[str, ...]:
        """The words of a personal local part, sorted: ("curie", "marie")."""
        local = self.email.partition("@")[0].partition("+")[0]
        if local in GENERIC_LOCALS:
            return ()
        plain = "".join(one if one.isalpha() else " " for one in searchable(local))
        return tuple(sorted(plain.split()))

    @property
    def has_name(self) -> bool:
        """Whether both names are known."""
        return bool(self.first and self.last)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How likely two leads are one person, and why: the gravest sign first."""

    score: int
    signs: tuple[Sign, ...]

    @property
    def is_likely(self) -> bool:
        """Whether somebody should look at the pair."""
        return self.score >= LIKELY


def compare(one: Person, other: Person) -> Likeness:
    """The likeness of two people; the order of the two does not matter."""
    signs = [sign for sign in (_mailbox(one, other), _phone(one, other), _name(one, other)) if sign]
    if Sign.SAME_MAILBOX not in signs and _alike_locals(one, other):
        signs.append(Sign.ALIKE_ADDRESS)
    # A firm or a town has many people: they only confirm what a name or an address says.
    if set(signs) & {*_NAMES, Sign.ALIKE_ADDRESS}:
        signs += _surroundings(one, other)
    score = max(0, min(100, sum(WEIGHTS[sign] for sign in signs)))
    return Likeness(score, tuple(sorted(signs, key=lambda sign: (-WEIGHTS[sign], sign))))


def _mailbox(one: Person, other: Person) -> Sign | None:
    same = one.email and one.mailbox == other.mailbox and one.mailbox[0] not in GENERIC_LOCALS
    return Sign.SAME_MAILBOX if same else None


def _phone(one: Person, other: Person) -> Sign | None:
    return Sign.SAME_PHONE if one.phone and one.phone == other.phone else None


def _surroundings(one: Person, other: Person) -> list[Sign]:
    found = []
    if one.company and one.company == other.company:
        found.append(Sign.SAME_COMPANY)
    if one.postcode and one.postcode == other.postcode:
        found.append(Sign.SAME_POSTCODE)
    return found


def _name(one: Person, other: Person) -> Sign | None:
    """What the names say, where both people have both; else nothing."""
    if not (one.has_name and other.has_name):
        return None
    if (one.first, one.last) == (other.first, other.last):
        return Sign.SAME_NAME
    if (one.first, one.last) == (other.last, other.first):
        return Sign.SWAPPED_NAME
    if one.last == other.last and _is_short_form(one.first, other.first):
        return Sign.SHORT_NAME
    firsts, lasts = fuzz.ratio(one.first, other.first), fuzz.ratio(one.last, other.last)
    if min(firsts, lasts) >= _SLIP or fuzz.ratio(one.first + one.last, other.first + other.last) >= 91:
        return Sign.ALIKE_NAME
    return Sign.OTHER_NAME if firsts < _OTHER or lasts < _OTHER else None


def _is_short_form(one: str, other: str) -> bool:
    """Whether one first name is the other one shortened."""
    if _long_form(one) == _long_form(other):
        return True
    short, long = sorted((one, other), key=len)
    return len(short) == 1 and long.startswith(short)


def _long_form(first: str) -> str:
    return _SHORT_FORMS.get(first, first)


def _alike_locals(one: Person, other: Person) -> bool:
    """Whether two personal local parts are made of the same words, or of one word with a slip."""
    ours, theirs = one.local_words, other.local_words
    if not ours or not theirs or len("".join(ours)) < 6:
        return False
    return ours == theirs or fuzz.ratio(" ".join(ours), " ".join(theirs)) >= _LOCAL_SLIP


def _plain(name: str) -> str:
    return "".join(one for one in searchable(name) if one.isalnum())


# Where likely pairs meet ----------------------------------------------------------------------------------


def keys(person: Person) -> list[int]:
    """The signs under which the person is found by somebody alike: 64-bit hashes, sorted."""
    return sorted({_hash(sign) for sign in _signs(person)})


def digest(person: Person) -> int:
    """Tells whether keys were made from this profile."""
    fields = (
        person.first_name,
        person.last_name,
        person.email,
        person.phone,
        person.company,
        person.postcode,
    )
    return _hash("\x1f".join(fields))


def _signs(person: Person) -> Iterable[str]:
    local, domain = person.mailbox
    if person.phone:
        yield f"phone:{person.phone}"
    if person.email and local not in GENERIC_LOCALS:
        yield f"mailbox:{local}@{domain}"
        if len(local) >= 8:
            # Two letters that changed places leave the same letters.
            yield f"letters:{''.join(sorted(local))}@{domain}"
    if len(person.local_words) > 1:
        yield f"name:{' '.join(person.local_words)}"
    if person.has_name:
        yield f"name:{' '.join(sorted((_long_form(person.first), person.last)))}"
    if person.company and person.last:
        yield f"people:{person.company}:{person.last[:3]}"
        yield f"people:{person.company}:{person.first[:1]}{person.last[-3:]}"


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
