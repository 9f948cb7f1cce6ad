"""A replay as people read it: what the rules would have held back, and what sales had said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.previewing import MOVERS
from dashboard.queries.previews import DEPTH
from dashboard.replaying import reason_labels
from dashboard.suggesting import name_of
from dashboard.templatetags.ui import count, percent
from scoring.proposals import POINTS
from scoring.traits import Trait

_LEFT_OUT: Mapping[str, Promise] = {
    "excused": gettext_lazy("for a reason that is not the lead’s fault"),
    "undecided": gettext_lazy("that nobody decided"),
}
_ROWS: tuple[tuple[str, Promise, Promise], ...] = (
    ("precision", gettext_lazy("Accepted among those let through"), gettext_lazy("precision")),
    ("recall", gettext_lazy("Let through among the accepted"), gettext_lazy("recall")),
    ("won", gettext_lazy("Let through among the won"), gettext_lazy("recall of wins")),
    ("yields", gettext_lazy("Won among those let through"), gettext_lazy("yield")),
)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its interval, as it is shown; None for no cases."""

    value: float | None
    low: float
    high: float
    hits: int
    cases: int

    @property
    def words(self) -> str:
        """The interval in words."""
        if self.value is None:
            return ""
        return _("%(low)s to %(high)s") % {"low": percent(self.low, 0), "high": percent(self.high, 0)}

    @property
    def left(self) -> float:
        """Where the interval begins, of a hundred."""
        return round(100 * self.low, 1)

    @property
    def width(self) -> float:
        """How wide it is, of a hundred; at least a hair."""
        return max(0.8, round(100 * (self.high - self.low), 1))

    @property
    def middle(self) -> float:
        """Where the share lies, of a hundred."""
        return round(100 * (self.value or 0.0), 1)


@dataclass(frozen=True, slots=True)
class RateRow:
    """One measure under both versions."""

    label: str | Promise
    name: str | Promise
    live: Rate
    draft: Rate


@dataclass(frozen=True, slots=True)
class CellRow:
    """Acceptance in one cell of the matrix under both versions."""

    code: str
    depth: int
    live: Rate
    draft: Rate


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """A reason of refusal: how often it was given, and how often the draft would have spared it."""

    label: str
    refused: int
    spared: Rate


@dataclass(frozen=True, slots=True)
class Replay:
    """Everything that the page says of a replay."""

    offers: int
    left_out: list[tuple[int, str]]
    headline: str
    sentences: list[str]
    rates: list[RateRow]
    cells: list[CellRow]
    reasons: list[ReasonRow]
    held: Mapping[str, Any]
    let_in: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A change that past refusals speak for. ``place`` names it in the form that adds it.

    ``way``: points are taken, or besides the fast paths are closed, or the gate is shut (proposals.WAYS).
    """

    place: int
    rule: str
    points: int
    way: str
    sentence: str
    share: Rate


def replay_shown(found: Mapping[str, Any]) -> Replay:
    """A kept comparison, put together for the page."""
    labels = reason_labels([row["reason"] for row in found["reasons"]])
    return Replay(
        offers=found["offers"],
        left_out=[(number, str(_LEFT_OUT.get(name, name))) for name, number in found["left_out"]],
        headline=_headline(found),
        sentences=_sentences(found),
        rates=[
            RateRow(label, name, _rate(found["live"][key]), _rate(found["draft"][key]))
            for key, label, name in _ROWS
        ],
        cells=_cells(found["live"]["by_cell"], found["draft"]["by_cell"]),
        reasons=[
            ReasonRow(labels.get(row["reason"], _("No reason given")), row["refused"], _rate(row["spared"]))
            for row in found["reasons"]
        ],
        held=found["held_back"],
        let_in=found["let_in"],
    )


def _rate(share: Mapping[str, Any]) -> Rate:
    cases = share["cases"]
    value = share["hits"] / cases if cases else None
    return Rate(value, share["low"], share["high"], share["hits"], cases)


def _headline(found: Mapping[str, Any]) -> str:
    """ "Of the 41 leads that this would hold back, 33 had been rejected." """
    held = found["held_back"]
    if not held["total"]:
        return _("These rules would not have held back any of the leads that were offered.")
    return ngettext(
        "The one lead that this would have held back: %(refused)s rejected, %(won)s won.",
        "Of the %(total)s leads that this would have held back, %(refused)s had been rejected and %(won)s "
        "were won.",
        held["total"],
    ) % {"total": count(held["total"]), "refused": count(held["refused"]), "won": count(held["won"])}


def _sentences(found: Mapping[str, Any]) -> list[str]:
    """How sure that is, what the gain is, and what is not known."""
    said = []
    held, gain = found["held_back"], found["precision_gain"]
    if held["total"]:
        rate = _rate(held["share_refused"])
        said.append(
            _("That is %(share)s rejected among those held back (95%% interval: %(interval)s).")
            % {"share": percent(rate.value, 0), "interval": rate.words}
        )
    if gain["value"] is not None:
        said.append(
            _("Acceptance would have changed by %(gain)s points (95%% interval: %(low)s to %(high)s).")
            % {"gain": _points(gain["value"]), "low": _points(gain["low"]), "high": _points(gain["high"])}
        )
    said.append(
        _(
            "Only leads that were offered have a decision: of those whom these rules would let in besides, "
            "nothing is known."
        )
    )
    return said


def _points(share: float) -> str:
    """A difference of shares in points, signed, as the language writes numbers."""
    sign = "+" if share > 0 else "−" if share < 0 else ""
    return sign + formats.number_format(abs(round(100 * share, 1)), 1)


def _cells(live: list[Any], draft: list[Any]) -> list[CellRow]:
    nothing = {"hits": 0, "cases": 0, "low": 0.0, "high": 1.0}
    before, after = dict(live), dict(draft)
    cells = sorted({*before, *after}, key=lambda cell: (DEPTH.get(cell, 9), cell))
    return [
        CellRow(cell, DEPTH.get(cell, 6), _rate(before.get(cell, nothing)), _rate(after.get(cell, nothing)))
        for cell in cells
    ]


def suggestions_shown(found: Mapping[str, Any], language: str) -> list[Suggestion]:
    """The kept suggestions in sentences, the best first."""
    labels = reason_labels([one["evidence"]["reason"] for one in found["suggestions"]])
    return [
        Suggestion(
            place=place,
            rule=name_of(Trait(**one["trait"]))["en" if language.startswith("en") else "fr"],
            points=POINTS * 1000,
            way=one["way"],
            sentence=_evidence(one["evidence"], labels),
            share=_rate(one["evidence"]["share"]),
        )
        for place, one in enumerate(found["suggestions"][:MOVERS])
    ]


def _evidence(told: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """ "Out of target" refused 41 times; would have held back 38 of them and no win."""
    values = {
        "reason": labels.get(told["reason"], _("No reason given")),
        "total": count(told["reason_total"]),
        "of_reason": count(told["of_reason"]),
        "refused": count(told["refused"]),
        "accepted": count(told["accepted"]),
        "won": count(told["won"]),
    }
    first = _(
        "“%(reason)s” was said %(total)s times: this would have held back %(of_reason)s of them, "
        "%(refused)s refused leads in all,"
    )
    last = (
        _("and no win (%(accepted)s accepted).")
        if not told["won"]
        else _("and %(won)s won (%(accepted)s accepted).")
    )
    return f"{first % values} {last % values}"
