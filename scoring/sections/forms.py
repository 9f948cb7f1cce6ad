"""The forms of matrix, phases, completeness and priority: each reads one part of a document and writes it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from scoring.drafts import Document, put
from scoring.engine.parse import INTENT_DAYS
from scoring.engine.rules import Matrix, PriorityWeights
from scoring.sentences import field_name
from scoring.vocabulary import GROUPS

GRADE_NAMES = ("fit_a", "fit_b", "fit_c")
LEVEL_NAMES = ("engagement_1", "engagement_2", "engagement_3")
# What somebody may declare useful: not what Écluse itself finds out.
_NOT_TOLD = {"phone_is_valid", "is_reachable", "email_flags", "acquisition", "channel", "last_channel",
             "landing_page", "lists", "stage", "audience"}  # fmt: skip


class SectionForm(forms.Form):
    """A part of a document. ``code`` names it in addresses."""

    code: ClassVar[str] = ""
    summary: ClassVar[str | Promise] = ""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("auto_id", f"{self.code}-%s")
        super().__init__(*args, **options)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> SectionForm:
        """The form with what the document says."""
        return cls(initial=cls.read(document))

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> dict[str, Any]:
        """The values of the form."""
        raise NotImplementedError

    def write(self, document: Document) -> Document:
        """The document with what was typed."""
        raise NotImplementedError


def _whole(label: Any, low: int, high: int) -> forms.IntegerField:
    attrs = {"class": "input grid__points", "inputmode": "numeric"}
    return forms.IntegerField(
        label=label, min_value=low, max_value=high, widget=forms.NumberInput(attrs=attrs)
    )


class MatrixForm(SectionForm):
    """From how many whole points on a lead is A, B, C and 1, 2, 3."""

    code = "matrix"
    summary = lazy("Matrix: thresholds changed")
    fit_a = _whole(lazy("A from"), 1, 100)
    fit_b = _whole(lazy("B from"), 1, 100)
    fit_c = _whole(lazy("C from"), 1, 100)
    engagement_1 = _whole(lazy("1 from"), 1, 100)
    engagement_2 = _whole(lazy("2 from"), 1, 100)
    engagement_3 = _whole(lazy("3 from"), 1, 100)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> dict[str, Any]:
        """The six thresholds."""
        given = document.get("matrix") or {"fit": Matrix().fit, "engagement": Matrix().engagement}
        names = (*GRADE_NAMES, *LEVEL_NAMES)
        return dict(zip(names, (*given["fit"], *given["engagement"]), strict=True))

    def clean(self) -> dict[str, Any]:
        """Each threshold lies below the one before."""
        given = super().clean() or {}
        for names in (GRADE_NAMES, LEVEL_NAMES):
            for higher, lower in pairwise(names):
                if given.get(higher) and given.get(lower) and given[lower] >= given[higher]:
                    self.add_error(lower, _("Must be below %(points)d.") % {"points": given[higher]})
        return given

    @property
    def matrix(self) -> Matrix:
        """What was typed, when it is valid."""
        fit, engagement = (
            tuple(self.cleaned_data[name] for name in names) for names in (GRADE_NAMES, LEVEL_NAMES)
        )
        return Matrix(fit, engagement)

    @property
    def fit_fields(self) -> list[forms.BoundField]:
        """The thresholds of the grades."""
        return [self[name] for name in GRADE_NAMES]

    @property
    def engagement_fields(self) -> list[forms.BoundField]:
        """The thresholds of the levels."""
        return [self[name] for name in LEVEL_NAMES]

    def write(self, document: Document) -> Document:
        """The document with these thresholds."""
        matrix = self.matrix
        return put(document, ("matrix",), {"fit": list(matrix.fit), "engagement": list(matrix.engagement)})


class IntentForm(SectionForm):
    """Within how many days an act of intent makes hot."""

    code = "intent"
    summary = lazy("Hot: an act of intent counts for %(intent_days)d days")
    intent_days = _whole(lazy("An act of intent within the last … days"), 1, 3650)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> dict[str, Any]:
        """The days."""
        return {"intent_days": document.get("intent_days", INTENT_DAYS)}

    def write(self, document: Document) -> Document:
        """The document with these days."""
        return put(document, ("intent_days",), self.cleaned_data["intent_days"])


class CompletenessForm(SectionForm):
    """Which fields are useful to know."""

    code = "completeness"
    summary = lazy("Completeness: other fields are useful")
    useful = forms.MultipleChoiceField(
        label=lazy("Useful to know"), choices=[], widget=forms.CheckboxSelectMultiple,
        error_messages={"required": lazy("Choose at least one field.")},
    )  # fmt: skip

    def __init__(self, *args: Any, own: list[tuple[str, str]] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.own = own or []
        offered = [
            name
            for _title, names in GROUPS
            for name in names
            if name not in _NOT_TOLD and "." not in name[:8]
        ]
        offered += [name for _title, names in GROUPS for name in names if name.startswith("company.")]
        kept = [name for name in self.initial.get("useful", ()) if name not in offered]
        choices = [
            (name, field_name(name))
            for name in dict.fromkeys((*offered, *kept))
            if name not in dict(self.own)
        ]
        self.fields["useful"].choices = [*choices, *self.own]  # type: ignore[attr-defined]

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> dict[str, Any]:
        """The names of the fields."""
        return {"useful": list(document.get("completeness", ()))}

    def write(self, document: Document) -> Document:
        """The document with these fields, in the order in which they were."""
        chosen = self.cleaned_data["useful"]
        before = [name for name in document.get("completeness", ()) if name in chosen]
        return put(document, ("completeness",), [*before, *(name for name in chosen if name not in before)])


class PriorityForm(SectionForm):
    """How ready leads are ranked."""

    code = "priority"
    summary = lazy("Priority: other weights")
    fit = _whole(lazy("A point of fit"), 0, 1000)
    engagement = _whole(lazy("A point of engagement"), 0, 1000)
    warm = _whole(lazy("Being warm"), 0, 1000)
    hot = _whole(lazy("Being hot"), 0, 1000)
    fast_path = _whole(lazy("Having come by a fast path"), 0, 1000)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> dict[str, Any]:
        """The five weights."""
        plain = PriorityWeights()
        kept: dict[str, Any] = document.get("priority", {})
        return {name: getattr(plain, name) for name in cls.base_fields} | kept

    @property
    def weights(self) -> PriorityWeights:
        """What was typed, when it is valid."""
        return PriorityWeights(**self.cleaned_data)

    def write(self, document: Document) -> Document:
        """The document with these weights."""
        return put(document, ("priority",), dict(self.cleaned_data))


FORMS: dict[str, type[SectionForm]] = {
    form.code: form for form in (MatrixForm, IntentForm, CompletenessForm, PriorityForm)
}
