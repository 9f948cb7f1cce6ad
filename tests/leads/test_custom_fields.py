"""Values of custom fields, read as people type them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.custom_fields import Definition, FieldType, Option, read_value, show_value
from leads.normalise import InvalidValue

FLEET = Definition(
    "fleet",
    FieldType.CHOICE,
    "Fleet",
    (Option("diesel", "Diesel"), Option("electric", "Électrique"), Option("none", "Aucune")),
)
FLEETS = Definition("fleets", FieldType.MULTIPLE, "Fleets", FLEET.options)


def read(type_: FieldType, raw: object, language: str = "fr") -> object:
    return read_value(Definition("x", type_), raw, language=language)


@pytest.mark.parametrize(
    ("typed", "language", "kept"),
    [
        ("1 234,56", "fr", 1234.56),
        ("1\u202f234,56", "fr", 1234.56),
        ("1.234,56", "fr", 1234.56),
        ("1,234.56", "en", 1234.56),
        ("1,234", "en", 1234),
        ("1,234", "fr", 1.234),
        ("12,5", "en", 12.5),
        ("1.234.567", "fr", 1234567),
        ("-0", "fr", 0),
        ("1e3", "fr", 1000),
        ("0012", "fr", 12),
    ],
)
def test_b72_numbers_are_read_by_locale_and_kept_exact(typed: str, language: str, kept: float) -> None:
    assert read(FieldType.NUMBER, typed, language) == kept


@pytest.mark.parametrize("typed", ["1 234,56 €", "€1234.56", "1234,56 EUR", "1.234,56€"])
def test_b72_amounts_may_carry_their_currency(typed: str) -> None:
    assert read(FieldType.MONEY, typed) == 1234.56


@pytest.mark.parametrize("typed", ["abc", "NaN", "Infinity", "1e999999", "1,2,3x", "--1", "1" + "0" * 16])
def test_b10_what_is_no_number_is_refused_in_words(typed: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        read(FieldType.NUMBER, typed)
    assert str(refused.value)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=4, min_value=-(10**11) + 1, max_value=10**11 - 1
    )
)
def test_b72_any_number_survives_being_shown_in_french_and_typed_again(number: Decimal) -> None:
    kept = read(FieldType.NUMBER, str(number))
    assert Decimal(str(kept)) == number
    english = f"{number:,.4f}"
    assert Decimal(str(read(FieldType.NUMBER, english, "en"))) == number
    french = english.replace(",", "\u202f").replace(".", ",")
    assert Decimal(str(read(FieldType.NUMBER, french, "fr"))) == number


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("12/03/2026", "2026-03-12"),
        ("2026-03-12", "2026-03-12"),
        ("1.2.2026", "2026-02-01"),
        (date(2026, 3, 12), "2026-03-12"),
    ],
)
def test_b72_dates_put_the_day_first(typed: object, kept: str) -> None:
    assert read(FieldType.DATE, typed) == kept


@pytest.mark.parametrize("typed", ["31/02/2026", "0000-01-01", "soon", "12/2026", "99999-01-01"])
def test_b16_impossible_dates_are_refused(typed: str) -> None:
    with pytest.raises(InvalidValue):
        read(FieldType.DATE, typed)


@pytest.mark.parametrize("typed", ["electric", "Électrique", "ELECTRIQUE", " électrique "])
def test_a_choice_is_known_by_its_code_or_its_label(typed: str) -> None:
    assert read_value(FLEET, typed) == "electric"


def test_an_unknown_choice_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidValue, match="Diesel, Électrique, Aucune"):
        read_value(FLEET, "nuclear")


def test_several_choices_keep_the_order_of_the_definition() -> None:
    assert read_value(FLEETS, "Aucune; diesel") == ["diesel", "none"]
    assert read_value(FLEETS, ["none", "none"]) == ["none"]
    assert read_value(FLEETS, " ; ") is None


@pytest.mark.parametrize("type_", list(FieldType))
def test_saying_nothing_is_no_value(type_: FieldType) -> None:
    assert read(type_, "") is None
    assert read(type_, None) is None


@pytest.mark.parametrize("type_", [type_ for type_ in FieldType if type_ != FieldType.MULTIPLE])
def test_b14_a_table_is_no_value(type_: FieldType) -> None:
    with pytest.raises(InvalidValue):
        read(type_, {"a": 1})


def test_yes_and_no_are_read_in_both_languages() -> None:
    assert [read(FieldType.BOOLEAN, typed) for typed in ("Oui", "x", True, "non", "0", False)] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]


def test_b33_text_is_cleaned_and_bounded() -> None:
    assert read(FieldType.TEXT, "  a\u202eb\x00\nc ") == "ab c"
    with pytest.raises(InvalidValue):
        read(FieldType.TEXT, "x" * 1001)


@pytest.mark.parametrize(
    ("type_", "value", "shown"),
    [
        (FieldType.NUMBER, 1234.5, "1\u202f234,5"),
        (FieldType.MONEY, 1234.5, "1\u202f234,50\xa0€"),
        (FieldType.DATE, "2026-03-12", "12 mars 2026"),
        (FieldType.TEXT, "abc", "abc"),
        (FieldType.NUMBER, "no longer a number", "no longer a number"),
        (FieldType.TEXT, None, ""),
    ],
)
def test_values_are_shown_as_the_french_write_them(type_: FieldType, value: object, shown: str) -> None:
    assert show_value(Definition("x", type_), value, language="fr") == shown


def test_choices_are_shown_by_their_labels() -> None:
    assert show_value(FLEETS, ["diesel", "gone"]) == "Diesel, gone"
