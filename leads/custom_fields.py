"""Values of custom fields: read as people type them, kept exact, shown as people write them.

A value is kept as JSON: text as text, numbers and amounts as numbers (of at most 15 digits, which survive
every reader of JSON exactly), dates as ISO 8601, choices by their codes, yes/no as a boolean.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from leads.normalise import InvalidValue, clean_line, searchable

LONGEST_TEXT = 1000
LARGEST = Decimal(10) ** 11
DECIMALS = 4


class About(models.TextChoices):
    """Whom a custom field describes."""

    LEAD = "lead", _("Lead")
    COMPANY = "company", _("Company")


class FieldType(models.TextChoices):
    """What values a custom field takes."""

    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    DATE = "date", _("Date")
    CHOICE = "choice", _("One choice")
    MULTIPLE = "multiple", _("Several choices")
    BOOLEAN = "boolean", _("Yes or no")
    MONEY = "money", _("Amount")


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values that may be chosen."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Definition:
    """A custom field, as far as its values are concerned."""

    code: str
    type: FieldType
    label: str = ""
    options: tuple[Option, ...] = ()
    currency: str = "EUR"


Value = str | int | float | bool | list[str] | None

_YES = frozenset({"1", "true", "yes", "y", "on", "oui", "o", "vrai", "x"})
_NO = frozenset({"0", "false", "no", "n", "off", "non", "faux"})
_SPACES = re.compile(r"[\s\u00a0\u202f']")
_CURRENCY_SIGNS = re.compile(r"[€$£]|\b(?:EUR|USD|GBP|CHF)\b", re.IGNORECASE)
_DAY_FIRST = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")


def read_value(definition: Definition, raw: object, *, language: str = "fr") -> Value:
    """The value to keep for what was typed or sent; None for "nothing said".

    ``language`` decides how an ambiguous number is read: "1,234" is a thousand and more in English only; of
    a date the day comes first (bar: inputs B72). Raises InvalidValue with a text that says what to do.
    """
    if raw is None or raw in ("", []):
        return None
    return _READERS[definition.type](definition, raw, language)


def _text(_definition: Definition, raw: object, _language: str) -> Value:
    text = clean_line(_plain(raw))
    if len(text) > LONGEST_TEXT:
        raise InvalidValue("too_long", gettext("At most %(limit)s characters.") % {"limit": LONGEST_TEXT})
    return text or None


def _number(_definition: Definition, raw: object, language: str) -> Value:
    return _decimal(_plain(raw), language)


def _money(_definition: Definition, raw: object, language: str) -> Value:
    return _decimal(_CURRENCY_SIGNS.sub("", _plain(raw)), language)


def _decimal(text: str, language: str) -> int | float:
    """A number that prints as it was typed."""
    bare = _SPACES.sub("", text)
    try:
        number = Decimal(_with_point(bare, language))
    except InvalidOperation:
        raise InvalidValue("not_a_number", gettext("Write a number, such as 1234.56.")) from None
    if not number.is_finite() or abs(number) >= LARGEST:
        raise InvalidValue("number_too_large", gettext("This number is too large."))
    number = round(number, DECIMALS)
    return int(number) if number == int(number) else float(number)


def _with_point(text: str, language: str) -> str:
    """The number with a decimal point and nothing else: "1.234,5" and "1,234.5" both give 1234.5."""
    last_comma, last_point = text.rfind(","), text.rfind(".")
    if last_comma >= 0 and last_point >= 0:
        thousands = "." if last_comma > last_point else ","
        return text.replace(thousands, "").replace(",", ".")
    if last_comma >= 0:
        english = language.startswith("en") and re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+", text)
        return text.replace(",", "") if english else text.replace(",", ".")
    if text.count(".") > 1:
        return text.replace(".", "")
    return text


def _date(_definition: Definition, raw: object, _language: str) -> Value:
    if isinstance(raw, datetime):
        return raw.date().isoformat()
    if isinstance(raw, date):
        return raw.isoformat()
    text = clean_line(_plain(raw))
    try:
        if found := _DAY_FIRST.fullmatch(text):
            day, month, year = (int(part) for part in found.groups())
            return date(year, month, day).isoformat()
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        raise InvalidValue("not_a_date", gettext("Write a date, such as 2026-03-12 or 12/03/2026.")) from None


def _choice(definition: Definition, raw: object, _language: str) -> Value:
    return _option(definition, _plain(raw))


def _multiple(definition: Definition, raw: object, _language: str) -> Value:
    items = raw if isinstance(raw, (list, tuple)) else re.split(r"[;|\n]", _plain(raw))
    codes = [_option(definition, _plain(item)) for item in items if clean_line(_plain(item))]
    return [option.code for option in definition.options if option.code in codes] or None


def _option(definition: Definition, text: str) -> str:
    """The code of an option, given by its code or by its label, accents and case aside."""
    wanted = searchable(clean_line(text))
    for option in definition.options:
        if wanted in {searchable(option.code), searchable(option.label)}:
            return option.code
    known = ", ".join(option.label or option.code for option in definition.options[:20])
    raise InvalidValue("invalid_choice", gettext("Choose one of: %(options)s.") % {"options": known})


def _boolean(_definition: Definition, raw: object, _language: str) -> Value:
    if isinstance(raw, bool):
        return raw
    text = clean_line(_plain(raw)).casefold()
    if text in _YES | _NO:
        return text in _YES
    raise InvalidValue("not_a_boolean", gettext("Answer yes or no."))


def _plain(raw: object) -> str:
    """What was sent as text. Raises InvalidValue for tables and lists where one value belongs."""
    if isinstance(raw, (dict, list, tuple, set)):
        raise InvalidValue("not_a_value", gettext("Give one value."))
    return str(raw)


_READERS = {
    FieldType.TEXT: _text,
    FieldType.NUMBER: _number,
    FieldType.MONEY: _money,
    FieldType.DATE: _date,
    FieldType.CHOICE: _choice,
    FieldType.MULTIPLE: _multiple,
    FieldType.BOOLEAN: _boolean,
}


def show_value(definition: Definition, value: object, *, language: str = "fr") -> str:
    """A kept value as people read it; what no longer fits its definition is shown as it is."""
    if value in (None, "", []):
        return ""
    try:
        return _shown(definition, value, language)
    except (InvalidOperation, ValueError):
        return str(value)


def _shown(definition: Definition, value: object, language: str) -> str:
    shower = _SHOWERS.get(definition.type)
    return shower(definition, value, language) if shower else str(value)


def _shown_money(definition: Definition, value: object, language: str) -> str:
    amount = format_currency(Decimal(str(value)), definition.currency or "EUR", locale=language)
    return str(amount)


def _shown_choices(definition: Definition, value: object, _language: str) -> str:
    labels = {option.code: option.label for option in definition.options}
    codes = value if isinstance(value, list) else [value]
    return ", ".join(labels.get(str(code), str(code)) for code in codes)


_SHOWERS: dict[FieldType, Callable[[Definition, object, str], str]] = {
    FieldType.NUMBER: lambda _, value, language: str(format_decimal(Decimal(str(value)), locale=language)),
    FieldType.MONEY: _shown_money,
    FieldType.DATE: lambda _, value, language: format_date(
        date.fromisoformat(str(value)), "long", locale=language
    ),
    FieldType.BOOLEAN: lambda _, value, __: gettext("Yes") if value else gettext("No"),
    FieldType.CHOICE: _shown_choices,
    FieldType.MULTIPLE: _shown_choices,
}
