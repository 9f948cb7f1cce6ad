"""Narrowing leads by their custom fields: one meaning of ``custom.<code>`` for the page and for the API.

A choice, a yes or no: equal; of several choices: among them; text: contained, whatever its case. Numbers,
amounts and dates: equal, or ``custom.<code>.from`` and ``custom.<code>.to``, both included.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import JSONField, Q, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.lookups import GreaterThanOrEqual, IContains, LessThanOrEqual

from leads.custom_fields import Definition, FieldType, read_value
from leads.models import CustomField

PREFIX = "custom."
RANGED = frozenset({FieldType.NUMBER, FieldType.MONEY, FieldType.DATE})
_BOUNDS = {".from": GreaterThanOrEqual, ".to": LessThanOrEqual}


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that may be asked of a custom field; ``bound`` is "", ".from" or ".to"."""

    definition: Definition
    bound: str = ""

    @property
    def name(self) -> str:
        """The parameter's name in an address."""
        return f"{PREFIX}{self.definition.code}{self.bound}"

    def read(self, raw: object, language: str) -> object:
        """The value to compare with, None for nothing. Raises InvalidValue."""
        value = read_value(self.definition, raw, language=language)
        return value[0] if isinstance(value, list) else value

    def condition(self, value: object) -> Q:
        """The leads whose value is, contains or lies beyond this one."""
        code = self.definition.code
        if self.bound:
            return Q(_BOUNDS[self.bound](KeyTransform(code, "custom"), Value(value, JSONField())))
        if self.definition.type == FieldType.TEXT:
            return Q(IContains(KeyTextTransform(code, "custom"), value))
        several = self.definition.type == FieldType.MULTIPLE
        return Q(custom__contains={code: [value] if several else value})


def what_may_be_asked(fields: Iterable[CustomField]) -> list[Asked]:
    """Every parameter that these fields give, in their order."""
    return [
        Asked(field.definition, bound)
        for field in fields
        for bound in (tuple(_BOUNDS) if field.type in RANGED else ("",))
    ]
