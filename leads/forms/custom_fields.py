"""The form of a custom field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leads.actions.custom_fields import CannotDefine, Wording, change_field, define_field
from leads.custom_fields import About, FieldType
from leads.models import CustomField

_CURRENCIES = [(code, code) for code in ("EUR", "USD", "GBP", "CHF")]


class CustomFieldForm(forms.Form):
    """Labels, help and options in both languages. Whom it is about and its type are chosen once."""

    about = forms.ChoiceField(label=_("About"), choices=About.choices)
    type = forms.ChoiceField(label=_("Type"), choices=FieldType.choices)
    label_fr = forms.CharField(label=_("Label in French"), max_length=80)
    label_en = forms.CharField(label=_("Label in English"), max_length=80, required=False)
    help_fr = forms.CharField(label=_("Help in French"), max_length=200, required=False)
    help_en = forms.CharField(label=_("Help in English"), max_length=200, required=False)
    options_fr = forms.CharField(
        label=_("Options in French"),
        help_text=_("One a line; for choices only."),
        widget=forms.Textarea(attrs={"rows": 5}),
        required=False,
    )
    options_en = forms.CharField(
        label=_("Options in English"),
        help_text=_("In the same order, or empty."),
        widget=forms.Textarea(attrs={"rows": 5}),
        required=False,
    )
    currency = forms.ChoiceField(
        label=_("Currency"), choices=_CURRENCIES, required=False, help_text=_("For amounts only.")
    )

    def __init__(self, data: Any = None, *, field: CustomField | None = None) -> None:
        super().__init__(data, initial=_initial(field) if field else None, label_suffix="")
        self.field = field
        if field:
            del self.fields["about"], self.fields["type"]
            if field.type not in {FieldType.CHOICE, FieldType.MULTIPLE}:
                del self.fields["options_fr"], self.fields["options_en"]
            if field.type != FieldType.MONEY:
                del self.fields["currency"]

    def save(self, *, now: Any) -> CustomField | None:
        """The field made or changed; None when it cannot be, with the error beside its field."""
        given = self.cleaned_data
        wording = Wording(*(given[name] for name in ("label_fr", "label_en", "help_fr", "help_en")))
        rest = {
            "options_fr": given.get("options_fr", "").splitlines(),
            "options_en": given.get("options_en", "").splitlines(),
            "currency": given.get("currency") or "EUR",
        }
        try:
            if self.field:
                return change_field(field=self.field, wording=wording, **rest)
            about, kind = About(given["about"]), FieldType(given["type"])
            return define_field(about=about, type=kind, wording=wording, now=now, **rest)
        except CannotDefine as refused:
            self.add_error(refused.field if refused.field in self.fields else None, str(refused))
            return None


def _initial(field: CustomField) -> dict[str, object]:
    names = ("label_fr", "label_en", "help_fr", "help_en", "currency")
    return {
        **{name: getattr(field, name) for name in names},
        "options_fr": "\n".join(field.option_labels_fr),
        "options_en": "\n".join(field.option_labels_en),
    }
