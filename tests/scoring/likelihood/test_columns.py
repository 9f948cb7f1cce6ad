"""What a column holds is read off its values, however people wrote them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.likelihood.columns import Column, Kind, Useless, clean, number, read_column
from scoring.likelihood.target import TargetError, read_target


def _column(*cells: str, times: int = 10, name: str = "c") -> Column | Useless:
    return read_column(name, [clean(cell) for cell in cells] * times)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("1 234,56 €", 1234.56),
        ("1\u202f234,5", 1234.5),
        ("1,234,567.8", 1234567.8),
        ("12 %", 12),
        ("-3.5e2", -350),
        (".5", 0.5),
        ("10+", None),
        ("1.2.3", None),
        ("vingt", None),
        ("1e999", None),
    ],
    ids=str,
)
def test_numbers_as_people_write_them(text: str, value: float | None) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["", " ", "Select", "NA", "n/a", "-", "Non renseigné", "NULL", "0000-00-00"])
def test_what_says_that_nobody_filled_it_in(text: str) -> None:
    assert clean(text) is None


def test_a_mixed_column_keeps_its_numbers_and_its_words() -> None:
    column = _column("1", "2", "3", "4", "5", "6", "7", "8", "9", "10+")
    assert isinstance(column, Column)
    assert column.kind is Kind.NUMBER
    assert np.nansum(column.numbers) == 450
    assert set(column.words) == {"", "10+"}


@pytest.mark.parametrize(
    "day", ["2025-03-09", "09/03/2025", "2025-03-09 00:00:00", "09.03.2025", "09-Mar-2025"]
)
def test_dates_are_read_by_the_way_most_are_written(day: str) -> None:
    column = _column(day, day.replace("09", "23", 1) if day.startswith("09") else "2025-03-23", "")
    assert isinstance(column, Column)
    assert column.kind is Kind.DATE
    assert np.nanmin(column.numbers) == 20156
    assert list(column.words[:3]) == ["6", "6", ""]  # Sundays, and nothing


def test_columns_with_nothing_in_them() -> None:
    assert _column("", "Select", "NA") is Useless.EMPTY
    assert _column("No", "No") is Useless.CONSTANT
    assert _column(*(f"{n:032x}" for n in range(300)), times=1) is Useless.IDENTIFIER
    assert _column(*map(str, range(660_737, 660_437, -1)), times=1) is Useless.IDENTIFIER
    assert _column("yes", "") is not Useless.CONSTANT  # being filled in says something


def test_text_is_no_identifier() -> None:
    column = _column(*(f"wants a quote for machine number {n}" for n in range(200)), times=1)
    assert isinstance(column, Column)
    assert column.kind is Kind.TEXT


@given(st.lists(st.text(max_size=12), min_size=1, max_size=40))
def test_whatever_stands_in_it_a_column_can_be_read(cells: list[str]) -> None:
    column = read_column("any", [clean(cell) for cell in cells])
    if isinstance(column, Column):
        assert len(column.numbers) == len(column.words) == len(column.filled) == len(cells)


@pytest.mark.parametrize(
    ("cells", "truth"),
    [
        (["yes", "no"], [1, 0]),
        (["1.0", "0.0"], [1, 0]),
        (["Oui", "Non", ""], [1, 0, -1]),
        (["Won", "Lost"], [1, 0]),
        (["Converted", "open"], [1, 0]),
        (["churned", "stayed"], [0, 1]),
        (["2025-01-03", ""], [1, 0]),
        (["yes", ""], [1, 0]),
    ],
    ids=str,
)
def test_targets_as_people_write_them(cells: list[str], truth: list[int]) -> None:
    assert read_target("won", [clean(cell) for cell in cells] * 12).tolist() == truth * 12


def test_a_target_that_is_not_plain_needs_the_value_looked_for() -> None:
    cells = ["Won", "Lost", "Open"] * 5
    with pytest.raises(TargetError, match="--positive"):
        read_target("stage", cells)
    assert read_target("stage", cells, "won").tolist() == [1, 0, 0] * 5
    with pytest.raises(TargetError, match="--positive"):
        read_target("stage", cells, "signed")
