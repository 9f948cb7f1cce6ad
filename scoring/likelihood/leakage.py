"""Columns that look as if they were filled in after the outcome was known. A model that sees them cheats.

Three signs, each on its own: the column is filled for one outcome and empty for the other; one of its words
stands nearly only with the outcome and covers much of it; or the column alone tells the outcome too well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from scoring.likelihood import measures
from scoring.likelihood.columns import Column, Kind
from scoring.likelihood.encoding import TextTable, Truth, WordTable

# A single fact that was known beforehand hardly ever ranks leads better than this.
TOO_GOOD = 0.8
# Called like something that happens at the end, it needs less to be suspected.
TOO_GOOD_FOR_ITS_NAME = 0.65
FILL_GAP = 0.6  # between the shares filled in
PURE, PURE_COVERS = 0.95, 0.3
_LEAST_ROWS = 20
_OF_THE_END = re.compile(
    r"close|won\b|win\b|lost|deal|contract|contrat|signed|sign[ée]|outcome|result|résultat|status|statut|stage|étape|"
    r"reason|raison|motif|duration|durée|last|dernier|dernière|final|after|après|invoice|facture|revenue|amount|montant|"
    r"convert|customer|client|seller|sales.?rep|commercial|qualif|quality|tags?\b|next",
    re.IGNORECASE,
)


class Sign(StrEnum):
    """Why a column is suspected."""

    FILLED_AFTER = "filled_after"
    WORD_OF_THE_OUTCOME = "word_of_the_outcome"
    TOO_GOOD_ALONE = "too_good_alone"
    NAME_OF_THE_END = "name_of_the_end"


@dataclass(frozen=True, slots=True)
class Suspect:
    """A column, the sign, and the figures behind it: a share, an AUC, or the two shares filled in."""

    column: str
    sign: Sign
    figure: float
    other: float = 0.0
    word: str = ""


def suspects(columns: Sequence[Column], truth: Truth) -> list[Suspect]:
    """The columns that look like leakage, in the order of the table. ``truth`` is 0 or 1 for each row."""
    return [found for column in columns if (found := suspect(column, truth))]


def suspect(column: Column, truth: Truth) -> Suspect | None:
    """The first sign that holds for a column; None for one that looks innocent."""
    return _filled_after(column, truth) or _too_good(column, truth) or _word_of_the_outcome(column, truth)


def _filled_after(column: Column, truth: Truth) -> Suspect | None:
    with_it = float(column.filled[truth == 1].mean())
    without = float(column.filled[truth == 0].mean())
    if abs(with_it - without) >= FILL_GAP or _only_one_outcome(column.filled, truth):
        return Suspect(column.name, Sign.FILLED_AFTER, with_it, without)
    return None


def _only_one_outcome(filled: np.ndarray[tuple[int], np.dtype[np.bool_]], truth: Truth) -> bool:
    """Whether being filled in alone means one outcome, beyond what chance would bring."""
    rows = int(filled.sum())
    if rows < _LEAST_ROWS or rows == len(filled):
        return False
    expected = rows * min(float(truth.mean()), 1 - float(truth.mean()))
    share = float(truth[filled].mean())
    if truth.mean() <= 0.5 and share >= PURE and rows > 2 * _LEAST_ROWS:
        return True
    return expected >= 6 and (share <= 0.005 or share >= 0.995)


def _too_good(column: Column, truth: Truth) -> Suspect | None:
    alone = strength(column, truth)
    if alone >= TOO_GOOD:
        return Suspect(column.name, Sign.TOO_GOOD_ALONE, alone)
    if alone >= TOO_GOOD_FOR_ITS_NAME and _OF_THE_END.search(column.name):
        return Suspect(column.name, Sign.NAME_OF_THE_END, alone)
    return None


def strength(column: Column, truth: Truth) -> float:
    """The AUC of this column alone, on rows that were not learned from. 0.5 says nothing."""
    if column.kind is Kind.TEXT:
        said = TextTable.fit(column.words, truth).cross_fitted(column.words, truth)[:, 0]
    else:
        said = WordTable.fit(column.words, truth).cross_fitted(_as_words(column), truth)[:, 0]
    return max(measures.auc(truth, said), 0.5)


def _as_words(column: Column) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    """Numbers as the name of their group, of forty of equal size."""
    known = ~np.isnan(column.numbers)
    if not known.any() or column.kind is Kind.WORD:
        return column.words
    edges = np.unique(np.quantile(column.numbers[known], np.linspace(0, 1, 41)))
    groups = np.searchsorted(edges, np.where(known, column.numbers, 0), side="right").astype(str)
    return np.where(known, np.char.add("#", groups), column.words)


def _word_of_the_outcome(column: Column, truth: Truth) -> Suspect | None:
    """A word nearly all of whose rows came to the outcome, and that covers much of it."""
    if column.kind is not Kind.WORD or truth.mean() > 0.6:
        return None
    words, where, count = np.unique(column.words, return_inverse=True, return_counts=True)
    yes = np.bincount(where, weights=truth)
    pure = (yes / count >= PURE) & (count >= _LEAST_ROWS)
    if not pure.any() or yes[pure].sum() < PURE_COVERS * truth.sum():
        return None
    most = int(np.argmax(np.where(pure, yes, -1)))
    return Suspect(
        column.name, Sign.WORD_OF_THE_OUTCOME, float(yes[most] / count[most]), word=str(words[most])
    )
