"""The grid of content type × phase as a form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import override

from leads.choices import ContentType, Phase
from leads.kinds import SHIPPED
from scoring.drafts import Document
from scoring.starting import MAX_POINTS, NothingScored, Start, starting_document
from scoring.starting import PHASES as PHASE_CODES

PHASES = [(phase.value, phase.label) for phase in Phase if phase.value in PHASE_CODES]
INTENTS = tuple(kind for kind in SHIPPED if kind.is_intent)
MEMORIES = [(30, lazy("quickly: half after a month")), (60, lazy("half after two months")),
            (120, lazy("slowly: half after four months"))]  # fmt: skip
# What a type is worth when it is about a problem, and how much more each step of the purchase makes of it.
_WORTH = {
    "article": 2, "newsletter": 1, "infographic": 2, "video": 4, "guide": 6, "white_paper": 8, "ebook": 8,
    "webinar": 12, "testimonial": 8, "case_study": 10, "catalogue": 8, "data_sheet": 8, "demo": 15,
    "price_list": 15,
}  # fmt: skip
_STEPS = {"awareness": 10, "interest": 12, "consideration": 15, "decision": 20}  # tenths


def suggested(kind: str, phase: str) -> int:
    """The points that the page proposes for a cell."""
    return _WORTH[kind] * _STEPS[phase] // 10


class StartForm(forms.Form):
    """One field for each cell (``cell_<type>_<phase>``) and each act of intent (``ask_<kind>``)."""

    name = forms.CharField(label=lazy("Name"), max_length=120)
    half_life = forms.TypedChoiceField(
        label=lazy("How fast interest fades"), coerce=int, choices=MEMORIES, initial=60
    )
    mql_at = forms.IntegerField(label=lazy("MQL from"), min_value=1, max_value=98, initial=15)
    ready_at = forms.IntegerField(label=lazy("Ready for sales from"), min_value=3, max_value=100, initial=45)

    document: Document

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"].initial = _("Our content, phase by phase")
        for kind in ContentType:
            for phase, label in PHASES:
                self._add_points(f"cell_{kind}_{phase}", f"{kind.label}, {label}", suggested(kind, phase))
        for intent in INTENTS:
            self._add_points(f"ask_{intent.code}", intent.label, intent.points)
            self.fields[f"at_once_{intent.code}"] = forms.BooleanField(
                label=_("%(act)s: ready at once") % {"act": intent.label}, required=False, initial=True
            )

    def _add_points(self, name: str, label: Any, initial: int) -> None:
        widget = forms.NumberInput(attrs={"class": "input grid__points", "aria-label": label})
        self.fields[name] = forms.IntegerField(
            label=label, required=False, min_value=0, max_value=MAX_POINTS, initial=initial, widget=widget
        )

    @property
    def rows(self) -> Iterator[tuple[Any, list[BoundField]]]:
        """The grid: a type of content, and its cell for each phase."""
        for kind in ContentType:
            yield kind.label, [self[f"cell_{kind}_{phase}"] for phase, _label in PHASES]

    @property
    def intents(self) -> Iterator[tuple[Any, BoundField, BoundField]]:
        """An act of intent, its points, and whether it makes a lead ready at once."""
        for kind in INTENTS:
            yield kind.label, self[f"ask_{kind.code}"], self[f"at_once_{kind.code}"]

    def clean(self) -> dict[str, Any]:
        """The document that follows, as ``document``."""
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                self.document = starting_document(self._start(cleaned), **_names())
            except NothingScored:
                self.add_error(None, _("Give points to one kind of content, or to one act, at least."))
            except ValueError:
                self.add_error("ready_at", _("Must be at least two points above MQL."))
        return cleaned

    def _start(self, cleaned: dict[str, Any]) -> Start:
        cells = {
            (kind.value, phase): cleaned.get(f"cell_{kind}_{phase}")
            for kind in ContentType
            for phase, _l in PHASES
        }
        asked = {kind.code: cleaned.get(f"ask_{kind.code}") or 0 for kind in INTENTS}
        return Start(
            name=(cleaned["name"], cleaned["name"]),
            grid={cell: points for cell, points in cells.items() if points},
            intents=asked,
            at_once=frozenset(kind.code for kind in INTENTS if cleaned.get(f"at_once_{kind.code}")),
            half_life=cleaned["half_life"],
            mql_at=cleaned["mql_at"],
            ready_at=cleaned["ready_at"],
        )


def _names() -> dict[str, dict[str, tuple[str, str]]]:
    """What types, acts and phases are called, in French and in English."""
    labels: dict[str, list[tuple[str, Any]]] = {
        "types": [(kind.value, kind.label) for kind in ContentType],
        "kinds": [(kind.code, kind.label) for kind in INTENTS],
        "phases": PHASES,
    }
    both = {}
    for sort, pairs in labels.items():
        words = []
        for language in ("fr", "en"):
            with override(language):
                words.append({code: str(label) for code, label in pairs})
        both[sort] = {code: (words[0][code], words[1][code]) for code in words[0]}
    return both
