"""Intervals hold what was seen, narrow with more cases, and are the same every time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.statistics import bootstrap, scaled, wilson

counts = st.integers(0, 5000).flatmap(lambda cases: st.tuples(st.integers(0, cases), st.just(cases)))


@given(counts)
def test_a_share_lies_in_its_interval(share):
    found = wilson(*share)
    assert 0 <= found.low <= found.high <= 1
    if found.cases:
        assert found.low <= found.value <= found.high


def test_wilson_gives_the_published_figures():
    """81 of 263, from Newcombe (1998), Two-sided confidence intervals for the single proportion."""
    found = wilson(81, 263)
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)
    assert (round(wilson(0, 20).high, 4), wilson(0, 20).low) == (0.1611, 0.0)


def test_nothing_is_known_of_no_cases():
    assert (wilson(0, 0).value, wilson(0, 0).low, wilson(0, 0).high) == (None, 0.0, 1.0)


def test_more_hits_than_cases_is_refused():
    with pytest.raises(ValueError, match="3 of 2"):
        wilson(3, 2)


@given(counts, st.integers(0, 100_000))
def test_a_sample_told_of_everybody_holds_what_was_read(share, rest):
    hits, read = share
    found = scaled(hits, read, read + rest)
    assert hits <= found.low <= found.value <= found.high <= read + rest or not read
    assert found.is_exact == (found.low == found.high)
    if not rest:
        assert (found.low, found.value, found.high) == (hits, hits, hits)


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_a_bootstrap_holds_the_value_and_repeats_itself(values):
    array = np.array(values)
    found = bootstrap(len(values), lambda chosen: float(array[chosen].mean()))
    assert found == bootstrap(len(values), lambda chosen: float(array[chosen].mean()))
    assert found.low <= found.value <= found.high


def test_what_cannot_be_measured_has_no_difference():
    assert bootstrap(0, lambda _: 1.0).value is None
    assert bootstrap(3, lambda _: None).value is None
