"""The forms by which people correct a score: points by hand, and events that do not count."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from leads.models import EventKind, Source
from scoring.models import ScoreAdjustment
from scoring.models.adjustment import MOST_POINTS


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class AdjustForm(forms.Form):
    """Points added to a measure by hand."""

    measure = forms.ChoiceField(label=_("Score"), choices=ScoreAdjustment.Measure.choices)
    points = forms.IntegerField(label=_("Points"), min_value=-MOST_POINTS, max_value=MOST_POINTS)
    reason = forms.CharField(label=_("Reason"), max_length=500)
    expires_on = forms.DateField(label=_("Until"), required=False, widget=_day())

    def clean_points(self) -> int:
        """None at all is no adjustment."""
        points: int = self.cleaned_data["points"]
        if points == 0:
            raise forms.ValidationError(_("Give at least one point, or take one away."))
        return points


class VoidForm(forms.Form):
    """Why an event is not to count."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


def source_name(number: int) -> str:
    """Who says that something happened."""
    if number in Source.values:
        return str(Source(number).label)
    return say("API key %(number)d") % {"number": number}


class VoidingForm(forms.Form):
    """Which events are to be voided; both days included."""

    source = forms.TypedChoiceField(label=_("Source"), coerce=int, required=False, empty_value=None)
    kind = forms.ModelChoiceField(EventKind.objects.order_by("id"), label=_("Kind of event"), required=False)
    since = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Up to and including"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: object, sources: list[tuple[int, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they came
        self.fields["source"].choices = [("", _("Every source")), *sources]  # type: ignore[attr-defined]
        self.fields["kind"].empty_label = _("Every kind")  # type: ignore[attr-defined]
        self.fields["kind"].label_from_instance = lambda kind: kind.label  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        """The days stand in their order, and one filter at least narrows them down."""
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if isinstance(since, dt.date) and isinstance(until, dt.date) and until < since:
            self.add_error("until", _("This day is before the first one."))
        return cleaned
