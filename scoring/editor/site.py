"""What the forms offer: the site's kinds of event, contents, lists and own fields, and a draft's personas."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from leads.choices import Audience, Sector
from leads.custom_fields import About
from leads.models import Content, CustomField, EventKind, List
from scoring.choices import Stage
from scoring.editor.words import persona_names
from scoring.engine.fields import CUSTOM, FieldType, field_type
from scoring.engine.parse_conditions import CONCLUSIONS
from scoring.engine.signatures import NEVER_SCORED
from scoring.sentences import field_name
from scoring.vocabulary import FIELD_CHOICES, GROUPS, Choices

MOST_CONTENTS = 200
_SORTS: Mapping[FieldType, str] = {
    FieldType.TEXT: "values",
    FieldType.PRESENCE: "known",
    FieldType.FLAG: "flag",
    FieldType.LIST: "lists",
    FieldType.MONTH: "months",
}
_BANDS = "-tofumofubofu"
_WORDS: Mapping[str, Any] = {
    "fit": lazy("fit"),
    "engagement": lazy("engagement"),
    "completeness": lazy("completeness"),
    "grade": lazy("grade"),
    "level": lazy("level"),
    "phase": lazy("buying phase"),
    "temperature": lazy("temperature"),
}
_CUSTOM_SORTS = {"number": "numbers", "money": "numbers", "boolean": "flag"}


class Site:
    """What there is to choose from, read when it is first asked for."""

    def __init__(self, document: Mapping[str, Any], scope: str) -> None:
        self.document = document
        self.scope = scope

    @cached_property
    def kinds(self) -> Choices:
        """The kinds that may be scored: acts of intent first, then from the bottom of the funnel up."""
        never = NEVER_SCORED | CONCLUSIONS
        kinds = [kind for kind in EventKind.objects.all() if kind.code not in never]
        kinds.sort(key=lambda kind: (not kind.is_intent, -_BANDS.find(kind.band or "-"), kind.pk))
        return [(kind.code, kind.label) for kind in kinds]

    @cached_property
    def contents(self) -> Choices:
        """The newest contents."""
        newest = Content.objects.order_by("-created_at").values_list("code", "title")[:MOST_CONTENTS]
        return sorted(newest, key=lambda one: str(one[1]).casefold())

    @cached_property
    def lists(self) -> Choices:
        """The lists."""
        return [(one.code, str(one)) for one in List.objects.order_by("code")]

    @cached_property
    def personas(self) -> Choices:
        """The personas of the document."""
        return list(persona_names(self.document).items())

    @cached_property
    def own_fields(self) -> dict[str, CustomField]:
        """The site's own fields of leads, by the name that rules use."""
        return {f"{CUSTOM}{one.code}": one for one in CustomField.objects.of(About.LEAD)}

    @cached_property
    def fields(self) -> list[tuple[Any, Any]]:
        """All facts, in groups, the site's own last."""
        groups: list[tuple[Any, Any]] = [
            (label, [(name, field_name(name)) for name in names if field_type(name)])
            for label, names in GROUPS
        ]
        own = [(name, one.label) for name, one in self.own_fields.items()]
        return [*groups, (_("Own fields"), own)] if own else groups

    @property
    def scores(self) -> Choices:
        """The scores that may be asked for here."""
        names = ["completeness"]
        names += ["fit", "engagement"] if self.scope in ("gate", "temperature") else []
        return [(name, self.label(name)) for name in names]

    @property
    def limits(self) -> Mapping[str, Choices]:
        """For whom a group may be."""
        return {
            "audience": list(Audience.choices),
            "sectors": list(Sector.choices),
            "stages": list(Stage.choices),
        }

    def sort_of(self, name: str) -> str:
        """How a fact is compared: values, numbers, lists, months, known or flag."""
        if name in self.own_fields:
            return _CUSTOM_SORTS.get(self.own_fields[name].type, "values")
        return _SORTS.get(field_type(name) or FieldType.TEXT, "values")

    def choices_of(self, name: str) -> Choices:
        """The values of a fact where they are a list."""
        if name in self.own_fields:
            return [(one.code, one.label) for one in self.own_fields[name].definition.options]
        return FIELD_CHOICES.get(name, [])

    def typed(self, name: str, value: str) -> Any:
        """A value as the document holds it: numbers of the site's own fields are numbers."""
        if self.sort_of(name) == "numbers" and value.lstrip("-").isdigit():
            return int(value)
        return value

    @staticmethod
    def label(word: str) -> str:
        """A word of the engine in the reader's language."""
        return str(_WORDS.get(word, word))
