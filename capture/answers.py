"""Reading what somebody answered into the value to keep, and sorting values by where they go."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from django.utils.translation import gettext as _

from capture.choices import AnswerType
from capture.targets import ANSWER, COMPANY_CUSTOM, CUSTOM, EMAIL, LONGEST_LINE, PHONE, Target
from leads.company_names import checked_siren
from leads.custom_fields import Definition, FieldType, Option, read_value
from leads.normalise import (
    EmailAddress,
    InvalidValue,
    PhoneNumber,
    clean_line,
    clean_text,
    normalise_email,
    normalise_phone,
)

Answer = str | bool | int | float | list[str] | date | EmailAddress | PhoneNumber | None

_MONTH = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})|(?P<m>\d{1,2})[/. -](?P<y>\d{4})", re.ASCII)


class Asked(Protocol):
    """What reading needs to know of a question; ``capture.models.FormField`` is one."""

    @property
    def type(self) -> str:
        """An AnswerType."""

    @property
    def options(self) -> list[str]:
        """The question's own lines to choose from."""

    @property
    def is_required(self) -> bool:
        """Whether it must be answered."""


def options_of(target: Target, question: Asked) -> tuple[Option, ...]:
    """What may be chosen: the target's vocabulary, else the question's own lines."""
    return target.options or tuple(Option(line, line) for line in question.options)


def read_answer(target: Target, question: Asked, raw: object, *, language: str = "fr") -> Answer:
    """The value of one answer; None for "nothing said".

    Email → EmailAddress, phone → PhoneNumber (one that cannot exist is kept and flagged: B32), month →
    its first day, several choices → list of codes, country → ISO code, custom fields → as
    ``leads.custom_fields`` keeps them, everything else text.
    Raises InvalidValue with a sentence in the language in force that says what to do.
    """
    value = _read(target, question, raw, language)
    if value in (None, "", []):
        if question.is_required and question.type != AnswerType.HIDDEN:
            raise InvalidValue("required", _("This answer is needed."))
        return None
    return value


def _read(target: Target, question: Asked, raw: object, language: str) -> Answer:
    if isinstance(raw, str):
        raw = raw.strip()
    if raw in (None, "", []):
        return None
    if target.is_custom:
        return _custom(target, raw, language)
    if question.type == AnswerType.HIDDEN:
        return _hidden(target, question, raw, language)
    return _READERS[AnswerType(question.type)](target, question, raw, language)


def _hidden(target: Target, question: Asked, raw: object, language: str) -> Answer:
    """What the marketer wrote for a hidden question: read as its target is usually asked."""
    if target.type == AnswerType.MULTIPLE and not target.options:
        return [clean_line(part) for part in re.split(r"[;|\n]", _one(raw)) if clean_line(part)]
    return _READERS[target.type](target, question, raw, language)


def _custom(target: Target, raw: object, language: str) -> Answer:
    kind = _FIELD_TYPES.get(target.type, FieldType.TEXT)
    definition = Definition(target.code, kind, target.label, target.options, target.currency)
    return read_value(definition, raw, language=language)


def _line(target: Target, _question: Asked, raw: object, _language: str) -> Answer:
    text = clean_line(_one(raw))
    if target.code == "company.siren":
        text = _siren(text)
    return _within(text, min(target.max_length, LONGEST_LINE))


def _siren(text: str) -> str:
    """The SIREN, however it is spaced, told by a SIRET or a French VAT number too."""
    try:
        return checked_siren(text)
    except InvalidValue:
        raise InvalidValue(
            "not_a_siren", _("A SIREN has nine digits, the last of which is a check digit.")
        ) from None


def _text(target: Target, _question: Asked, raw: object, _language: str) -> Answer:
    return _within(clean_text(_one(raw)), target.max_length)


def _within(text: str, limit: int) -> str:
    """``text`` if it fits: what somebody wrote is never cut (bar: inputs B34)."""
    if len(text) > limit:
        raise InvalidValue("too_long", _("At most %(limit)s characters.") % {"limit": limit})
    return text


def _email(_target: Target, _question: Asked, raw: object, _language: str) -> Answer:
    try:
        return normalise_email(_one(raw))
    except InvalidValue as error:
        raise InvalidValue(error.code, _("This is not an email address that can be reached.")) from error


def _phone(_target: Target, _question: Asked, raw: object, _language: str) -> Answer:
    text = _one(raw)
    if len(text) > 60:
        raise InvalidValue("too_long", _("At most %(limit)s characters.") % {"limit": 60})
    return normalise_phone(text)


