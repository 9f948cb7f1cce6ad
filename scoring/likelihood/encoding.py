"""Columns into numbers that a model learns from, fitted on training rows only.

A word becomes the log-odds of the outcomes seen with it, drawn towards the average as rare words say little
(Micci-Barreca 2001), and how common it is. For the rows it is fitted on this is *cross-fitted*: no row's own
outcome stands in its own feature. All that was fitted is plain values, so a model is stored without any code.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scoring.likelihood.columns import Column, Kind

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Truth = npt.NDArray[np.int64]

SMOOTHING = 8.0  # so many average rows are added to each word's own
FEW_WORDS = 12  # up to so many words of a column also have a feature each
_LEAST_ROWS = 12  # with a word, or it is counted among the others
_FOLDS = 8
_STEPS = np.linspace(0, 1, 21)
_TEXT_WORDS = 300
_WORD = re.compile(r"\w{3,}")


@dataclass(frozen=True, slots=True)
class WordTable:
    """What was learned of a column's words: for each, its log-odds against the average and its frequency."""

    odds: dict[str, float]
    often: dict[str, float]
    own: tuple[str, ...]  # the words with a feature of their own

    @classmethod
    def fit(cls, words: npt.NDArray[np.str_], truth: Truth) -> WordTable:
        """Learn from these rows."""
        known, where, count = np.unique(words, return_inverse=True, return_counts=True)
        yes = np.bincount(where, weights=truth, minlength=len(known)).astype(np.float64)
        odds = _odds(yes, count, truth.mean())
        common = [str(w) for w, n in zip(known, count, strict=True) if n >= _LEAST_ROWS]
        return cls(
            dict(zip(map(str, known), odds.tolist(), strict=True)),
            dict(zip(map(str, known), np.log1p(count).tolist(), strict=True)),
            tuple(common) if len(common) <= FEW_WORDS else (),
        )

    def features(self, words: npt.NDArray[np.str_], odds: Floats | None = None) -> Floats:
        """One row each: log-odds, frequency, one for each word with a feature of its own."""
        known, where = np.unique(words, return_inverse=True)
        if odds is None:
            odds = np.array([self.odds.get(str(w), 0.0) for w in known])[where]
        often = np.array([self.often.get(str(w), 0.0) for w in known])[where]
        return np.column_stack([odds, often, *(words == word for word in self.own)])

    def cross_fitted(self, words: npt.NDArray[np.str_], truth: Truth) -> Floats:
        """The features of the rows this was fitted on, no row's own outcome in its log-odds."""
        known, where = np.unique(words, return_inverse=True)
        odds = np.zeros(len(words))
        fold = _folds(truth)
        for one in range(_FOLDS):
            rest = fold != one
            yes = np.bincount(where[rest], weights=truth[rest], minlength=len(known)).astype(np.float64)
            count = np.bincount(where[rest], minlength=len(known))
            odds[~rest] = _odds(yes, count, truth[rest].mean())[where[~rest]]
        return self.features(words, odds)


def _odds(yes: Floats, count: npt.NDArray[np.int64], average: float) -> Floats:
    share = np.clip((yes + SMOOTHING * average) / (count + SMOOTHING), 1e-6, 1 - 1e-6)
    base = min(max(average, 1e-6), 1 - 1e-6)
    return np.asarray(np.log(share / (1 - share)) - np.log(base / (1 - base)), dtype=np.float64)


def _folds(truth: Truth) -> npt.NDArray[np.int64]:
    """Folds of equal size, each with its share of the outcomes; the same on each run."""
    fold = np.zeros(len(truth), dtype=np.int64)
    luck = np.random.default_rng(0)
    for outcome in (0, 1):
        rows = luck.permutation(np.flatnonzero(truth == outcome))
        fold[rows] = np.arange(len(rows)) % _FOLDS
    return fold


@dataclass(frozen=True, slots=True)
class NumberTable:
    """What was learned of a column's numbers: where they lie."""

    steps: tuple[float, ...]  # their quantiles, from the least to the greatest
    mean: float
    spread: float
    edges: tuple[float, ...]  # of six groups of equal size
    missing: bool

    @classmethod
    def fit(cls, numbers: Floats) -> NumberTable:
        """Learn from these rows."""
        known = numbers[~np.isnan(numbers)]
        if not len(known):
            return cls((0.0,), 0.0, 1.0, (), missing=True)
        steps = np.quantile(known, _STEPS)
        tame = np.clip(known, steps[1], steps[-2])
        edges = np.unique(np.quantile(known, np.arange(1, 6) / 6))
        return cls(
            tuple(steps.tolist()),
            float(tame.mean()),
            float(tame.std()) or 1.0,
            tuple(edges.tolist()),
            missing=len(known) < len(numbers),
        )

    def features(self, numbers: Floats) -> Floats:
        """One row each: place among the known ones, distance from the mean, group, whether it is missing."""
        gone = np.isnan(numbers)
        full = np.where(gone, self.mean, numbers)
        steps = np.array(self.steps)
        place = np.interp(full, steps, np.linspace(-1, 1, len(steps)))
        far = (np.clip(full, steps[0], steps[-1]) - self.mean) / self.spread
        group = np.searchsorted(np.array(self.edges), full, side="right")
        groups = [(group == one) & ~gone for one in range(len(self.edges) + 1)]
        parts = [np.where(gone, 0, place), np.where(gone, 0, np.clip(far, -5, 5)), *groups]
        return np.column_stack([*parts, gone] if self.missing else parts)


