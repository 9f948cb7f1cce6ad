"""The forms of the questions that conditions are made of, and which form a question belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from scoring.editor.forms.base import Json, Number, PartForm, Several, lines, number
from scoring.editor.forms.events import MatchForm
from scoring.editor.forms.rules import CONTRARY, ONE_PER
from scoring.editor.tree import bare, is_negated, negate
from scoring.vocabulary import READINGS, Choices

OPERATORS: Mapping[str, Choices] = {
    "values": [
        ("in", _("is one of")),
        ("not_in", _("is none of")),
        ("is_set", _("is known")),
        ("is_not_set", _("is not known")),
    ],
    "numbers": [
        ("at_least", _("is at least")),
        ("at_most", _("is at most")),
        ("in", _("is one of")),
        ("is_set", _("is known")),
        ("is_not_set", _("is not known")),
    ],
    "lists": [
        ("has_any", _("has one of")),
        ("has_none", _("has none of")),
        ("is_set", _("is known")),
        ("is_not_set", _("is not known")),
    ],
    "months": [
        ("within_months", _("within … months")),
        ("is_set", _("is known")),
        ("is_not_set", _("is not known")),
    ],
    "known": [("is_set", _("is known")), ("is_not_set", _("is not known"))],
    "flag": [("yes", _("yes")), ("no", _("no"))],
}
_SINGLE = {"in": "is", "not_in": "is_not"}
_SEVERAL = {"is": "in", "is_not": "not_in", "has": "has_any"}


class QuestionForm(PartForm):
    """One question of a condition; it may be negated."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["negated"] = forms.BooleanField(label=CONTRARY, required=False)

    @classmethod
    def read(cls, part: Any) -> Json:
        """The values of the question, negated or not."""
        return cls.read_bare(bare(part)) | {"negated": is_negated(part)}

    @classmethod
    def read_bare(cls, part: Any) -> Json:
        """The values of the question itself."""
        return dict(part)

    def json(self) -> Any:
        """The question, negated if asked."""
        return negate(self.bare_json(), self.cleaned_data["negated"])

    def bare_json(self) -> Json:
        """The question itself."""
        raise NotImplementedError


class HappenedForm(QuestionForm, MatchForm):
    """Something happened: how often, about how many contents, since when."""

    at_least = Number(label=_("At least"), unit=_("times"))
    distinct_contents = Number(label=_("About at least"), unit=_("different contents"))
    within_days = Number(label=_("Within the last"), unit=_("days"))
    one_per = forms.ChoiceField(label=_("Counts"), choices=ONE_PER, required=False)

    @classmethod
    def read_bare(cls, part: Any) -> Json:
        """The match and the numbers."""
        numbers = ("at_least", "distinct_contents", "within_days", "one_per")
        return MatchForm.read(part.get("event", {})) | {name: part[name] for name in numbers if name in part}

    def bare_json(self) -> Json:
        """``{"event": …, "at_least": …}``."""
        one_per = self.cleaned_data["one_per"]
        numbers = self.told("at_least", "distinct_contents", "within_days")
        return {"event": MatchForm.json(self)} | numbers | ({"one_per": one_per} if one_per else {})


class InactiveForm(QuestionForm, MatchForm):
    """Nothing happened for some days."""

    inactive_days = Number(label=_("Nothing for"), unit=_("days"), required=True)
    focus = "inactive_days"

    @classmethod
    def read_bare(cls, part: Any) -> Json:
        """The days and the match."""
        return MatchForm.read(part.get("event", {})) | {"inactive_days": part.get("inactive_days", 60)}

    def bare_json(self) -> Json:
        """``{"inactive_days": …}``."""
        match = MatchForm.json(self)
        return {"inactive_days": number(self.cleaned_data["inactive_days"])} | (
            {"event": match} if match else {}
        )


