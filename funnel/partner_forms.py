"""What people type about partners and the leads that are passed on to them."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from funnel.choices import Outcome
from funnel.forms import EuroField
from funnel.models import Partner
from funnel.queries.partners import partners_for
from leads.choices import Sector
from leads.models import Lead

WAYS = [
    ("phone", _("On the phone")),
    ("email", _("By email")),
    ("meeting", _("At a meeting")),
    ("writing", _("In writing")),
]


class PartnerForm(forms.ModelForm[Partner]):
    """A partner. Territories are postcodes or their beginnings."""

    sectors = forms.MultipleChoiceField(
        label=_("Sectors"),
        choices=Sector.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("None ticked: all."),
    )
    territories = forms.CharField(
        label=_("Territories"),
        required=False,
        max_length=400,
        help_text=_("Departments or postcodes, with commas: 69, 38, 42000. Empty: everywhere."),
    )

    class Meta:
        model = Partner
        fields = ("name", "contact", "email", "language", "sectors", "territories", "is_active")

    def __init__(self, data: Any = None, *, instance: Partner | None = None) -> None:
        initial = {"territories": ", ".join(instance.territories)} if instance else {}
        super().__init__(data, instance=instance, initial=initial, label_suffix="")
        self.fields["email"].help_text = _("Where we write when a lead is passed on. Empty: you tell them.")

    def clean_territories(self) -> list[str]:
        """Each once, in order."""
        parts = [part.upper() for part in re.split(r"[\s,;]+", self.cleaned_data["territories"]) if part]
        if any(not re.fullmatch(r"[0-9A-Z]{1,12}", part) for part in parts):
            raise forms.ValidationError(_("Give departments or postcodes: 69, 38, 42000."))
        return list(dict.fromkeys(parts))

    def save(self, commit: bool = True) -> Partner:
        """The partner made or changed."""
        if self.instance._state.adding:
            self.instance.created_at = timezone.now()
        return super().save(commit)


class ReferForm(forms.Form):
    """To whom the lead is passed on; those who suit it come first."""

    partner = forms.ModelChoiceField(Partner.objects.filter(is_active=True), label=_("Partner"))
    note = forms.CharField(
        label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: Any = None, *, lead: Lead) -> None:
        super().__init__(data, label_suffix="")
        words = {"suits": _("Suited to this lead"), "others": _("Other partners")}
        groups = [
            (words[name], [(partner.pk, partner.name) for partner in partners])
            for name, partners in partners_for(lead)
            if partners
        ]
        self.fields["partner"].widget.choices = [("", "—"), *groups]


class TransferConsentForm(forms.Form):
    """How the lead agreed to be passed on."""

    way = forms.ChoiceField(label=_("How did they agree?"), choices=WAYS, widget=forms.RadioSelect)


class PartnerOutcomeForm(forms.Form):
    """What became of it at the partner's."""

    outcome = forms.ChoiceField(
        label=_("What became of it?"),
        choices=[(Outcome.WON, Outcome.WON.label), (Outcome.LOST, Outcome.LOST.label)],
        widget=forms.RadioSelect,
    )
    amount = EuroField(label=_("Amount (€), where it was won"), required=False)
