"""The small forms of the editor: each reads one part of a document and writes it back as JSON.

They check little: what a number or a code may be is the engine's to say (scoring/engine/parse.py), and the
page says it beside the field whose name is the key that the engine names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from scoring.editor.site import Site
from scoring.editor.tree import bare, is_negated, negate
from scoring.vocabulary import MATCHES, READINGS, Choices

Json = dict[str, Any]
ONE_PER: Choices = [
    ("", _("each time")),
    ("hour", _("at most once an hour")),
    ("day", _("at most once a day")),
    ("week", _("at most once a week")),
]
PROPERTY_OPERATORS: Choices = [
    ("equals", _("is")),
    ("contains", _("contains")),
    ("starts_with", _("begins with")),
    ("in", _("is one of (a comma between)")),
    ("at_least", _("is at least")),
    ("at_most", _("is at most")),
    ("is_set", _("is known")),
]
PROPERTY_ROWS = 3
LARGEST = 1e15
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
CONTRARY = _("the contrary: this must not be so")
_SINGLE = {"in": "is", "not_in": "is_not"}
_SEVERAL = {"is": "in", "is_not": "not_in", "has": "has_any"}


def number(typed: str) -> Any:
    """What was typed as a number: whole or decimal, with a comma or a point; else the text itself."""
    text = "".join(typed.split()).replace("−", "-").replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        return typed
    if not abs(value) < LARGEST:
        return typed
    return int(value) if value.is_integer() else value


def lines(typed: str) -> list[str]:
    """A text with one value a line, or with commas between, as a list."""
    return [part.strip() for part in typed.replace("\n", ",").split(",") if part.strip()]


class Number(forms.CharField):
    """A number that the engine checks; the keyboard of a phone shows digits."""

    def __init__(self, *, unit: Any = "", **options: Any) -> None:
        options.setdefault("required", False)
        super().__init__(max_length=20, **options)
        self.widget.attrs |= {"inputmode": "decimal", "class": "input input--number", "autocomplete": "off"}
        self.unit = unit


class Several(forms.MultipleChoiceField):
    """Chips, any number of them."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, choices: Any, **options: Any) -> None:
        options.setdefault("required", False)
        super().__init__(choices=choices, **options)


class PartForm(forms.Form):
    """A part of a document. ``read`` gives the form's values for its JSON, ``json`` the JSON back."""

    focus: ClassVar[str] = ""
    # Fields shown only when asked for, unless they hold something; and those that decide about others.
    more: ClassVar[tuple[str, ...]] = ()
    decides: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, site: Site, **options: Any) -> None:
        options.setdefault("auto_id", "e-%s")
        super().__init__(*args, **options)
        self.site = site
        self.build()
        first = self.focus or next(iter(self.fields), "")
        self.put_focus("" if isinstance(self.fields.get(first), Several) else first)

    def put_focus(self, name: str) -> None:
        """Give one field the focus when the form is drawn; nothing changes for a name that is not here."""
        self.has_focus = name in self.fields
        if not self.has_focus:
            return
        for field in self.fields.values():
            field.widget.attrs.pop("autofocus", None)
        self.fields[name].widget.attrs["autofocus"] = True

    def build(self) -> None:
        """Add the fields that depend on the site."""

    @classmethod
    def read(cls, part: Any) -> Json:
        """The values of the form for a part."""
        return dict(part) if isinstance(part, Mapping) else {}

    def json(self) -> Any:
        """The part, of what was typed."""
        raise NotImplementedError

    def told(self, *names: str) -> Json:
        """Those of the named numbers that were typed."""
        return {name: number(self.cleaned_data[name]) for name in names if self.cleaned_data.get(name)}

    @property
    def plain(self) -> list[forms.BoundField]:
        """The fields that are always shown."""
        return [field for field in self if field.name not in self.more]

    @property
    def rest(self) -> list[forms.BoundField]:
        """The fields behind "More precisely"."""
        return [field for field in self if field.name in self.more]

    @property
    def has_rest(self) -> bool:
        """Whether one of these holds something."""
        return any(field.value() for field in self.rest)


