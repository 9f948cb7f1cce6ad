"""Custom fields in the list of leads: as filters, and as a column more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.db.models.fields.json import KeyTransform
from django.utils.translation import get_language, gettext

from leads.custom_fields import Definition, FieldType, show_value
from leads.custom_filters import Asked, what_may_be_asked
from leads.models import CustomField, Lead
from leads.normalise import InvalidValue

VALUE_MAX = 100
_CHOSEN = frozenset({FieldType.CHOICE, FieldType.MULTIPLE, FieldType.BOOLEAN})


class ValueField(forms.CharField):
    """What is typed for a custom field; read as its type reads it."""

    def __init__(self, asked: Asked, **options: Any) -> None:
        self.asked = asked
        super().__init__(max_length=VALUE_MAX, **options)

    def clean(self, value: Any) -> Any:
        """The value to compare with; an unfit one is an error."""
        try:
            return self.asked.read(super().clean(value), get_language() or "fr")
        except InvalidValue as invalid:
            raise forms.ValidationError(str(invalid), code=invalid.code) from invalid


class CustomFilter(django_filters.Filter):
    """One parameter of one custom field."""

    field_class = ValueField
    # Filled in by the set it belongs to.
    parent: Any
    model: Any

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        super().__init__(label=_label(asked), asked=asked, widget=_widget(asked.definition))

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """The leads whose value fits; all where nothing is asked ("no" is an answer)."""
        return qs if value is None or value == "" else qs.filter(self.asked.condition(value))

    def in_words(self, value: Any) -> str:
        """What is asked for, as people read it."""
        return show_value(self.asked.definition, value, language=get_language() or "fr")


def custom_filters(fields: Iterable[CustomField]) -> dict[str, CustomFilter]:
    """The filters by their names in the address."""
    return {asked.name: CustomFilter(asked) for asked in what_may_be_asked(fields)}


def _label(asked: Asked) -> str:
    label = asked.definition.label
    if not asked.bound:
        return label
    words = gettext("%(field)s, from") if asked.bound == ".from" else gettext("%(field)s, to")
    return words % {"field": label}


def _widget(definition: Definition) -> forms.Widget:
    if definition.type == FieldType.DATE:
        return forms.DateInput(attrs={"type": "date"})
    if definition.type not in _CHOSEN:
        return forms.TextInput(attrs={"maxlength": VALUE_MAX})
    choices = [(option.code, option.label) for option in definition.options]
    if definition.type == FieldType.BOOLEAN:
        choices = [("true", gettext("Yes")), ("false", gettext("No"))]
    return forms.Select(choices=[("", "—"), *choices])


def column_named(code: str, fields: Sequence[CustomField]) -> CustomField | None:
    """The field that is shown as a column more."""
    return next((field for field in fields if field.code == code), None)


def with_column(rows: QuerySet[Lead], column: CustomField | None) -> QuerySet[Lead]:
    """The leads with the column's value; the others stay where they are."""
    return rows.annotate(shown_value=KeyTransform(column.code, "custom")) if column else rows


def put_into_words(rows: Iterable[Any], column: CustomField | None) -> None:
    """The column's values as people read them, in ``shown_value``."""
    if column is None:
        return
    for row in rows:
        row.shown_value = show_value(column.definition, row.shown_value, language=get_language() or "fr")
