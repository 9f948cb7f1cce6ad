"""Costs typed into a grid or pasted as a table: read whole, or refused line by line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from capture.months import read_month
from leads.actions.sources import Place
from leads.channels import Channel
from leads.custom_fields import Definition, FieldType, read_value
from leads.normalise import InvalidValue, searchable

MOST_LINES = 2_000
_EUROS = Definition("amount", FieldType.MONEY)
LARGEST = Decimal("9999999999.99")


@dataclass(frozen=True, slots=True)
class LineError:
    """Why a line was not understood."""

    line: int
    text: str


def read_amount(text: str, *, language: str) -> Decimal | None:
    """An amount in euros as people write it ("1 234,56 €"), exact; None for nothing. Raises InvalidValue."""
    value = read_value(_EUROS, text.strip(), language=language)
    if value is None:
        return None
    amount = Decimal(str(value))
    if amount != round(amount, 2):
        raise InvalidValue("too_exact", _("Write at most two decimals."))
    if not 0 <= amount <= LARGEST:
        raise InvalidValue("out_of_range", _("Write an amount from 0 to 9,999,999,999.99."))
    return amount


def read_table(
    text: str, *, campaigns: Mapping[str, int], language: str
) -> tuple[dict[Place, Decimal | None], list[LineError]]:
    """The amounts of "channel; campaign; month; amount" (the campaign may be left out), and what is wrong.

    ``campaigns``: ids by code and by name, both in search form. A heading is passed over. The columns may be
    parted by semicolons, tabs or, where there are neither, commas.
    """
    amounts: dict[Place, Decimal | None] = {}
    errors = []
    for number, cells in _rows(text):
        try:
            place, amount = _read_row(cells, campaigns, language)
        except InvalidValue as error:
            errors.append(LineError(number, str(error)))
            continue
        if place in amounts:
            errors.append(LineError(number, _("This source and month stand in the table twice.")))
        amounts[place] = amount
    return amounts, errors


def _rows(text: str) -> Iterable[tuple[int, list[str]]]:
    lines = text.lstrip("\ufeff").splitlines()[:MOST_LINES]
    delimiter = next((sign for sign in ";\t" if any(sign in line for line in lines)), ",")
    for number, cells in enumerate(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter), start=1):
        told = [cell.strip() for cell in cells]
        if any(told) and not (number == 1 and _is_heading(told)):
            yield number, told


def _is_heading(cells: list[str]) -> bool:
    return not any(any(sign.isdigit() for sign in cell) for cell in cells)


def _read_row(cells: list[str], campaigns: Mapping[str, int], language: str) -> tuple[Place, Decimal | None]:
    if len(cells) == 3:
        cells = [cells[0], "", *cells[1:]]
    if len(cells) != 4:
        raise InvalidValue("columns", _("Write channel; campaign; month; amount."))
    channel = _channels().get(searchable(cells[0]))
    if channel is None:
        raise InvalidValue("channel", _("“%(text)s” is no channel.") % {"text": cells[0][:60]})
    campaign = campaigns.get(searchable(cells[1])) if cells[1] else None
    if cells[1] and campaign is None:
        raise InvalidValue("campaign", _("There is no campaign “%(text)s”.") % {"text": cells[1][:60]})
    month = read_month(cells[2])
    if month is None:
        raise InvalidValue(
            "month", _("Write the month as 2026-03, not “%(text)s”.") % {"text": cells[2][:40]}
        )
    return (month, channel, campaign), read_amount(cells[3], language=language)


def _channels() -> dict[str, str]:
    """Channels by code and by their name in the reader's language."""
    found = {searchable(code.replace("_", " ")): code for code in Channel.values}
    return (
        found
        | {searchable(str(label)): code for code, label in Channel.choices}
        | {c: c for c in Channel.values}
    )


def cell_name(place: Place) -> str:
    """The name of a grid's field: "social.12.2026-03"."""
    month, channel, campaign = place
    return f"{channel}.{campaign or ''}.{month:%Y-%m}"


def read_grid(
    typed: Mapping[str, str], places: Iterable[Place], *, language: str
) -> tuple[dict[Place, Decimal | None], dict[str, str]]:
    """The amounts of a grid's fields, and what is wrong by the field's name."""
    amounts: dict[Place, Decimal | None] = {}
    errors = {}
    for place in places:
        name = cell_name(place)
        if name not in typed:
            continue
        try:
            amounts[place] = read_amount(typed[name], language=language)
        except InvalidValue as error:
            errors[name] = str(error)
    return amounts, errors
