"""The threshold of the ready gate: written into a document and read out of it again."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.actions.publishing import TEMPLATE_CODES, template
from scoring.engine.parse import parse
from scoring.thresholds import least_of, threshold_of, with_threshold

codes = st.sampled_from(TEMPLATE_CODES)


@given(codes, st.integers(1, 100), st.integers(0, 100))
def test_what_is_written_is_read_and_taken_out_again(code, one, other):
    document = template(code)
    kept = deepcopy(document)
    once = with_threshold(document, one)
    parse(once)
    least = least_of(document)
    assert threshold_of(once) == (one if one >= least else 0)
    again = with_threshold(once, other)
    parse(again)
    assert threshold_of(again) == (other if other >= least else 0)
    assert with_threshold(once, 0) == kept == document


@given(codes, st.integers(1, 100))
def test_fast_paths_and_what_keeps_somebody_in_are_left_alone(code, threshold):
    before, after = template(code), with_threshold(template(code), threshold)
    for name in ("fast", "keep", "note"):
        assert after["gates"]["ready"].get(name) == before["gates"]["ready"].get(name)
    del before["gates"]["ready"], after["gates"]["ready"]
    assert after == before


@pytest.mark.parametrize(
    ("when", "threshold"),
    [
        ({"grade": ["A"]}, 0),
        ({"all": [{"grade": ["A"]}, {"score": "engagement", "at_least": 40}]}, 40),
        ({"all": [{"score": "engagement", "at_least": 40}, {"grade": ["A"]}]}, 0),
        ({"all": [{"grade": ["A"]}, {"score": "engagement", "at_least": 40, "below": 60}]}, 0),
        ({"all": [{"score": "engagement", "at_least": 30}]}, 30),
        ({"any": [{"score": "engagement", "at_least": 30}]}, 0),
    ],
)
def test_it_is_the_last_of_conditions_that_must_all_hold(when, threshold):
    document = template("b2b_services")
    document["gates"]["ready"]["when"] = when
    assert threshold_of(document) == threshold
    assert threshold_of(with_threshold(document, 55)) == 55
    assert threshold_of(with_threshold(document, 0)) == 0


def test_below_what_the_other_gates_ask_for_there_is_none():
    assert least_of(template("b2b_services")) == 25  # what keeps somebody ready
    assert least_of(template("agency")) == 0
