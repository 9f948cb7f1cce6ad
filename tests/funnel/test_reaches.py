"""Counting by threshold: the quick way agrees with asking each threshold of each lead."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from funnel.lock import HIGHEST, THRESHOLDS
from funnel.queries.thresholds import OUT, at_or_above, crossings

reach = st.integers(OUT, HIGHEST)


@given(st.lists(reach, max_size=60))
def test_at_or_above_counts_who_passes(found):
    assert at_or_above(np.array(found, np.int64)) == [
        sum(one >= least for one in found) for least in THRESHOLDS
    ]


@given(st.lists(st.tuples(reach, reach), max_size=60))
def test_crossings_count_who_was_below_and_is_not_any_more(pairs):
    before, after = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
    came = crossings(before, after)
    for least in THRESHOLDS:
        assert came[least] == sum(one < least <= other for one, other in pairs)
