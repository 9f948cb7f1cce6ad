"""What people type in the inbox and on their leads. The actions decide; forms only read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django import forms
from django.forms.models import fields_for_model
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from funnel.models import Reason
from funnel.research import RESEARCH_FIELDS, field_label, missing_fields
from leads.models import Lead


class MonthField(forms.DateField):
    """A month, as browsers send it (2027-03) or as people type it (03/2027); its first day."""

    def __init__(self, **options: object) -> None:
        options.setdefault("widget", forms.DateInput(format="%Y-%m", attrs={"type": "month"}))
        options.setdefault("input_formats", ["%Y-%m", "%m/%Y", "%m-%Y"])
        super().__init__(**options)  # type: ignore[arg-type]  # options of DateField, whatever they are


class EuroField(forms.DecimalField):
    """Euros as people write them in their language: "1 234,56 €" or "€1,234.56"."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def __init__(self, **options: object) -> None:
        limits = {"min_value": 0, "max_digits": 12, "decimal_places": 2}
        super().__init__(**(limits | options))  # type: ignore[arg-type]  # options of DecimalField

    def clean(self, value: object) -> Decimal | None:
        """The amount; None for an empty field that may be."""
        text = re.sub(r"[\s€]", "", str(value or ""))
        amount: Decimal | None = super().clean(
            text.replace(",", "" if (get_language() or "fr").startswith("en") else ".")
        )
        return amount


class RatingField(forms.TypedChoiceField):
    """What a lead is worth in the eyes of who decides, from 1 to 5; may stay unsaid."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Value of this lead"),
            choices=[(number, str(number)) for number in range(1, 6)],
            coerce=int,
            empty_value=None,
            required=False,
            widget=forms.RadioSelect,
        )


class GroundsForm(forms.Form):
    """A reason and what it asks for."""

    reason = forms.SlugField(max_length=40, widget=forms.HiddenInput)
    value_rating = RatingField()
    month = MonthField(label=_("For which month is the project planned?"), required=False)
    missing_fields = forms.MultipleChoiceField(
        label=_("Which information is missing?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    competitor = forms.CharField(
        label=_("Competitor"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"list": "competitors"}),
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        reason: Reason | None = None,
        lead: Lead | None = None,
        initial: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        choices = self.fields["missing_fields"]
        assert isinstance(choices, forms.MultipleChoiceField)
        choices.choices = [(name, field_label(name)) for name in RESEARCH_FIELDS]
        if lead and data is None:
            self.initial.setdefault("missing_fields", missing_fields(lead))
        if reason:
            self.fields["note"].required = reason.needs_note
            self.fields["month"].required = reason.needs_month
            self.initial["reason"] = reason.code
            for name, needed in (("month", reason.needs_month), ("missing_fields", reason.needs_fields)):
                if not needed:
                    del self.fields[name]


class SnoozeForm(forms.Form):
    """Until when: one of the presets by its name, or a moment."""

    preset = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    until = forms.DateTimeField(
        label=_("Another moment"),
        required=False,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )

    def __init__(self, data: Mapping[str, object] | None = None, *, presets: Mapping[str, datetime]) -> None:
        super().__init__(data)
        self.presets = presets

    def clean(self) -> dict[str, object]:
        """The moment, from whichever was told."""
        cleaned = dict(self.cleaned_data)
        if preset := cleaned.get("preset"):
            cleaned["until"] = self.presets.get(str(preset))
        if not cleaned.get("until") and "until" not in self.errors:
            self.add_error("until", _("Choose a moment that is still to come."))
        return cleaned


class ResearchForm(forms.Form):
    """What a rep found out. Only what changed is taken over."""

    def __init__(self, data: Mapping[str, object] | None = None, *, lead: Lead) -> None:
        super().__init__(data, initial={name: getattr(lead, name) for name in RESEARCH_FIELDS})
        unknown = missing_fields(lead)
        known = [name for name in RESEARCH_FIELDS if name not in unknown]
        found = fields_for_model(Lead, RESEARCH_FIELDS)
        for name in [*unknown, *known]:
            field = MonthField(label=found[name].label) if name == "project_month" else found[name]
            field.required = False
            if isinstance(field, forms.TypedChoiceField):
                field.choices = [("", "—"), *_choices_of(name)]
            if isinstance(field.widget, forms.Textarea):
                field.widget.attrs["rows"] = 2
            self.fields[name] = field

    @property
    def changes(self) -> dict[str, object]:
        """The fields that were filled in or corrected."""
        return {name: self.cleaned_data[name] for name in self.changed_data if self.cleaned_data.get(name)}


def _choices_of(name: str) -> list[tuple[str, str]]:
    return [
        (str(value), str(label)) for value, label in getattr(Lead._meta.get_field(name), "flatchoices", ())
    ]


class OpportunityForm(forms.Form):
    """What an SQL is about. An amount left open is the usual one of the product."""

    product = forms.CharField(
        label=_("Product or service"), max_length=200, widget=forms.TextInput(attrs={"list": "products"})
    )
    expected_amount = EuroField(
        label=_("Expected amount (€)"),
        help_text=_("Left empty: the usual amount of the product."),
        required=False,
    )
    expected_close = forms.DateField(
        label=_("Expected close"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )


class WinForm(forms.Form):
    """How much it was; may stay unknown."""

    amount = EuroField(label=_("Amount (€)"), required=False)
    product = forms.CharField(label=_("Product or service"), required=False, max_length=200)
