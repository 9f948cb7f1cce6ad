"""Defining custom fields. A definition is never deleted, and its code and type never change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext

from leads.custom_fields import About, FieldType
from leads.models import CustomField
from leads.normalise import clean_line, searchable

MOST_FIELDS = 200
MOST_OPTIONS = 200
_WITH_OPTIONS = {FieldType.CHOICE, FieldType.MULTIPLE}


class CannotDefine(ValueError):
    """This definition cannot be; ``field`` is what is wrong, the text says what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Wording:
    """What people read of a custom field, in French and in English (which may be empty)."""

    label_fr: str
    label_en: str = ""
    help_fr: str = ""
    help_en: str = ""


@transaction.atomic
def define_field(
    *,
    about: About,
    type: FieldType,  # noqa: A002  # the model's word
    wording: Wording,
    now: datetime,
    options_fr: Sequence[str] = (),
    options_en: Sequence[str] = (),
    currency: str = "EUR",
) -> CustomField:
    """Make a custom field; its code is drawn from the French label. Raises CannotDefine."""
    others = CustomField.objects.select_for_update().filter(about=about)
    codes = set(others.values_list("code", flat=True))
    if len(codes) >= MOST_FIELDS:
        raise CannotDefine("label_fr", gettext("There are 200 fields already: put another one to use."))
    last = others.aggregate(last=Max("position"))["last"] or 0
    field = CustomField(
        about=about, code=_free_code(wording.label_fr, codes), type=type, position=last + 1, created_at=now
    )
    return _save(field, wording, options_fr, options_en, currency=currency)


@transaction.atomic
def change_field(
    *,
    field: CustomField,
    wording: Wording,
    options_fr: Sequence[str] = (),
    options_en: Sequence[str] = (),
    currency: str = "EUR",
) -> CustomField:
    """Change words and options. An option whose label stays keeps its code; one that is left out can no
    longer be chosen, while values that hold it stay. Raises CannotDefine.
    """
    return _save(field, wording, options_fr, options_en, currency=currency)


def _save(
    field: CustomField,
    wording: Wording,
    options_fr: Sequence[str],
    options_en: Sequence[str],
    *,
    currency: str,
) -> CustomField:
    field.label_fr = clean_line(wording.label_fr)
    field.label_en = clean_line(wording.label_en)
    field.help_fr, field.help_en = clean_line(wording.help_fr), clean_line(wording.help_en)
    if not slugify(field.label_fr):
        raise CannotDefine("label_fr", gettext("Give a label with letters in it."))
    field.currency = currency.upper()
    if field.type in _WITH_OPTIONS:
        _set_options(field, options_fr, options_en)
    field.save()
    return field


def _set_options(field: CustomField, labels_fr: Sequence[str], labels_en: Sequence[str]) -> None:
    """The options in their order, one label each in French and (where given) in English."""
    labels = [clean_line(label) for label in labels_fr if clean_line(label)]
    english = [clean_line(label) for label in labels_en if clean_line(label)]
    if not 2 <= len(labels) <= MOST_OPTIONS:
        raise CannotDefine("options_fr", gettext("Give two options or more, one a line."))
    if len({searchable(label) for label in labels}) < len(labels):
        raise CannotDefine("options_fr", gettext("Two options read the same."))
    if english and len(english) != len(labels):
        raise CannotDefine("options_en", gettext("Give as many options in English as in French, or none."))
    known = {
        searchable(label): code
        for label, code in zip(field.option_labels_fr, field.option_codes, strict=False)
    }
    codes: set[str] = set(field.option_codes)
    field.option_codes = [
        known.get(searchable(label)) or _free_code(label, codes, also=True) for label in labels
    ]
    field.option_labels_fr, field.option_labels_en = labels, english


def _free_code(label: str, taken: set[str], *, also: bool = False) -> str:
    """A code drawn from a label that nothing else has; with ``also`` it is taken from then on."""
    stem = slugify(label).replace("-", "_")[:34] or "x"
    code, number = stem, 1
    while code in taken:
        number += 1
        code = f"{stem}_{number}"
    if also:
        taken.add(code)
    return code


@transaction.atomic
def put_to_use(*, field: CustomField, in_use: bool) -> None:
    """Take a field out of use (its values stay), or back into it."""
    field.is_active = in_use
    field.save(update_fields=["is_active"])


@transaction.atomic
def move_field(*, field: CustomField, up: bool) -> None:
    """Exchange places with the neighbour above or below; at either end nothing happens."""
    order = list(CustomField.objects.select_for_update().filter(about=field.about).order_by("position", "id"))
    place = next(number for number, one in enumerate(order) if one.pk == field.pk)
    other = place - 1 if up else place + 1
    if 0 <= other < len(order):
        order[place], order[other] = order[other], order[place]
    for number, one in enumerate(order):
        one.position = number
    CustomField.objects.bulk_update(order, ["position"])
