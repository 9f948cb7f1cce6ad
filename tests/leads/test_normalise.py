"""Text, emails and phones in their normal form (bar: inputs B28, B31, B32, B33)."""

from __future__ import annotations

import csv
import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.normalise import (
    InvalidValue,
    clean_line,
    clean_text,
    company_domain,
    normalise_email,
    normalise_phone,
    searchable,
)


@given(st.text())
def test_b28_no_line_ever_holds_what_breaks_a_header(text: str) -> None:
    line = clean_line(text)
    assert not any(unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in line)
    assert clean_line(line) == line


@given(st.text())
def test_text_keeps_its_lines_and_nothing_else_that_is_invisible(text: str) -> None:
    cleaned = clean_text(text)
    assert not any(unicodedata.category(c) == "Cc" and c != "\n" for c in cleaned)
    assert clean_text(cleaned) == cleaned


def test_b28_crlf_in_a_name_becomes_a_space() -> None:
    assert clean_line("Marie\r\nBcc: all@ecluse.example") == "Marie Bcc: all@ecluse.example"


def test_b33_bidi_and_zero_width_characters_go_but_family_emoji_stay() -> None:
    assert clean_line("\u202eDupont\u200b\ufeff") == "Dupont"
    assert clean_line("👩\u200d👧") == "👩\u200d👧"
    assert clean_line("Zoe\u0301") == "Zoé"


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Marie.Curie@Radium.FR", "marie.curie@radium.fr"),
        ("  marie@radium.fr\n", "marie@radium.fr"),
        ("marie@radium.fr.", "marie@radium.fr"),
        ("marie+salon@radium.fr", "marie+salon@radium.fr"),
        ("marie@exémple.fr", "marie@xn--exmple-cva.fr"),
        ("m.arie@gmail.com", "m.arie@gmail.com"),
    ],
)
def test_b31_one_normal_form_of_an_email(typed: str, key: str) -> None:
    assert normalise_email(typed).key == key


@pytest.mark.parametrize(
    "typed",
    [
        *("", "marie", "marie@localhost", "marie@[127.0.0.1]", "marie..curie@radium.fr", '"marie"@radium.fr'),
        *("mailto:marie@radium.fr", "Marie <marie@radium.fr>", "marie@radium", "ma rie@radium.fr"),
        *("marie@radium.fr\r\nBcc: x@y.fr", f"{'a' * 65}@radium.fr", f"marie@{'a' * 250}.fr"),
    ],
)
def test_b31_what_is_no_public_address_is_refused_with_a_code(typed: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        normalise_email(typed)
    assert refusal.value.code == "email_invalid"


def test_b31_role_disposable_and_free_addresses_are_flagged_not_refused() -> None:
    assert normalise_email("contact@radium.fr").flags == ("role",)
    assert normalise_email("x@mailinator.com").flags == ("disposable",)
    assert normalise_email("marie@sfr.fr").flags == ("free",)


def test_only_a_company_address_tells_the_company() -> None:
    assert company_domain(normalise_email("marie@radium.fr")) == "radium.fr"
    assert company_domain(normalise_email("marie@orange.fr")) is None
    assert company_domain(normalise_email("marie@mailinator.com")) is None


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("+33 (0)6 12 34 56 78", "+33612345678"),
        ("0033612345678", "+33612345678"),
        ("０６１２３４５６７８", "+33612345678"),
        ("01 44 55 66 77 ext 12", "+33144556677"),
        ("+262 692 12 34 56", "+262692123456"),
        ("+590 690 00 12 34", "+590690001234"),
        ("+596 696 20 12 34", "+596696201234"),
        ("+594 694 20 12 34", "+594694201234"),
    ],
)
def test_b32_phones_are_read_as_french_people_type_them(typed: str, e164: str) -> None:
    assert normalise_phone(typed).e164 == e164


@pytest.mark.parametrize("typed", ["123", "0899 12 34 56", "appelez-moi", "", "+33 6 12"])
def test_b32_an_impossible_or_premium_number_is_kept_raw_and_flagged(typed: str) -> None:
    phone = normalise_phone(typed)
    assert (phone.e164, phone.is_valid, phone.raw) == (None, False, clean_line(typed))


def test_accents_and_case_do_not_hide_anybody() -> None:
    assert searchable("Société Générale", None, "SA") == "societe generale sa"


def test_b31_of_the_isemail_addresses_the_valid_ones_are_accepted(addresses: Path) -> None:
    verdicts = json.loads((addresses / "isemail_tests.json").read_text())
    trimmed = [(address, verdict) for address, verdict in verdicts if address.strip().rstrip(".") == address]
    accepted = {verdict for address, verdict in trimmed if is_accepted(address)}
    assert accepted == {"valid", "dnsWarnNoRecord", "dnsWarnNoMXRecord"}
    # A top-level domain alone is no address of a lead, though the standard allows it.
    assert [a for a, verdict in trimmed if verdict == "valid" and not is_accepted(a)] == ["test@io"]


def is_accepted(address: str) -> bool:
    """Whether it can be a lead's email."""
    try:
        normalise_email(address)
    except InvalidValue:
        return False
    return True


def test_b32_every_regions_example_number_is_read_as_libphonenumber_says(addresses: Path) -> None:
    with (addresses / "libphonenumber_examples.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    wrong = [
        row["e164"]
        for row in rows
        if row["type"] != "premium"
        and row["valid"] == "True"
        and normalise_phone(row["international"]).e164 != row["e164"]
    ]
    assert wrong == []
    premium = [row for row in rows if row["type"] == "premium" and row["region"] == "FR"]
    assert premium
    assert all(not normalise_phone(row["e164"]).is_valid for row in premium)