class FactForm(QuestionForm):
    """A fact of the lead or its company; what it may be compared with depends on the fact."""

    field = forms.ChoiceField(label=_("Fact"), choices=[])
    op = forms.ChoiceField(label=_("Comparison"), choices=[], required=False)
    decides = ("field", "op")

    def build(self) -> None:
        """The comparisons and values of the chosen field."""
        self.fields["field"].choices = self.site.fields  # type: ignore[attr-defined]
        name = self._typed("field") or "seniority"
        self.sort = self.site.sort_of(name)
        self.fields["op"].choices = OPERATORS[self.sort]  # type: ignore[attr-defined]
        operator = self._typed("op")
        if operator not in dict(OPERATORS[self.sort]):
            operator = OPERATORS[self.sort][0][0]
        if operator in ("is_set", "is_not_set", "yes", "no"):
            return
        choices = self.site.choices_of(name)
        if choices:
            self.fields["value"] = Several(choices, label=_("Values"))
        elif operator in ("at_least", "at_most", "within_months"):
            unit = pgettext_lazy("unit", "months") if operator == "within_months" else ""
            self.fields["value"] = Number(label=_("Value"), unit=unit)
        else:
            self.fields["value"] = forms.CharField(
                label=_("Values, with commas between"), required=False, max_length=1000
            )

    def _typed(self, name: str) -> str:
        found = self.data.get(name) if self.is_bound else self.initial.get(name)
        return str(found or "")

    @classmethod
    def read_bare(cls, part: Any) -> Json:
        """Operators of one value are shown as those of several."""
        operator, value = part.get("op", ""), part.get("value")
        if isinstance(value, bool):
            return {"field": part["field"], "op": "yes" if value else "no"}
        if operator in _SEVERAL:
            operator, value = _SEVERAL[operator], [value]
        return {"field": part.get("field"), "op": operator, "value": value}

    @property
    def is_text(self) -> bool:
        """Whether the values are typed."""
        return "value" in self.fields and not isinstance(self.fields["value"], Several | Number)

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        """Typed values with commas between."""
        value = super().get_initial_for_field(field, field_name)
        return ", ".join(map(str, value)) if field_name == "value" and self.is_text and value else value

    def bare_json(self) -> Json:
        """``{"field", "op", "value"}``."""
        name = self.cleaned_data["field"]
        operator = self.cleaned_data.get("op") or OPERATORS[self.sort][0][0]
        if operator in ("yes", "no"):
            return {"field": name, "op": "is", "value": operator == "yes"}
        if "value" not in self.fields:
            return {"field": name, "op": operator}
        value = self.cleaned_data["value"]
        if isinstance(self.fields["value"], Number):
            return {"field": name, "op": operator, "value": number(value)}
        values = [self.site.typed(name, one) for one in (lines(value) if self.is_text else value)]
        if len(values) == 1 and operator in _SINGLE:
            return {"field": name, "op": _SINGLE[operator], "value": values[0]}
        return {"field": name, "op": operator, "value": values}


class ListForm(QuestionForm):
    """The lead is in a list."""

    list = forms.ChoiceField(label=_("In the list"), choices=[])

    def build(self) -> None:
        """The lists of the site."""
        self.fields["list"].choices = self.site.lists  # type: ignore[attr-defined]

    def bare_json(self) -> Json:
        """``{"list": code}``."""
        return {"list": self.cleaned_data["list"]}


class PersonaForm(QuestionForm):
    """The lead resembles a persona."""

    persona = forms.ChoiceField(label=_("Resembles"), choices=[])
    at_least = Number(label=_("At least"), unit="%", required=True, initial="60")

    def build(self) -> None:
        """The personas of the document."""
        self.fields["persona"].choices = self.site.personas  # type: ignore[attr-defined]

    def bare_json(self) -> Json:
        """``{"persona": code, "at_least": percent}``."""
        return {"persona": self.cleaned_data["persona"]} | self.told("at_least")


class ScoreForm(QuestionForm):
    """A score lies between."""

    score = forms.ChoiceField(label=_("Score"), choices=[])
    at_least = Number(label=_("At least"), unit=_("points"))
    below = Number(label=_("Below"), unit=_("points"))

    def build(self) -> None:
        """Rules may ask for completeness only."""
        self.fields["score"].choices = self.site.scores  # type: ignore[attr-defined]

    def bare_json(self) -> Json:
        """``{"score", "at_least", "below"}``."""
        return {"score": self.cleaned_data["score"]} | self.told("at_least", "below")


class ReadingForm(QuestionForm):
    """The grade, level, phase or temperature is one of some."""

    word: ClassVar[str] = ""

    def build(self) -> None:
        """The values of the word."""
        self.fields["value"] = Several(READINGS[self.word], label=self.site.label(self.word), required=True)

    @classmethod
    def read_bare(cls, part: Any) -> Json:
        """The values, as texts."""
        return {"value": [str(value) for value in part.get(cls.word, ())]}

    def bare_json(self) -> Json:
        """``{"grade": ["A"]}``."""
        given = self.cleaned_data["value"]
        return {self.word: [int(value) for value in given] if self.word == "level" else given}


class GradeForm(ReadingForm):
    """The grade."""

    word = "grade"


class LevelForm(ReadingForm):
    """The level."""

    word = "level"


class PhaseForm(ReadingForm):
    """The buying phase."""

    word = "phase"


class TemperatureForm(ReadingForm):
    """The temperature."""

    word = "temperature"


QUESTIONS: Mapping[str, type[QuestionForm]] = {
    "happened": HappenedForm,
    "inactive": InactiveForm,
    "field": FactForm,
    "list": ListForm,
    "persona": PersonaForm,
    "score": ScoreForm,
    "grade": GradeForm,
    "level": LevelForm,
    "phase": PhaseForm,
    "temperature": TemperatureForm,
}


def question_of(condition: Any) -> str:
    """Which form a question belongs to."""
    inner = bare(condition)
    if "event" in inner and "inactive_days" not in inner:
        return "happened"
    names = {"inactive_days": "inactive"}
    return next((names.get(key, key) for key in inner if names.get(key, key) in QUESTIONS), "field")
