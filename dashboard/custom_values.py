"""A lead's custom fields on its page: shown among the facts, edited one at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from dashboard.profile import Fact
from leads.custom_fields import Definition, FieldType, read_value, show_value
from leads.models import Company, CustomField, Lead, ProfileChange
from leads.normalise import InvalidValue

PREFIX = "custom."


def custom_facts(
    of: Lead | Company,
    fields: Iterable[CustomField],
    changes: Iterable[ProfileChange],
    missing: Iterable[str],
) -> list[Fact]:
    """The custom fields in use, known ones first; ``changes`` come newest first. Leads' are edited there."""
    origins, wanted = _origins(changes), set(missing)
    facts = [
        Fact(
            name=PREFIX + field.code,
            label=field.label,
            value=show_value(field.definition, of.custom.get(field.code), language=_language()),
            change=origins.get(field.code),
            is_editable=isinstance(of, Lead),
            is_missed=PREFIX + field.code in wanted,
        )
        for field in fields
    ]
    return sorted(facts, key=lambda fact: (not fact.value, not fact.is_missed))


def _origins(changes: Iterable[ProfileChange]) -> dict[str, ProfileChange]:
    """The newest change of each custom value: they are kept together, but change one by one."""
    found: dict[str, ProfileChange] = {}
    for change in changes:
        if change.field == "custom" and isinstance(change.new, Mapping):
            old: Mapping[str, object] = change.old if isinstance(change.old, Mapping) else {}
            for code, value in change.new.items():
                if old.get(code) != value:
                    found.setdefault(code, change)
    return found


class CustomValueForm(forms.Form):
    """The form of one custom field."""

    def __init__(self, field: CustomField, lead: Lead, data: Any = None) -> None:
        self.definition = field.definition
        name = PREFIX + field.code
        value = lead.custom.get(field.code)
        super().__init__(data, initial={name: _typed(value)}, auto_id="profile-%s", label_suffix="")
        self.fields[name] = _control(self.definition, field.help)

    def clean(self) -> dict[str, Any]:
        """What update_profile takes: ``{"custom": {code: value}}``."""
        name = PREFIX + self.definition.code
        try:
            value = read_value(self.definition, self.cleaned_data.get(name), language=_language())
        except InvalidValue as invalid:
            self.add_error(name, str(invalid))
            return {}
        if value is None:
            self.add_error(name, _("Say something, or leave it as it was."))
        return {"custom": {self.definition.code: value}}


def _control(definition: Definition, help_text: str) -> forms.Field:
    """The control that suits the type; what was typed is read by ``read_value``, whatever the control."""
    common: dict[str, Any] = {"label": definition.label, "help_text": help_text, "required": False}
    choices = [(option.code, option.label) for option in definition.options]
    match definition.type:
        case FieldType.CHOICE:
            return forms.ChoiceField(choices=[("", "—"), *choices], **common)
        case FieldType.MULTIPLE:
            return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **common)
        case FieldType.BOOLEAN:
            answers = [("", "—"), ("true", gettext("Yes")), ("false", gettext("No"))]
            return forms.ChoiceField(choices=answers, **common)
        case FieldType.DATE:
            return forms.CharField(widget=forms.DateInput(attrs={"type": "date"}), **common)
        case FieldType.NUMBER | FieldType.MONEY:
            return forms.CharField(
                widget=forms.TextInput(attrs={"inputmode": "decimal"}), max_length=40, **common
            )
    return forms.CharField(max_length=1000, **common)


def _typed(value: object) -> object:
    """A kept value as its control holds it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not _language().startswith("en"):
        return str(value).replace(".", ",")
    return value


def _language() -> str:
    return get_language() or "fr"
