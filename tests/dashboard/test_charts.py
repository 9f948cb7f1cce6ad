"""Shapes of the charts: never outside their box, ordered as the figures are."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts import HEIGHT, columns, flight

counts = st.lists(st.integers(min_value=0, max_value=2_000_000), max_size=8)


@given(counts)
def test_the_water_stays_in_its_box(values: list[int]) -> None:
    drawn = flight(values)
    assert len(drawn.shapes) == len(values)
    for shape in drawn.shapes:
        for number in re.findall(r"-?\d+(?:\.\d+)?", shape.path):
            assert 0 <= float(number) <= max(HEIGHT, drawn.width)


@given(st.integers(min_value=0, max_value=10**6), st.integers(min_value=0, max_value=10**6))
def test_more_leads_stand_higher(first: int, second: int) -> None:
    tops = [float(re.search(r"V([\d.]+)H", shape.path)[1]) for shape in flight([first, second]).shapes]  # type: ignore[index]
    assert (tops[0] <= tops[1]) == (first >= second) or abs(tops[0] - tops[1]) <= 0.1


def test_nothing_is_a_film_of_water_and_no_division_by_zero() -> None:
    assert next(shape.path for shape in flight([0, 0]).shapes).startswith("M0.0 100V96.0")
    assert flight([]).shapes == []


@given(st.lists(st.tuples(st.text(max_size=5), st.integers(min_value=0, max_value=10**6)), max_size=40))
def test_columns_stand_on_the_ground_and_below_the_top(series: list[tuple[str, int]]) -> None:
    for column, (label, value) in zip(columns(series), series, strict=True):
        assert (column.label, column.value) == (label, value)
        assert 0 <= column.y <= HEIGHT
        assert abs(column.y + column.height - HEIGHT) <= 0.11