@dataclass(frozen=True, slots=True)
class TextTable:
    """What was learned of a column of text: how its words speak for the outcome (naive Bayes)."""

    odds: dict[str, float]

    @classmethod
    def fit(cls, texts: npt.NDArray[np.str_], truth: Truth) -> TextTable:
        """Learn from these rows."""
        return cls(_word_odds([frozenset(_WORD.findall(str(t))) for t in texts], truth))

    def features(self, texts: npt.NDArray[np.str_]) -> Floats:
        """One row each: what its words say together, how long it is, whether it is missing."""
        said = [sum(self.odds.get(w, 0.0) for w in frozenset(_WORD.findall(str(t)))) for t in texts]
        return _text_features(np.array(said), texts)

    def cross_fitted(self, texts: npt.NDArray[np.str_], truth: Truth) -> Floats:
        """The features of the rows this was fitted on, no row's own outcome in what its words say."""
        bags = [frozenset(_WORD.findall(str(t))) for t in texts]
        said = np.zeros(len(texts))
        fold = _folds(truth)
        for one in range(_FOLDS):
            rest = np.flatnonzero(fold != one)
            odds = _word_odds([bags[row] for row in rest], truth[rest])
            for row in np.flatnonzero(fold == one):
                said[row] = sum(odds.get(w, 0.0) for w in bags[row])
        return _text_features(said, texts)


def _word_odds(bags: Sequence[frozenset[str]], truth: Truth) -> dict[str, float]:
    count = Counter(word for bag in bags for word in bag)
    kept = [word for word, rows in count.most_common(_TEXT_WORDS) if rows >= _LEAST_ROWS]
    yes = Counter(word for bag, came in zip(bags, truth, strict=True) if came for word in bag)
    odds = _odds(
        np.array([yes[w] for w in kept], dtype=float), np.array([count[w] for w in kept]), float(truth.mean())
    )
    return dict(zip(kept, odds.tolist(), strict=True))


def _text_features(said: Floats, texts: npt.NDArray[np.str_]) -> Floats:
    length = np.char.str_len(texts)
    return np.column_stack([np.tanh(said / 3) * 3, np.log1p(length), length == 0])


@dataclass(frozen=True, slots=True)
class Encoder:
    """What was learned of each column; ``spans`` says which features are whose, ``scale`` their spread."""

    names: tuple[str, ...]
    words: dict[str, WordTable] = field(default_factory=dict)
    numbers: dict[str, NumberTable] = field(default_factory=dict)
    texts: dict[str, TextTable] = field(default_factory=dict)
    mean: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def fit(cls, columns: Sequence[Column], rows: Rows, truth: Truth) -> tuple[Encoder, Floats]:
        """Learn from ``rows``, of which ``truth`` is; the encoder and the features of these very rows."""
        words = {c.name: WordTable.fit(c.words[rows], truth) for c in columns if _has_words(c)}
        numbers = {
            c.name: NumberTable.fit(c.numbers[rows]) for c in columns if c.kind in (Kind.NUMBER, Kind.DATE)
        }
        texts = {c.name: TextTable.fit(c.words[rows], truth) for c in columns if c.kind is Kind.TEXT}
        raw = cls(tuple(c.name for c in columns), words, numbers, texts)
        features, spans = raw._features(columns, rows, truth)
        scale = features.std(axis=0)
        scale[scale < 1e-9] = 1.0
        mean = features.mean(axis=0)
        fitted = cls(raw.names, words, numbers, texts, tuple(mean.tolist()), tuple(scale.tolist()), spans)
        return fitted, (features - mean) / scale

    def transform(self, columns: Sequence[Column], rows: Rows) -> Floats:
        """The features of other rows, one row each."""
        features, _spans = self._features(columns, rows, None)
        return np.asarray((features - np.array(self.mean)) / np.array(self.scale), dtype=np.float64)

    def _features(
        self, columns: Sequence[Column], rows: Rows, truth: Truth | None
    ) -> tuple[Floats, dict[str, tuple[int, int]]]:
        parts: list[Floats] = []
        spans: dict[str, tuple[int, int]] = {}
        end = 0
        for column in columns:
            part = self._of(column, rows, truth)
            spans[column.name] = (end, end + part.shape[1])
            end += part.shape[1]
            parts.append(part)
        return (np.column_stack(parts) if parts else np.zeros((len(rows), 0))), spans

    def _of(self, column: Column, rows: Rows, truth: Truth | None) -> Floats:
        parts: list[Floats] = []
        if column.name in self.numbers:
            parts.append(self.numbers[column.name].features(column.numbers[rows]))
        for tables in (self.words, self.texts):
            table = tables.get(column.name)
            if isinstance(table, WordTable | TextTable):
                values = column.words[rows]
                parts.append(table.features(values) if truth is None else table.cross_fitted(values, truth))
        return np.column_stack(parts)


def _has_words(column: Column) -> bool:
    return column.kind is not Kind.TEXT and bool((column.words != "").any())
