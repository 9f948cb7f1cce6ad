"""The forms of alerts: what to be told of, and how each person wants to be told."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from scoring.engine.rules import GRADES
from scoring.models import AlertRule, NotificationChoice
from scoring.models.adjustment import ScoreAdjustment
from scoring.models.alert import Recipient, Trigger

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


class ChoiceForm(forms.ModelForm[NotificationChoice]):
    """How somebody wants to be told."""

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
