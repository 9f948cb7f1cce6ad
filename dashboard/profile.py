"""A lead's profile as the page shows it: each value with its origin, the missing ones, what may be edited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.utils import formats
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as lazy

from leads.models import Company, Lead, ProfileChange

PERSON = (
    "first_name",
    "last_name",
    "job_title",
    "department",
    "seniority",
    "company_role",
    "need",
    "pain_point",
    "project_month",
    "budget_range",
    "interests",
    "city",
    "region",
    "language",
)
EDITABLE = frozenset(PERSON) - {"interests"}
FIXED = ("email_display", "phone", "reference")
SAID_OTHERWISE = {"email_display": lazy("Email"), "company": lazy("Company")}
COMPANY = ("name", "sector", "headcount", "turnover", "region", "siren", "domain")


@dataclass(frozen=True)
class Fact:
    """One line of the profile. ``value`` is "" when nothing is known; ``change`` says where it comes from."""

    name: str
    label: str | Promise
    value: str
    change: ProfileChange | None = None
    is_editable: bool = False
    is_missed: bool = False


def facts_of(lead: Lead, changes: Iterable[ProfileChange], missing: Collection[str]) -> list[Fact]:
    """The person's fields: known ones first in their order, then the empty ones, those that count first."""
    origins = latest(changes)
    fixed = [_fact(lead, name, origins, missing) for name in FIXED if getattr(lead, name)]
    fields = [_fact(lead, name, origins, missing) for name in PERSON]
    known = [fact for fact in fields if fact.value]
    empty = sorted((fact for fact in fields if not fact.value), key=lambda fact: not fact.is_missed)
    return [*fixed, *known, *empty]


def company_facts(company: Company) -> list[Fact]:
    """What is known of the company."""
    return [
        Fact(name, field_label(name, Company), value)
        for name in COMPANY
        if (value := value_in_words(name, getattr(company, name), Company)) != "—"
    ]


def latest(changes: Iterable[ProfileChange]) -> dict[str, ProfileChange]:
    """The newest change of each field; ``changes`` come newest first."""
    found: dict[str, ProfileChange] = {}
    for change in changes:
        found.setdefault(change.field, change)
    return found


def _fact(lead: Lead, name: str, origins: Mapping[str, ProfileChange], missing: Collection[str]) -> Fact:
    words = value_in_words(name, getattr(lead, name))
    return Fact(
        name=name,
        label=field_label(name),
        value="" if words == "—" else words,
        change=origins.get("email" if name == "email_display" else name),
        is_editable=name in EDITABLE,
        is_missed=name in missing,
    )


def field_label(name: str, model: type[Lead | Company] = Lead) -> str:
    """A profile field as people call it."""
    if name in SAID_OTHERWISE:
        return str(SAID_OTHERWISE[name])
    labels = {field.name: field.verbose_name for field in model._meta.fields}
    return str(capfirst(str(labels.get(name, name.replace("_", " ")))))


def value_in_words(name: str, value: object, model: type[Lead | Company] = Lead) -> str:
    """A profile value for reading: the label of a code, the month of a horizon, "—" for nothing."""
    if value in (None, "", [], {}):
        return "—"
    if name == "project_month":
        month = value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))
        return formats.date_format(month, "F Y")
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {item}" for key, item in value.items())
    if name == "language":
        return _language(str(value))
    return str(_choices(name, model).get(str(value), value))


def _language(code: str) -> str:
    """A language in the reader's own; the code itself when nobody knows it."""
    try:
        return str(capfirst(get_language_info(code)["name_translated"]))
    except KeyError:
        return code


def _choices(name: str, model: type[Lead | Company]) -> dict[str, str | Promise]:
    """The labels of a field's codes; none for free text and for what is no field at all."""
    found = {field.name: field for field in model._meta.fields}.get(name)
    return dict(found.flatchoices) if found is not None else {}
