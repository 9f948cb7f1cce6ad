"""The forms of what happened: which events are meant, and what is counted of them."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from scoring.editor.forms.base import Json, PartForm, Several, lines, number
from scoring.editor.forms.rules import OftenForm
from scoring.vocabulary import MATCHES, Choices

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
