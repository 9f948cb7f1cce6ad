"""What is asked on a quick card, and how the answers are read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from capture.choices import QuickMode
from capture.consents import words_with
from leads.channels import OFFLINE, Channel
from leads.choices import DecisionRole, Sector
from leads.models import Campaign, ConsentWording
from leads.normalise import (
    EmailAddress,
    InvalidValue,
    PhoneNumber,
    clean_line,
    clean_text,
    normalise_email,
    normalise_phone,
)
from nurturing.models import MailSettings

# A card may wait this long on a device without a network; older dates are typed as paper forms.
LONGEST_WAIT = timedelta(days=30)
AHEAD = timedelta(minutes=5)

HORIZONS: list[tuple[str, str | Promise]] = [
    ("0", lazy("Now")),
    ("3", lazy("3 months")),
    ("6", lazy("6 months")),
    ("12", lazy("A year")),
]
WANTS: list[tuple[str, str | Promise]] = [
    ("quote", lazy("Quote")),
    ("demo", lazy("Demo")),
    ("documentation", lazy("Documentation")),
    ("call_back", lazy("Call back")),
]
REASONS: list[tuple[str, str | Promise]] = [
    ("information", lazy("Information")),
    ("quote", lazy("Quote")),
    ("appointment", lazy("Appointment")),
    ("support", lazy("Support")),
    ("other", lazy("Other")),
]
OCCASION_CHANNELS = (
    Channel.TRADE_SHOW,
    Channel.EVENT,
    Channel.POINT_OF_SALE,
    Channel.IN_STORE_OFFER,
    Channel.PRIZE_DRAW,
)


def occasions() -> QuerySet[Campaign]:
    """Fairs, shops and the like that are in use, the newest first."""
    return Campaign.objects.filter(is_active=True, channel__in=OFFLINE).order_by("-starts_on", "-created_at")


def wordings(language: str) -> list[ConsentWording]:
    """The newest version of each consent wording in this language."""
    newest = ConsentWording.objects.filter(language=language).order_by("code", "-version")
    return list(newest.distinct("code"))


class QuickCard(forms.Form):
    """One card. Only an email or a phone is needed; everything else is a help."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    corrects = forms.UUIDField(widget=forms.HiddenInput, required=False)
    mode = forms.ChoiceField(widget=forms.HiddenInput, choices=QuickMode)
    met_at = forms.CharField(widget=forms.HiddenInput, required=False)
    occasion = forms.ModelChoiceField(
        Campaign.objects.none(), label=lazy("Occasion"), required=False, empty_label=lazy("Choose…")
    )
    met_on = forms.DateField(
        label=lazy("Filled in on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    first_name = forms.CharField(label=lazy("First name"), max_length=100, required=False)
    last_name = forms.CharField(label=lazy("Last name"), max_length=100, required=False)
    company = forms.CharField(label=lazy("Company"), max_length=200, required=False)
    email = forms.CharField(
        label=lazy("Email"),
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "email"}),
    )
    phone = forms.CharField(
        label=lazy("Phone"), max_length=60, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    reason = forms.ChoiceField(
        label=lazy("Reason for the call"), choices=REASONS, required=False, widget=forms.RadioSelect
    )
    wants = forms.MultipleChoiceField(
        label=lazy("Wants"), choices=WANTS, required=False, widget=forms.CheckboxSelectMultiple
    )
    sector = forms.ChoiceField(
        label=lazy("Sector"), choices=Sector.choices, required=False, widget=forms.RadioSelect
    )
    need = forms.MultipleChoiceField(label=lazy("Need"), required=False, widget=forms.CheckboxSelectMultiple)
    role = forms.ChoiceField(
        label=lazy("Role in the decision"),
        choices=DecisionRole.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    horizon = forms.ChoiceField(
        label=lazy("Project horizon"), choices=HORIZONS, required=False, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=lazy("Note"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    consents = forms.ModelMultipleChoiceField(
        ConsentWording.objects.none(),
        label=lazy("Consent"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, topics: list[str], language: str, **options: Any) -> None:
        super().__init__(*args, **options)
        fields: dict[str, Any] = self.fields
        fields["occasion"].queryset = occasions()
        fields["need"].choices = [(topic, topic.replace("-", " ").capitalize()) for topic in topics]
        # A card that waited may bring a version that has been replaced meanwhile: those words were shown.
        fields["consents"].queryset = ConsentWording.objects.all()
        controller = MailSettings.load().organisation
        self.boxes = [(each, words_with(each, controller)) for each in wordings(language)]

    def clean_first_name(self) -> str:
        return clean_line(self.cleaned_data["first_name"])

    def clean_last_name(self) -> str:
        return clean_line(self.cleaned_data["last_name"])

    def clean_company(self) -> str:
        return clean_line(self.cleaned_data["company"])

    def clean_met_on(self) -> date | None:
        """Not a day that is still to come."""
        day: date | None = self.cleaned_data["met_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return day

    def clean_note(self) -> str:
        return clean_text(self.cleaned_data["note"])

    def clean_email(self) -> EmailAddress | None:
        """The address in its normal form."""
        typed = self.cleaned_data["email"].strip()
        try:
            return normalise_email(typed) if typed else None
        except InvalidValue:
            raise forms.ValidationError(_("Check the email: it cannot be written to like this.")) from None

    def clean_phone(self) -> PhoneNumber | None:
        """The number; one that cannot be called is kept, and does not count as a way to reach somebody."""
        typed = self.cleaned_data["phone"].strip()
        return normalise_phone(typed) if typed else None

    def clean(self) -> dict[str, Any]:
        """Somebody who can be reached, met at a possible time on an occasion."""
        values = super().clean() or {}
        phone: PhoneNumber | None = values.get("phone")
        if not values.get("email") and not (phone and phone.is_valid) and "email" not in self.errors:
            self.add_error(
                "phone" if phone else "email", _("An email or a phone number that works is needed.")
            )
        if values.get("mode") != QuickMode.CALL and not values.get("occasion"):
            self.add_error("occasion", _("Choose where you met, or add the occasion."))
        if values.get("mode") == QuickMode.PAPER and not values.get("met_on") and "met_on" not in self.errors:
            self.add_error("met_on", _("On which day was the form filled in?"))
        return values

    def met(self, *, now: datetime) -> datetime:
        """When it was: noon of a paper form's day, the device's clock as far as it can be right, or now."""
        day = self.cleaned_data.get("met_on")
        if self.cleaned_data["mode"] == QuickMode.PAPER and isinstance(day, date):
            noon = datetime.combine(day, datetime.min.time()).replace(hour=12)
            return min(timezone.make_aware(noon), now)
        return _device_time(self.cleaned_data["met_at"], now=now)


def _device_time(typed: str, *, now: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        return now
    if moment.tzinfo is None or not now - LONGEST_WAIT <= moment <= now + AHEAD:
        return now
    return min(moment, now)


def blank(mode: str, occasion: Campaign | None, *, met_on: str = "") -> Mapping[str, object]:
    """What a fresh card holds."""
    return {"id": uuid4(), "mode": mode, "occasion": occasion, "met_on": met_on or None}


class OccasionForm(forms.ModelForm[Campaign]):
    """A fair, a shop or the like, made on the spot."""

    class Meta:
        model = Campaign
        fields = ("name", "channel")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        fields: dict[str, Any] = self.fields
        fields["channel"].choices = [(one.value, one.label) for one in OCCASION_CHANNELS]

    def clean_name(self) -> str:
        return clean_line(self.cleaned_data["name"])


def default_language() -> str:
    """The language of the consent wordings on a card: that of the site's visitors."""
    return settings.LANGUAGE_CODE.split("-", maxsplit=1)[0]
