"""The forms of a rule's and a group's own parts: points, name, how often it counts, limits."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from scoring.editor.forms.base import Json, Number, PartForm, Several, number
from scoring.editor.tree import bare, is_negated
from scoring.vocabulary import Choices

ONE_PER: Choices = [
    ("", _("each time")),
    ("hour", _("at most once an hour")),
    ("day", _("at most once a day")),
    ("week", _("at most once a week")),
]
CONTRARY = _("the contrary: this must not be so")


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
    more: ClassVar[tuple[str, ...]] = ("note_fr", "note_en")

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
    field_order = ("fr", "en", "cap", "audience", "sectors", "stages", "note_fr", "note_en")
    more: ClassVar[tuple[str, ...]] = ("audience", "sectors", "stages", "note_fr", "note_en")

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


class BasicsForm(PartForm):
    """Points and name of a rule that is being made; without a name it is called by its sentence."""

    points = Number(label=_("Points"), required=True)
    fr = forms.CharField(label=_("Name in French"), max_length=200, required=False)
    en = forms.CharField(label=_("Name in English"), max_length=200, required=False)