def _month(_target: Target, _question: Asked, raw: object, _language: str) -> Answer:
    """The first day of "2026-09", "09/2026" or "9 2026" (browsers without a month picker take text)."""
    found = _MONTH.fullmatch(clean_line(_one(raw)))
    month = int((found["month"] or found["m"]) if found else 0)
    year = int((found["year"] or found["y"]) if found else 0)
    if not 1 <= month <= 12 or not 1990 <= year <= 2100:
        raise InvalidValue("not_a_month", _("Write a month, such as 2026-09 or 09/2026."))
    return date(year, month, 1)


def _by_definition(kind: FieldType) -> Callable[[Target, Asked, object, str], Answer]:
    """A reader that takes what a custom field of ``kind`` would take."""

    def read(target: Target, question: Asked, raw: object, language: str) -> Answer:
        definition = Definition(target.code, kind, target.label, options_of(target, question))
        return read_value(definition, raw, language=language)

    return read


def _one_choice(target: Target, question: Asked, raw: object, language: str) -> Answer:
    """A code; of interests, which are always several, a list of one."""
    value = _by_definition(FieldType.CHOICE)(target, question, raw, language)
    return [str(value)] if target.type == AnswerType.MULTIPLE and value else value


def _one(raw: object) -> str:
    """One text. Raises InvalidValue for tables, lists and numbers where words belong."""
    if isinstance(raw, (list, tuple)) and len(raw) == 1:
        raw = raw[0]
    if not isinstance(raw, str):
        raise InvalidValue("not_a_value", _("Give one value."))
    return raw


_READERS: dict[AnswerType, Callable[[Target, Asked, object, str], Answer]] = {
    AnswerType.LINE: _line,
    AnswerType.TEXT: _text,
    AnswerType.EMAIL: _email,
    AnswerType.PHONE: _phone,
    AnswerType.NUMBER: _by_definition(FieldType.NUMBER),
    AnswerType.MONEY: _by_definition(FieldType.MONEY),
    AnswerType.DATE: _by_definition(FieldType.DATE),
    AnswerType.MONTH: _month,
    AnswerType.CHOICE: _one_choice,
    AnswerType.MULTIPLE: _by_definition(FieldType.MULTIPLE),
    AnswerType.BOOLEAN: _by_definition(FieldType.BOOLEAN),
    AnswerType.COUNTRY: _one_choice,
    AnswerType.HIDDEN: _line,
}
_FIELD_TYPES = {
    AnswerType.NUMBER: FieldType.NUMBER,
    AnswerType.DATE: FieldType.DATE,
    AnswerType.CHOICE: FieldType.CHOICE,
    AnswerType.MULTIPLE: FieldType.MULTIPLE,
    AnswerType.BOOLEAN: FieldType.BOOLEAN,
    AnswerType.MONEY: FieldType.MONEY,
}


@dataclass(frozen=True, slots=True)
class Sorted:
    """The answers of one submission by where they go; ``extras`` stay with the submission and its event."""

    email: EmailAddress | None = None
    phone: PhoneNumber | None = None
    profile: dict[str, object] = field(default_factory=dict)
    company: dict[str, object] = field(default_factory=dict)
    company_custom: dict[str, object] = field(default_factory=dict)
    extras: dict[str, object] = field(default_factory=dict)


def sort_answers(values: Mapping[str, Answer]) -> Sorted:
    """Values by target code, sorted; custom fields of the lead are in ``profile["custom"]``."""
    email, phone = values.get(EMAIL), values.get(PHONE)
    places: dict[str, dict[str, object]] = {
        "lead.": {},
        "company.": {},
        CUSTOM: {},
        COMPANY_CUSTOM: {},
        ANSWER: {},
    }
    for code, value in values.items():
        prefix, _dot, name = code.partition(".")
        if value is not None and code not in {EMAIL, PHONE}:
            places[f"{prefix}."][name] = value
    profile = places["lead."] | ({"custom": places[CUSTOM]} if places[CUSTOM] else {})
    return Sorted(
        email if isinstance(email, EmailAddress) else None,
        phone if isinstance(phone, PhoneNumber) else None,
        profile,
        places["company."],
        places[COMPANY_CUSTOM],
        {name: _plain(value) for name, value in places[ANSWER].items()},
    )


def _plain(value: object) -> object:
    """A value as JSON keeps it."""
    return value.isoformat() if isinstance(value, date) else value


def show_answer(target: Target, value: object) -> str:
    """A kept answer as people read it: labels for codes, the rest as it is."""
    labels = {option.code: option.label for option in target.options}
    items = value if isinstance(value, list) else [value]
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return ", ".join(labels.get(str(item), str(item)) for item in items if item not in (None, ""))