class PointsForm(PartForm):
    """How many points a rule gives."""

    points = Number(label=_("Points"), required=True)

    @classmethod
    def read(cls, part: Any) -> Json:
        """The points alone."""
        return {"points": part}

    def json(self) -> Any:
        """A number."""
        return number(self.cleaned_data["points"])


class NameForm(PartForm):
    """What a rule is called, and why it is as it is."""

    fr = forms.CharField(label=_("Name in French"), max_length=200)
    en = forms.CharField(label=_("Name in English"), max_length=200, required=False)
    note_fr = forms.CharField(label=_("Why (in French)"), max_length=1000, required=False)
    note_en = forms.CharField(label=_("Why (in English)"), max_length=1000, required=False)
    more = ("note_fr", "note_en")

    @classmethod
    def read(cls, part: Any) -> Json:
        """Names and notes of a rule or group."""
        name, note = part.get("name", ""), part.get("note") or {}
        names = name if isinstance(name, dict) else {"fr": name, "en": name}
        notes = note if isinstance(note, dict) else {"fr": note, "en": note}
        values = {"fr": names.get("fr"), "en": names.get("en")}
        return values | {"note_fr": notes.get("fr"), "note_en": notes.get("en")}

    def json(self) -> Any:
        """name and note; what is said in one language only holds for both."""
        given = self.cleaned_data
        name = {"fr": given["fr"], "en": given["en"] or given["fr"]}
        note = {"fr": given["note_fr"] or given["note_en"], "en": given["note_en"] or given["note_fr"]}
        return {"name": name, "note": note if note["fr"] else None}


class OftenForm(PartForm):
    """How a behaviour rule counts."""

    one_per = forms.ChoiceField(label=_("Counts"), choices=ONE_PER, required=False)
    within_days = Number(label=_("Within the last"), unit=_("days"))
    most = Number(label=_("At most"), unit=_("times"))
    half_life = Number(label=_("Worth half every"), unit=_("days"))

    def json(self) -> Any:
        """The keys of ``count`` but its event."""
        one_per = self.cleaned_data["one_per"]
        return ({"one_per": one_per} if one_per else {}) | self.told("within_days", "most", "half_life")


