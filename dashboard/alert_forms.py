"""The forms of alerts: what to be told of, and how each person wants to be told."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.roles import Role
from scoring.engine.rules import GRADES
from scoring.models import AlertRule, NotificationChoice
from scoring.models.adjustment import ScoreAdjustment
from scoring.models.alert import Recipient, Trigger
from scoring.telling_words import CHANNELS, LABELS
from scoring.tellings import ABOUT_NO_LEAD, Telling
from scoring.tellings import USUAL as USUALLY

BANDS = [(f"{grade}{level}", f"{grade}{level}") for grade in GRADES for level in (1, 2, 3, 4)]
_MEASURES = [("", "—"), *ScoreAdjustment.Measure.choices]


class AlertForm(forms.ModelForm[AlertRule]):
    """One alert. Bands, or score and points, are asked for where the trigger needs them."""

    bands = forms.MultipleChoiceField(
        label=_("Bands (for “enters a band”)"),
        choices=BANDS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    measure = forms.ChoiceField(
        label=_("Score (for “reaches so many points”)"), choices=_MEASURES, required=False
    )
    points = forms.IntegerField(label=_("Points"), required=False, min_value=1, max_value=100)
    recipients = forms.MultipleChoiceField(
        label=_("Tells"), choices=Recipient, widget=forms.CheckboxSelectMultiple
    )
    throttle_hours = forms.IntegerField(
        label=_("Hours between two about one lead"), min_value=1, max_value=24 * 90, initial=24
    )

    class Meta:
        model = AlertRule
        fields: ClassVar = [
            "name", "trigger", "bands", "measure", "points", "recipients", "by_email", "throttle_hours",
            "is_active",
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """What the trigger needs is there; what it does not need is dropped."""
        given = super().clean() or {}
        trigger = given.get("trigger")
        if trigger == "band" and not given.get("bands"):
            self.add_error("bands", _("Choose at least one band."))
        if trigger == "points" and not given.get("measure"):
            self.add_error("measure", _("Choose the score."))
        if trigger == "points" and given.get("points") is None:
            self.add_error("points", _("Say how many points."))
        if trigger != "band":
            given["bands"] = []
        if trigger != "points":
            given |= {"measure": "", "points": None}
        return given


USUAL = ""
_SALES = frozenset({Role.REP, Role.MANAGER, Role.ADMIN})
_FOR_ALL = (Telling.MENTION, Telling.THRESHOLD_CHANGED)


def _in_full(kind: Telling) -> str:
    """What this kind tells, as a sentence of its own."""
    label = str(LABELS[kind])
    return label if kind in ABOUT_NO_LEAD else _("A lead %(what)s") % {"what": label}


class ChoiceForm(forms.ModelForm[NotificationChoice]):
    """How somebody wants to be told: mails in general, what not at all, and by which way each kind comes."""

    muted = forms.MultipleChoiceField(
        label=_("Do not tell me that a lead"),
        choices=Trigger,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    digest_hour = forms.IntegerField(label=_("Hour of the daily email"), min_value=0, max_value=23, initial=8)

    class Meta:
        model = NotificationChoice
        fields: ClassVar = ["mail", "digest_hour", "quiet_from", "quiet_until", "muted"]
        widgets: ClassVar = {
            name: forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
            for name in ("quiet_from", "quiet_until")
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds = list(Telling) if self.instance.user.role in _SALES else _FOR_ALL
        self.kinds = [kind.value for kind in kinds]
        for kind in kinds:
            usual = _("As usual: %(way)s") % {"way": CHANNELS[USUALLY[kind]]}
            self.fields[kind.value] = forms.ChoiceField(
                label=_in_full(kind),
                choices=[(USUAL, usual), *((code.value, label) for code, label in CHANNELS.items())],
                required=False,
                initial=self.instance.channels.get(kind.value, USUAL),
            )

    def ways(self) -> list[forms.BoundField]:
        """The fields of the kinds, one by one."""
        return [self[kind] for kind in self.kinds]

    def save(self, commit: bool = True) -> NotificationChoice:
        """Keep only what differs from the usual."""
        chosen = {kind: self.cleaned_data[kind] for kind in self.kinds}
        self.instance.channels = {kind: way for kind, way in chosen.items() if way != USUAL}
        return super().save(commit)
