"""What is typed about campaigns and channel rules."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from leads.actions.sources import RuleDraft
from leads.channel_rules import BadCondition, read_conditions
from leads.channels import Channel
from leads.models import Campaign, ChannelRule

CONDITIONS = 3
FIELDS: list[tuple[str, str | Promise]] = [
    ("", "—"),
    ("utm_source", "utm_source"),
    ("utm_medium", "utm_medium"),
    ("utm_campaign", "utm_campaign"),
    ("utm_content", "utm_content"),
    ("utm_term", "utm_term"),
    ("referrer", lazy("site before")),
    ("page", lazy("landing path")),
    ("mark", lazy("click id")),
]
OPERATORS: list[tuple[str, str | Promise]] = [
    ("is", lazy("is one of")),
    ("contains", lazy("contains")),
    ("starts", lazy("starts with")),
    ("site", lazy("is the site")),
]
LABELS = dict(FIELDS) | dict(OPERATORS)


class CampaignForm(forms.ModelForm[Campaign]):
    """One campaign."""

    class Meta:
        model = Campaign
        fields: ClassVar = ["name", "code", "channel", "acquisition", "starts_on", "ends_on", "is_active"]
        widgets: ClassVar = {
            "starts_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "ends_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        help_texts: ClassVar = {"code": lazy("As utm_campaign names it; made from the name when left empty.")}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["code"].required = False

    def clean_code(self) -> str:
        """The code in small letters; made from the name where none was typed."""
        return str(self.cleaned_data["code"] or slugify(self.cleaned_data.get("name", ""))[:60]).lower()

    def clean(self) -> dict[str, Any]:
        """An end not before the beginning."""
        values = super().clean() or {}
        if values.get("starts_on") and values.get("ends_on") and values["ends_on"] < values["starts_on"]:
            self.add_error("ends_on", _("It cannot end before it begins."))
        return values

    def save(self, commit: bool = True) -> Campaign:
        """Keep it; the day it was made stays."""
        self.instance.created_at = self.instance.created_at or timezone.now()
        return super().save(commit)


class RuleForm(forms.Form):
    """One row of the table of channel rules: up to three conditions, a channel, perhaps a campaign."""

    channel = forms.ChoiceField(label=lazy("Channel"), choices=Channel.choices)
    campaign = forms.ModelChoiceField(
        Campaign.objects.all(), label=lazy("Campaign"), required=False, empty_label=lazy("none of its own")
    )
    is_active = forms.BooleanField(label=lazy("In use"), required=False, initial=True)

    def __init__(self, data: Any = None, *, rule: ChannelRule | None = None) -> None:
        super().__init__(data, initial=_initial(rule))
        for number in range(CONDITIONS):
            self.fields[f"field{number}"] = forms.ChoiceField(
                label=lazy("What"), choices=FIELDS, required=number == 0
            )
            self.fields[f"operator{number}"] = forms.ChoiceField(label=lazy("How"), choices=OPERATORS)
            self.fields[f"values{number}"] = forms.CharField(
                label=lazy("Values"), required=False, max_length=2000
            )

    @property
    def rows(self) -> list[list[Any]]:
        """The fields of each condition."""
        names = ("field", "operator", "values")
        return [[self[f"{name}{number}"] for name in names] for number in range(CONDITIONS)]

    def clean(self) -> dict[str, Any]:
        """The conditions, checked as the rules read them."""
        values = super().clean() or {}
        told = [
            self._condition(values, number) for number in range(CONDITIONS) if values.get(f"field{number}")
        ]
        try:
            values["conditions"] = read_conditions(told)
        except BadCondition:
            self.add_error(
                None, _("Name at least one condition; at most 40 values of at most 120 characters each.")
            )
        return values

    @staticmethod
    def _condition(values: dict[str, Any], number: int) -> dict[str, Any]:
        text = values.get(f"values{number}", "")
        return {
            "field": values[f"field{number}"],
            "operator": values.get(f"operator{number}", "is"),
            "values": [value.strip() for value in text.split(",") if value.strip()],
        }

    def draft(self) -> RuleDraft:
        """The rule as typed; call after is_valid()."""
        values = self.cleaned_data
        campaign = values["campaign"]
        return RuleDraft(
            values["conditions"], values["channel"], campaign.pk if campaign else None, values["is_active"]
        )


def _initial(rule: ChannelRule | None) -> dict[str, Any]:
    """What a rule's form shows at first."""
    if rule is None:
        return {"is_active": True}
    told: dict[str, Any] = {
        "channel": rule.channel,
        "campaign": rule.campaign_id,
        "is_active": rule.is_active,
    }
    for number, condition in enumerate(rule.conditions[:CONDITIONS]):
        told |= {
            f"field{number}": condition["field"],
            f"operator{number}": condition["operator"],
            f"values{number}": ", ".join(condition["values"]),
        }
    return told


def in_words(condition: dict[str, Any]) -> str:
    """One condition as a sentence: "utm_medium is one of cpc, ppc"."""
    name = LABELS[condition["field"]]
    if not condition["values"]:
        return _("%(field)s is there") % {"field": name}
    return f"{name} {LABELS[condition['operator']]} {', '.join(condition['values'])}"