class MatchForm(PartForm):
    """Which events are meant."""

    kind = Several([], label=_("What happened"))
    meaning = forms.ChoiceField(
        label=_("Or"),
        required=False,
        choices=[("", "—"), ("intent", _("any act of intent")), ("activity", _("anything the person did"))],
    )
    content_type = Several(MATCHES["content_type"], label=_("About a content of type"))
    content = Several([], label=_("About the content"))
    band = Several(MATCHES["band"], label=_("Band"))
    phase = Several(MATCHES["phase"], label=_("Buying phase of the content"))
    channel = Several(MATCHES["channel"], label=_("Channel"))
    topic = forms.CharField(label=_("Topics"), required=False, max_length=400)
    more: ClassVar[tuple[str, ...]] = ("content_type", "content", "band", "phase", "channel", "topic")

    def build(self) -> None:
        """Kinds and contents of the site, and rows for properties."""
        self.fields["kind"].choices = self.site.kinds  # type: ignore[attr-defined]
        self.fields["content"].choices = self.site.contents  # type: ignore[attr-defined]
        if not self.site.contents:
            del self.fields["content"]
        for row in range(PROPERTY_ROWS):
            self.fields[f"path_{row}"] = forms.CharField(label=_("Property"), required=False, max_length=64)
            self.fields[f"op_{row}"] = forms.ChoiceField(
                label=_("Comparison"), required=False, choices=PROPERTY_OPERATORS
            )
            self.fields[f"value_{row}"] = forms.CharField(label=_("Value"), required=False, max_length=200)

    @property
    def properties(self) -> list[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        """The rows of questions about properties."""
        rows = range(PROPERTY_ROWS)
        return [(self[f"path_{row}"], self[f"op_{row}"], self[f"value_{row}"]) for row in rows]

    @property
    def plain(self) -> list[forms.BoundField]:
        """Without the rows."""
        return [field for field in super().plain if field.name.rpartition("_")[2] not in "012"]

    @property
    def has_rest(self) -> bool:
        """Properties count too."""
        return super().has_rest or any(path.value() for path, _op, _value in self.properties)

    @classmethod
    def read(cls, part: Any) -> Json:
        """The values for a match."""
        values = {name: part[name] for name in (*cls.more, "kind") if name in part}
        values = {name: [value] if isinstance(value, str) else value for name, value in values.items()}
        values["topic"] = ", ".join(values.get("topic", ()))
        values["meaning"] = next((name for name in ("intent", "activity") if part.get(name)), "")
        for row, one in enumerate(part.get("properties", ())[:PROPERTY_ROWS]):
            value = one.get("value", "")
            said = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            values |= {f"path_{row}": one["path"], f"op_{row}": one["op"], f"value_{row}": said}
        return values

    def json(self) -> Any:
        """The match."""
        given = self.cleaned_data
        chips = ("kind", "content", "content_type", "band", "phase", "channel")
        match: Json = {name: given[name] for name in chips if given.get(name)}
        if topics := lines(given["topic"]):
            match["topic"] = topics
        if given["meaning"]:
            match[given["meaning"]] = True
        if properties := [self._property(row) for row in range(PROPERTY_ROWS) if given[f"path_{row}"]]:
            match["properties"] = properties
        return match

    def _property(self, row: int) -> Json:
        path, operator, typed = (self.cleaned_data[f"{name}_{row}"] for name in ("path", "op", "value"))
        operator = operator or "equals"
        if operator == "is_set":
            return {"path": path, "op": operator}
        if operator == "in":
            return {"path": path, "op": operator, "value": lines(typed)}
        if operator in ("at_least", "at_most"):
            return {"path": path, "op": operator, "value": number(typed)}
        return {"path": path, "op": operator, "value": typed}


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


class WordForm(PartForm):
    """How several conditions are joined."""

    word = forms.ChoiceField(
        label=_("Holds when"),
        choices=[("all", _("all of these hold")), ("any", _("one of these holds"))],
        widget=forms.RadioSelect,
    )
    negated = forms.BooleanField(label=CONTRARY, required=False)

    @classmethod
    def read(cls, part: Any) -> Json:
        """The word, and whether it is negated."""
        inner = bare(part)
        return {"word": "any" if "any" in inner else "all", "negated": is_negated(part)}

    def json(self) -> Any:
        """The word alone; ``scoring.editor.edits`` puts it over what is joined."""
        return self.cleaned_data["word"], self.cleaned_data["negated"]


class GroupForm(NameForm):
    """The head of a group: its name, its cap, and for whom it is."""

    cap = Number(label=_("At most"), unit=_("points"))
    audience = Several([], label=_("Only for"))
    sectors = Several([], label=_("Only in the sectors"))
    stages = Several([], label=_("Only in the stages"))
    field_order: ClassVar = ["fr", "en", "cap", "audience", "sectors", "stages", "note_fr", "note_en"]
    more = ("audience", "sectors", "stages", "note_fr", "note_en")

    def build(self) -> None:
        """The limits that there are."""
        for name, choices in self.site.limits.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    @classmethod
    def read(cls, part: Any) -> Json:
        """Names, cap and limits."""
        limits = {name: part[name] for name in ("cap", "audience", "sectors", "stages") if name in part}
        return NameForm.read(part) | limits

    def json(self) -> Any:
        """The keys that the form writes; None for what is left out."""
        given = self.cleaned_data
        limits = {name: given[name] or None for name in ("audience", "sectors", "stages")}
        cap = number(given["cap"]) if given["cap"] else None
        return NameForm.json(self) | limits | {"cap": cap}


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


class CountForm(MatchForm, OftenForm):
    """What is counted, and how."""

    @classmethod
    def read(cls, part: Any) -> Json:
        """The match and how it is counted."""
        return {
            **MatchForm.read(part.get("event", {})),
            **{name: part[name] for name in part if name != "event"},
        }

    def json(self) -> Any:
        """A whole ``count``."""
        return {"event": MatchForm.json(self)} | OftenForm.json(self)


class BasicsForm(PartForm):
    """Points and name of a rule that is being made; without a name it is called by its sentence."""

    points = Number(label=_("Points"), required=True)
    fr = forms.CharField(label=_("Name in French"), max_length=200, required=False)
    en = forms.CharField(label=_("Name in English"), max_length=200, required=False)
