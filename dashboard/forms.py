"""One field of a lead's profile, edited in place."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.forms import modelform_factory
from django.utils.translation import gettext_lazy as _

from dashboard.custom_values import PREFIX, CustomValueForm
from dashboard.profile import EDITABLE, field_label
from leads.custom_fields import About
from leads.models import CustomField, Lead
from leads.normalise import clean_line, clean_text

LONG = frozenset({"need", "pain_point"})


class MonthField(forms.DateField):
    """A month, kept as its first day."""

    widget = forms.DateInput(attrs={"type": "month"}, format="%Y-%m")

    def __init__(self, **options: Any) -> None:
        super().__init__(input_formats=["%Y-%m", "%Y-%m-%d"], **options)


class ProfileForm(forms.ModelForm[Lead]):
    """The form of one field; made by ``form_for``."""

    def clean(self) -> dict[str, Any]:
        """Text as it is stored: one normal form, no control characters; and something to save."""
        cleaned = super().clean() or self.cleaned_data
        for name, value in list(cleaned.items()):
            if isinstance(value, str):
                cleaned[name] = clean_text(value) if name in LONG else clean_line(value)
            if cleaned.get(name) in (None, ""):
                self.add_error(name, _("Say something, or leave it as it was."))
        return cleaned


def form_for(lead: Lead, name: str, data: Any = None) -> ProfileForm | CustomValueForm | None:
    """The form of ``name`` for this lead; None for a field that is not edited here."""
    if name.startswith(PREFIX):
        field = CustomField.objects.of(About.LEAD).filter(code=name.removeprefix(PREFIX)).first()
        return CustomValueForm(field, lead, data) if field else None
    if name not in EDITABLE:
        return None
    made = modelform_factory(
        Lead,
        form=ProfileForm,
        fields=[name],
        field_classes={"project_month": MonthField} if name == "project_month" else None,
        widgets={name: forms.Textarea(attrs={"rows": 3})} if name in LONG else None,
        labels={name: field_label(name)},
    )
    return cast("ProfileForm", made(data, instance=lead, auto_id="profile-%s"))
