"""Encodings never carry a row's own outcome, and know nothing of rows they were not fitted on."""

from __future__ import annotations

import numpy as np

from scoring.likelihood.columns import Column, Kind
from scoring.likelihood.encoding import Encoder, NumberTable, WordTable


def _words(name: str, words: list[str]) -> Column:
    values = np.array(words)
    return Column(name, Kind.WORD, np.full(len(words), np.nan), values, values != "")


def test_a_rows_own_outcome_is_not_in_its_feature() -> None:
    """With a word of its own each, a row that saw its outcome would give it away."""
    truth = np.array([1, 0] * 50)
    words = np.array([f"w{n}" for n in range(100)])
    table = WordTable.fit(words, truth)
    assert abs(table.cross_fitted(words, truth)[:, 0]).max() < 1e-9
    assert table.features(words)[0, 0] > 0 > table.features(words)[1, 0]


def test_words_never_seen_say_nothing() -> None:
    table = WordTable.fit(np.array(["a", "b"] * 20), np.array([1, 0] * 20))
    assert table.features(np.array(["c"]))[0].tolist() == [0.0, 0.0, 0.0, 0.0]


def test_what_comes_later_changes_nothing_of_what_was_fitted() -> None:
    """The same rows are fitted on, whatever the others hold."""
    luck = np.random.default_rng(0)
    truth, rows = luck.integers(0, 2, 80), np.arange(80)
    first = luck.choice(["a", "b", "c"], 120)
    other = first.copy()
    other[80:] = "elsewhere"
    fits = [Encoder.fit([_words("w", list(words))], rows, truth) for words in (first, other)]
    assert fits[0][0] == fits[1][0]
    assert (fits[0][1] == fits[1][1]).all()


def test_missing_numbers_have_a_feature_of_their_own() -> None:
    numbers = np.array([1.0, 2, 3, 4, np.nan, np.nan])
    features = NumberTable.fit(numbers).features(numbers)
    assert features[:, -1].tolist() == [0, 0, 0, 0, 1, 1]
    assert not features[4, :-1].any()
    assert np.isfinite(NumberTable.fit(np.full(3, np.nan)).features(numbers)).all()
