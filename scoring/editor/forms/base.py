"""What the small forms of the editor share: numbers as people type them, chips, and a part of a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from scoring.editor.site import Site

Json = dict[str, Any]
LARGEST = 1e15


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
