"""Which leads a desk takes: territories, sectors, languages, sizes, products. Plain values.

A desk without a rule of a kind takes everything of that kind. The four kinds of place are one territory: a
lead is inside when any of them says so. All other kinds must each hold. What is not known of a lead keeps
it from a desk only where the desk's rule says that it takes no unknown ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from funnel.territory import department_of, region_named, region_of


class Mismatch(StrEnum):
    """Which of a desk's rules a lead does not fit."""

    TERRITORY = "territory"
    SECTOR = "sector"
    LANGUAGE = "language"
    SIZE = "size"
    PRODUCT = "product"


PLACES = ("country", "region", "department", "postcode")
_SINGLE: Mapping[str, Mismatch] = {
    "sector": Mismatch.SECTOR,
    "language": Mismatch.LANGUAGE,
    "size": Mismatch.SIZE,
    "product": Mismatch.PRODUCT,
}
# Kinds that make a desk the specialist for a lead they name; every desk speaks some language.
_SPECIAL = ("sector", "product")


@dataclass(frozen=True, slots=True)
class Traits:
    """What is matched of a lead, each "" or empty where nobody knows. ``region``: INSEE code."""

    country: str = ""
    region: str = ""
    department: str = ""
    postcode: str = ""
    sector: str = ""
    language: str = ""
    size: str = ""
    products: frozenset[str] = frozenset()


def place_of(*, postcode: str, region: str, country: str) -> tuple[str, str, str, str]:
    """(country, region, department, postcode) as rules name them, from what was written.

    A French postcode tells department, region and country; else the region's name is read.
    """
    code = "".join(postcode.split()).upper()
    department = department_of(code, country)
    found = region_of(department) or region_named(region)
    return country or ("FR" if found or department else ""), found, department, code


@dataclass(frozen=True, slots=True)
class Accepts:
    """One rule: the values it names, and whether it also takes what is not known."""

    values: frozenset[str]
    takes_unknown: bool = True


@dataclass(frozen=True)
class Takes:
    """All rules of one desk, by kind (funnel.choices.RuleKind)."""

    rules: Mapping[str, Accepts] = field(default_factory=dict)

    def mismatch(self, lead: Traits) -> Mismatch | None:
        """The first rule that the lead does not fit, or None."""
        if not self.rules:
            return None
        if not self._inside(lead):
            return Mismatch.TERRITORY
        for kind, why in _SINGLE.items():
            rule = self.rules.get(kind)
            if rule is not None and not _fits(rule, _values(lead, kind)):
                return why
        return None

    def strength(self, lead: Traits) -> int:
        """How many of place, sector and product name this lead: who is made for it comes first."""
        if not self.rules:
            return 0
        named = sum(kind in self.rules and _names(self.rules[kind], _values(lead, kind)) for kind in _SPECIAL)
        return named + any(
            kind in self.rules and _names_place(kind, self.rules[kind], lead) for kind in PLACES
        )

    def _inside(self, lead: Traits) -> bool:
        """In any of the places; where nobody knows, as any of the rules about places allows."""
        rules = [(kind, self.rules[kind]) for kind in PLACES if kind in self.rules]
        if not rules:
            return True
        if any(_names_place(kind, rule, lead) for kind, rule in rules):
            return True
        return any(rule.takes_unknown and not _is_known(kind, rule, lead) for kind, rule in rules)


def _values(lead: Traits, kind: str) -> Iterable[str]:
    if kind == "product":
        return lead.products
    value: str = getattr(lead, kind)
    return (value,) if value else ()


def _names(rule: Accepts, values: Iterable[str]) -> bool:
    return any(value in rule.values for value in values)


def _fits(rule: Accepts, values: Iterable[str]) -> bool:
    known = list(values)
    return _names(rule, known) if known else rule.takes_unknown


def _names_place(kind: str, rule: Accepts, lead: Traits) -> bool:
    """Postcodes are named by their beginning: "69" is the whole of it, "69003" one district."""
    if kind != "postcode":
        return _names(rule, _values(lead, kind))
    return bool(lead.postcode) and any(lead.postcode.startswith(start) for start in rule.values)


def _is_known(kind: str, rule: Accepts, lead: Traits) -> bool:
    """Whether enough is known to say that the lead is outside: abroad, or in another region."""
    if kind in ("region", "department") and lead.country not in ("", "FR"):
        return True
    if kind == "department" and lead.region and not lead.department:
        return all(region_of(one) != lead.region for one in rule.values)
    return bool(getattr(lead, kind))
