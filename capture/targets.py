"""What a question of a form may ask: the catalogue of where answers go.

A target's code says where: ``lead.first_name``, ``company.name``, ``custom.<code>`` and
``company_custom.<code>`` for custom fields, ``answer.<code>`` for what stays with the submission. How an
answer is read into its value is in ``capture.answers``.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale
from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from capture.choices import AnswerType
from leads.choices import (
    Audience,
    BudgetRange,
    DecisionRole,
    Headcount,
    Sector,
    Seniority,
    Turnover,
)
from leads.custom_fields import About, FieldType, Option
from leads.models import Company, CustomField, Lead
from leads.normalise import searchable

A = AnswerType

ANSWER, CUSTOM, COMPANY_CUSTOM = "answer.", "custom.", "company_custom."
EMAIL, PHONE = "lead.email", "lead.phone"
LONGEST_LINE, LONGEST_TEXT = 200, 2000
# Codes of free answers become properties of the event, named "answer.<code>".
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that may be asked. ``types`` are the ways to ask it, the usual one first.

    ``options`` is the closed vocabulary of a choice; where it is empty, the question brings its own.
    ``max_length`` counts characters.
    """

    code: str
    group: str
    label: str
    types: tuple[AnswerType, ...]
    options: tuple[Option, ...] = ()
    max_length: int = LONGEST_LINE
    currency: str = "EUR"

    @property
    def type(self) -> AnswerType:
        """How it is usually asked."""
        return self.types[0]

    @property
    def is_custom(self) -> bool:
        """Whether a custom field defines it."""
        return self.code.startswith((CUSTOM, COMPANY_CUSTOM))


LINE, TEXT = (A.LINE, A.HIDDEN), (A.TEXT, A.LINE, A.HIDDEN)
CHOICE, BOOLEAN = (A.CHOICE, A.HIDDEN), (A.BOOLEAN, A.HIDDEN)

# Field of the lead → ways to ask; in the order in which people are usually asked.
PERSON: dict[str, tuple[AnswerType, ...]] = {
    "email": (A.EMAIL,),
    "phone": (A.PHONE,),
    "first_name": LINE,
    "last_name": LINE,
    "job_title": LINE,
    "department": LINE,
    "seniority": CHOICE,
    "company_role": CHOICE,
    "language": CHOICE,
    "audience": CHOICE,
}
PROJECT: dict[str, tuple[AnswerType, ...]] = {
    "need": TEXT,
    "pain_point": TEXT,
    "project_month": (A.MONTH, A.HIDDEN),
    "budget_range": CHOICE,
    "interests": (A.MULTIPLE, A.CHOICE, A.HIDDEN),
}
PLACE: dict[str, tuple[AnswerType, ...]] = {
    "address": LINE,
    "postcode": LINE,
    "city": LINE,
    "region": LINE,
    "country": (A.COUNTRY, A.HIDDEN),
}
COMPANY: dict[str, tuple[AnswerType, ...]] = {
    "name": LINE,
    "siren": LINE,
    "sector": CHOICE,
    "headcount": CHOICE,
    "turnover": CHOICE,
    "postcode": LINE,
    "region": LINE,
    "country": (A.COUNTRY, A.HIDDEN),
}
FREE = (A.LINE, A.TEXT, A.CHOICE, A.MULTIPLE, A.BOOLEAN, A.NUMBER, A.MONEY, A.DATE, A.MONTH, A.HIDDEN)

GROUPS: dict[str, str | Promise] = {
    "person": lazy("The person"),
    "project": lazy("Their project"),
    "company": lazy("Their company"),
    "place": lazy("Where they are"),
    "custom": lazy("Custom fields"),
    "answer": lazy("Only for this form"),
}

_VOCABULARIES: dict[str, type[models.TextChoices]] = {
    "lead.seniority": Seniority,
    "lead.company_role": DecisionRole,
    "lead.budget_range": BudgetRange,
    "company.sector": Sector,
    "company.headcount": Headcount,
    "company.turnover": Turnover,
}
# As people are asked, where the field's own name would not do on a form.
_ASKED: dict[str, str | Promise] = {
    "lead.company_role": lazy("Your role in the decision"),
    "lead.need": lazy("Your need"),
    "lead.pain_point": lazy("Your challenge"),
    "lead.project_month": lazy("When is your project planned?"),
    "lead.budget_range": lazy("Your budget"),
    "lead.interests": lazy("What interests you"),
    "lead.audience": lazy("You write as"),
    "company.name": lazy("Company"),
    "company.postcode": lazy("Company's postcode"),
    "company.region": lazy("Company's region"),
    "company.country": lazy("Company's country"),
}
_AUDIENCES: dict[Audience, str | Promise] = {
    Audience.B2B: lazy("a professional"),
    Audience.B2C: lazy("a private person"),
}
_CUSTOM_TYPES: dict[FieldType, tuple[AnswerType, ...]] = {
    FieldType.TEXT: TEXT,
    FieldType.NUMBER: (A.NUMBER, A.HIDDEN),
    FieldType.DATE: (A.DATE, A.HIDDEN),
    FieldType.CHOICE: CHOICE,
    FieldType.MULTIPLE: (A.MULTIPLE, A.HIDDEN),
    FieldType.BOOLEAN: BOOLEAN,
    FieldType.MONEY: (A.MONEY, A.HIDDEN),
}


