"""The forms of the import wizard."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from capture.actions.imports import Options
from capture.choices import Notice
from capture.models import Import
from leads.channels import Acquisition, Channel
from leads.models import Campaign, List
from nurturing.models import Track

REGIONS = (
    "FR",
    "BE",
    "CH",
    "LU",
    "MC",
    "CA",
    "RE",
    "GP",
    "MQ",
    "GF",
    "YT",
    "DE",
    "ES",
    "IT",
    "GB",
    "NL",
    "US",
)


class UploadForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label=_("CSV or Excel file"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,text/csv"}),
        error_messages={"required": _("Choose a file first."), "empty": _("This file is empty.")},
    )


class LayoutForm(forms.Form):
    """How the file is read, where the guess was wrong."""

    encoding = forms.ChoiceField(
        label=_("Encoding"),
        choices=[
            ("utf-8", "UTF-8"),
            ("cp1252", "Windows-1252"),
            ("iso8859_15", "ISO 8859-15"),
            ("mac_roman", "Mac Roman"),
        ],
    )
    delimiter = forms.ChoiceField(
        label=_("Separator"),
        choices=[(";", _("Semicolon")), (",", _("Comma")), ("\t", _("Tab")), ("|", _("Bar"))],
    )
    has_header = forms.BooleanField(label=_("The first row names the columns"), required=False)


class OptionsForm(forms.Form):
    """What is decided for the whole file."""

    channel = forms.ChoiceField(
        label=_("Channel"), choices=[("", "—"), *Channel.choices], required=False,
        help_text=_("How these people came to you. A campaign brings its own channel."),
    )  # fmt: skip
    campaign = forms.ModelChoiceField(
        Campaign.objects.filter(is_active=True), label=_("Campaign"), required=False, empty_label="—"
    )
    acquisition = forms.ChoiceField(label=_("Acquisition"), choices=Acquisition.choices)
    notice = forms.ChoiceField(
        label=_("How they learn that you have their data"),
        choices=Notice.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say how these people learn that you have their data.")},
    )
    notice_source = forms.CharField(
        label=_("Where the data comes from"), max_length=200, required=False,
        help_text=_("As you would tell the person: “visitors of our stand at Global Industrie 2026”."),
    )  # fmt: skip
    overwrite = forms.TypedChoiceField(
        label=_("What is known already"),
        choices=[("", _("Keep it: fill only what is empty")), ("1", _("Replace it with what the file says"))],
        coerce=bool,
        empty_value=False,  # type: ignore[arg-type]  # typed as text, whatever it is coerced to
        required=False,
        widget=forms.RadioSelect,
    )
    joins = forms.ModelChoiceField(
        List.objects.order_by("name"), label=_("List to join"), required=False, empty_label="—"
    )
    track_code = forms.ChoiceField(
        label=_("Nurturing"), required=False,
        help_text=_("An import starts nothing by itself. Who did not allow it is not written to."),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Dates and numbers are written in"), choices=settings.LANGUAGES)
    region = forms.ChoiceField(
        label=_("Phone numbers without a country code are of"), choices=[(code, code) for code in REGIONS]
    )
    again = forms.BooleanField(
        label=_("Take rows in again that an earlier import of this same file has taken in"), required=False
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        tracks = [(track.code, track.name) for track in Track.objects.filter(is_active=True)]
        track = self.fields["track_code"]
        assert isinstance(track, forms.ChoiceField)
        track.choices = [("", _("No track")), *tracks]

    @classmethod
    def of(cls, batch: Import) -> OptionsForm:
        """The form as the import has it now."""
        initial = {name: getattr(batch, name) for name in Options.__slots__}
        initial["overwrite"] = "1" if batch.overwrite else ""
        return cls(initial=initial)

    @property
    def options(self) -> Options:
        """The decided options."""
        return Options(**self.cleaned_data)
