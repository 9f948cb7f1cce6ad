"""The forms of the register of requests about personal data."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leads.actions.privacy import normal_address
from leads.normalise import InvalidValue, clean_line
from leads.privacy import ErasureGround, RequestKind

OLDEST = dt.timedelta(days=3 * 366)


class RequestForm(forms.Form):
    """Who asks for what since when."""

    address = forms.CharField(
        label=_("Email or phone"), max_length=254, help_text=_("As the person gave it to us.")
    )
    kind = forms.ChoiceField(label=_("Request"), choices=RequestKind.choices)
    received_on = forms.DateField(
        label=_("Received on"),
        help_text=_("The month to answer runs from this day."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(
        label=_("Note"),
        help_text=_("How it came, how their identity was checked."),
        max_length=500,
        required=False,
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"received_on": timezone.localdate()}, label_suffix="")

    def clean_address(self) -> str:
        """An address by which somebody can be found."""
        typed = clean_line(self.cleaned_data["address"])
        try:
            return normal_address(typed)
        except InvalidValue as error:
            raise forms.ValidationError(_("Write an email address or a phone number.")) from error

    def clean_received_on(self) -> dt.date:
        """Neither in the future nor before anybody remembers."""
        day: dt.date = self.cleaned_data["received_on"]
        today = timezone.localdate()
        if not today - OLDEST <= day <= today:
            raise forms.ValidationError(_("Choose a day of the last three years."))
        return day


class AnswerForm(forms.Form):
    """What the person was told, and whether it was a refusal."""

    text = forms.CharField(
        label=_("What the person was told"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    refused = forms.BooleanField(label=_("The request is refused"), required=False)


class ErasureForm(forms.Form):
    """Why the person is erased; the box says that it cannot be taken back."""

    ground = forms.ChoiceField(label=_("Ground (GDPR art. 17.1)"), choices=ErasureGround.choices)
    sure = forms.BooleanField(label=_("I know that this cannot be undone"))