def catalogue(language: str | None = None) -> dict[str, Target]:
    """Everything that may be asked but free answers, by code, labelled in ``language`` (one query)."""
    language = language or get_language() or "fr"
    return _standard_targets(language) | _custom_targets(language)


def targets_of(codes: Collection[str], language: str | None = None) -> dict[str, Target]:
    """The targets of a form's questions by code; one that exists no longer is left out.

    One query when custom fields are among them, else none: forms are posted often.
    """
    language = language or get_language() or "fr"
    known = _standard_targets(language)
    if any(code.startswith((CUSTOM, COMPANY_CUSTOM)) for code in codes):
        known = known | _custom_targets(language)
    found = {code: known.get(code) or free_answer(code) for code in codes}
    return {code: target for code, target in found.items() if target}


@lru_cache(maxsize=8)
def _standard_targets(language: str) -> dict[str, Target]:
    """The fields of the profile; worded once for each language."""
    with override(language):
        targets = [
            *(_of_lead(name, "person", types) for name, types in PERSON.items()),
            *(_of_lead(name, "project", types) for name, types in PROJECT.items()),
            *(_of_company(name, types) for name, types in COMPANY.items()),
            *(_of_lead(name, "place", types) for name, types in PLACE.items()),
        ]
    return {target.code: target for target in targets}


def _custom_targets(language: str) -> dict[str, Target]:
    with override(language):
        definitions = CustomField.objects.filter(is_active=True).order_by("about", "position", "id")
        return {target.code: target for target in map(_of_custom, definitions)}


def free_answer(code: str) -> Target | None:
    """``answer.<code>`` as a target; None when the code is none."""
    name = code.removeprefix(ANSWER)
    if not code.startswith(ANSWER) or not _CODE.fullmatch(name):
        return None
    label = str(capfirst(name.replace("_", " ")))
    return Target(code, "answer", label, FREE, max_length=LONGEST_TEXT)


def _of_lead(name: str, group: str, types: tuple[AnswerType, ...]) -> Target:
    return _standard(f"lead.{name}", group, Lead, types)


def _of_company(name: str, types: tuple[AnswerType, ...]) -> Target:
    return _standard(f"company.{name}", "company", Company, types)


def _standard(code: str, group: str, model: type[Lead | Company], types: tuple[AnswerType, ...]) -> Target:
    """A field of the profile, as the model has it."""
    field = model._meta.get_field(code.partition(".")[2])
    label = _ASKED.get(code) or getattr(field, "verbose_name", code)
    length = getattr(field, "max_length", None) or LONGEST_LINE
    return Target(code, group, str(capfirst(str(label))), types, _vocabulary(code), length)


def _vocabulary(code: str) -> tuple[Option, ...]:
    """The closed list of what may be answered, in the language in force."""
    if code in _VOCABULARIES:
        return tuple(Option(value, str(label)) for value, label in _VOCABULARIES[code].choices)
    if code == "lead.language":
        return tuple(Option(value, _(str(label))) for value, label in settings.LANGUAGES)
    if code == "lead.audience":
        return tuple(Option(value.value, str(label)) for value, label in _AUDIENCES.items())
    return countries() if code.endswith(".country") else ()


def countries() -> tuple[Option, ...]:
    """The countries by their ISO 3166 code, in the alphabet of the language in force; France first."""
    names = Locale.parse((get_language() or "fr").replace("-", "_")).territories
    known = [Option(code, name) for code, name in names.items() if len(code) == 2 and code not in _NO_COUNTRY]
    return tuple(sorted(known, key=lambda option: (option.code != "FR", searchable(option.label))))


# What CLDR lists beside countries: unions, the world, pseudo-locales.
_NO_COUNTRY = frozenset({"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"})


def _of_custom(field: CustomField) -> Target:
    """A custom field of a lead or a company."""
    definition = field.definition
    prefix = CUSTOM if field.about == About.LEAD else COMPANY_CUSTOM
    return Target(
        f"{prefix}{field.code}",
        "custom",
        field.label,
        _CUSTOM_TYPES[definition.type],
        definition.options,
        max_length=1000,
        currency=definition.currency,
    )
