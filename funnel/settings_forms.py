"""Forms of the settings of stages and reasons."""

from __future__ import annotations

from typing import ClassVar

from django import forms
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from funnel.actions.moving import needs_reason
from funnel.choices import SHIPPED_STAGES, VERBS, Teaches
from funnel.models import Reason, StageSetting
from funnel.stage_names import StageWords
from funnel.stages import Stage, Verb
from leads.normalise import clean_line

# Decisions for which people give a reason.
VERBS_WITH_REASONS = [(verb.value, VERBS[verb]) for verb in Verb if verb in VERBS and verb in (
    *(Verb.RETURN, Verb.DISQUALIFY, Verb.DECLINE, Verb.LOSE, Verb.REFER),
    *(Verb.PROMOTE, Verb.UNREADY, Verb.COOL, Verb.WAKE, Verb.REOPEN),
)]  # fmt: skip
_ENDS = frozenset({Verb.LOSE.value, Verb.REFER.value})


class StageForm(forms.ModelForm[StageSetting]):
    """What one stage is called, how long it usually takes, what it means here."""

    norm_days = forms.IntegerField(
        label=_("Usual days"), required=False, min_value=1, max_value=3650, widget=forms.NumberInput
    )

    class Meta:
        model = StageSetting
        fields: ClassVar = ["label_fr", "label_en", "norm_days", "description"]

    def __init__(self, *args: object, stage: Stage, **options: object) -> None:
        super().__init__(*args, **(options | {"prefix": stage.value}))  # type: ignore[arg-type]
        self.stage = stage
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"
        for language in ("fr", "en"):
            with override(language):
                shipped = str(SHIPPED_STAGES[stage])
            self.fields[f"label_{language}"].widget.attrs["placeholder"] = shipped

    @property
    def words(self) -> StageWords:
        """What was typed."""
        typed = self.cleaned_data
        return StageWords(
            label_fr=clean_line(typed["label_fr"]),
            label_en=clean_line(typed["label_en"]),
            norm_days=typed["norm_days"],
            description=clean_line(typed["description"]),
        )


class ReasonForm(forms.ModelForm[Reason]):
    """A reason and its effects."""

    verbs = forms.MultipleChoiceField(
        label=_("For which decisions"), choices=VERBS_WITH_REASONS, widget=forms.CheckboxSelectMultiple
    )
    cooldown_days = forms.IntegerField(
        label=_("Days before the gates open again"), min_value=1, max_value=3650, initial=30
    )

    class Meta:
        model = Reason
        fields: ClassVar = [
            *("label_fr", "label_en", "verbs", "teaches", "lands_on", "track_code", "cooldown_days"),
            *("needs_month", "needs_note", "needs_fields"),
        ]
        help_texts: ClassVar = {
            "teaches": _("What the likelihood learns from leads that were given this reason."),
            "lands_on": _("Where a lost or referred lead goes."),
            "track_code": _("The code of the track that a returned lead enters; empty for none."),
            "needs_month": _(
                "The lead wakes 30 days before the month that is given, whatever the days above."
            ),
        }

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.fields["track_code"].widget.attrs["list"] = "tracks"
        for name, usual in (("teaches", Teaches.NEUTRAL), ("lands_on", Stage.RECYCLED)):
            self.fields[name].initial = usual
            self.fields[name].choices = self.fields[name].choices[1:]  # type: ignore[attr-defined]

    def clean_verbs(self) -> list[str]:
        """In the order of the decisions."""
        return [
            verb.value for verb in Verb if verb.value in self.cleaned_data["verbs"] and needs_reason(verb)
        ]

    def clean(self) -> dict[str, object]:
        """Refuse what contradicts itself."""
        typed = super().clean() or {}
        verbs = set(typed.get("verbs") or ())
        asks_month = typed.get("needs_month") and not verbs & {"return", "lose"}
        if verbs and asks_month:
            said = gettext(
                "Only a returned or lost lead can wake before a month: choose one of these decisions."
            )
            self.add_error("needs_month", said)
        if verbs and typed.get("needs_fields") and "return" not in verbs:
            self.add_error("needs_fields", gettext("Only a return can say which information is missing."))
        if typed.get("needs_month") and verbs & _ENDS and typed.get("lands_on") == Stage.DISQUALIFIED:
            self.add_error("lands_on", gettext("A disqualified lead does not wake: let it be recycled."))
        return typed
