"""Every case of isemail and every example of libphonenumber, each difference with its reason in the docs."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.company_names import checked_siren, company_name_key
from leads.mail_domains import is_free_mail, meant_domain, registered_domain
from leads.normalise import InvalidValue, company_domain, normalise_email, normalise_phone

DOCS = Path(__file__).parents[2] / "docs" / "addresses.md"

# What isemail calls impossible and Écluse accepts, after taking away what stands around the address.
ACCEPTED_TRIMMED = {
    "errCRNoLF": 3,
    "errDotEnd": 1,
    "errExpectingATEXT": 2,
    "errFWSCRLFEnd": 8,
    "errFWSCRLFx2": 4,
}
# What the standards know beside plain addresses: refused, unless it is only white space around one.
UNUSUAL_ACCEPTED = {"cfwsFWS": 6, "deprecatedFWS": 2}
VALID = {"valid", "dnsWarnNoRecord", "dnsWarnNoMXRecord"}


def key_of(address: str) -> str | None:
    try:
        return normalise_email(address).key
    except InvalidValue:
        return None


@pytest.fixture
def isemail(addresses: Path) -> dict[str, list[str]]:
    """The addresses by verdict."""
    found = defaultdict(list)
    for address, verdict in json.loads((addresses / "isemail_tests.json").read_text()):
        found[verdict].append(address)
    return found


def test_b31_every_valid_address_of_isemail_is_accepted(isemail: dict[str, list[str]]) -> None:
    addresses = [address for verdict in VALID for address in isemail[verdict]]
    assert len(addresses) > 20
    assert [address for address in addresses if key_of(address) is None] == ["test@io"]
    assert "`test@io`" in DOCS.read_text()


def test_b31_every_impossible_address_of_isemail_is_refused(isemail: dict[str, list[str]]) -> None:
    impossible = {verdict: addresses for verdict, addresses in isemail.items() if verdict.startswith("err")}
    accepted = {
        verdict: [address for address in addresses if key_of(address)]
        for verdict, addresses in impossible.items()
    }
    assert {verdict: len(found) for verdict, found in accepted.items() if found} == ACCEPTED_TRIMMED
    for verdict, found in accepted.items():
        assert not found or verdict in DOCS.read_text()
        # Only what stands around the address was taken away: inside, nothing is repaired.
        assert all(key_of(address) == address.strip().rstrip(".") for address in found)


def test_b31_what_is_neither_valid_nor_impossible_has_its_reason_in_the_docs(
    isemail: dict[str, list[str]],
) -> None:
    unusual = {
        verdict: addresses
        for verdict, addresses in isemail.items()
        if not verdict.startswith("err") and verdict not in VALID
    }
    documented = DOCS.read_text()
    assert [verdict for verdict in unusual if verdict not in documented] == []
    accepted = {
        verdict: sum(key_of(address) is not None for address in addresses)
        for verdict, addresses in unusual.items()
    }
    assert {verdict: number for verdict, number in accepted.items() if number} == UNUSUAL_ACCEPTED


@pytest.fixture
def numbers(addresses: Path) -> list[dict[str, str]]:
    with (addresses / "libphonenumber_examples.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("spelling", ["e164", "national", "international", "rfc3966"])
def test_b32_every_valid_number_of_libphonenumber_has_one_e164(
    numbers: list[dict[str, str]], spelling: str
) -> None:
    valid = [row for row in numbers if row["valid"] == "True"]
    assert len(valid) > 900
    wrong = [
        (row["region"], row[spelling])
        for row in valid
        if normalise_phone(row[spelling], row["region"]).normal != row["e164"]
    ]
    assert wrong == []


def test_b32_premium_numbers_identify_nobody(numbers: list[dict[str, str]]) -> None:
    for row in numbers:
        number = normalise_phone(row["e164"], row["region"])
        assert number.is_valid == (row["type"] != "premium"), row


def test_b32_every_number_that_lacks_a_digit_is_refused(numbers: list[dict[str, str]]) -> None:
    twins = [row["invalid_twin"] for row in numbers if row["invalid_twin"]]
    assert len(twins) > 900
    assert [twin for twin in twins if normalise_phone(twin).normal] == []


@pytest.mark.parametrize(
    ("domain", "registered"),
    [
        ("mail.acier-dupont.fr", "acier-dupont.fr"),
        ("Acier-Dupont.FR.", "acier-dupont.fr"),
        ("a.b.co.uk", "b.co.uk"),
        ("paris.impots.gouv.fr", "impots.gouv.fr"),
        ("mail.xn--exmple-cva.fr", "xn--exmple-cva.fr"),
        ("localhost", "localhost"),
    ],
)
def test_a_company_is_what_was_registered(domain: str, registered: str) -> None:
    assert registered_domain(domain) == registered


def test_subdomains_of_consumer_mail_tell_no_company() -> None:
    assert company_domain(normalise_email("anne@mail.acier-dupont.fr")) == "acier-dupont.fr"
    assert company_domain(normalise_email("anne@imp.free.fr")) is None


@pytest.mark.parametrize("domain", ["sfr.fr", "gmx.fr", "bbox.fr", "neuf.fr", "izi-pro.fr", "gmail.com"])
def test_french_consumer_mail_is_known(domain: str) -> None:
    assert is_free_mail(domain)


def test_slips_of_the_finger_are_understood() -> None:
    assert meant_domain("gmial.com") == "gmail.com"
    assert meant_domain("googlemail.com") == "gmail.com"
    assert meant_domain("acier-dupont.fr") == "acier-dupont.fr"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("S.A.R.L. l'Été", "ETE (Sarl)"),
        ("Société Générale SA", "Societe generale"),
        ("Acier Dupont & Fils", "ACIER DUPONT ET FILS S.A.S."),
        ("L’Oréal", "Oreal"),
        ("A.B.C. Conseil", "ABC conseil SASU"),
    ],
)
def test_b72_two_spellings_of_a_company_meet(one: str, other: str) -> None:
    assert company_name_key(one) == company_name_key(other) != ""


@given(st.text(max_size=80))
def test_b72_the_key_of_a_name_says_something_whenever_there_is_a_letter(name: str) -> None:
    assert bool(company_name_key(name)) or not any(one.isalnum() and one.isascii() for one in name)


@given(st.from_regex(r"[a-zA-Zéàçôï]{4,20}( [a-zA-Zéàçôï]{4,20}){0,3}", fullmatch=True))
def test_b72_case_accents_and_legal_forms_do_not_change_the_key(name: str) -> None:
    plain = company_name_key(name)
    assert company_name_key(f"  {name.upper()}, S.A.S. ") == plain
    assert company_name_key(f"SARL {name}") == plain
    assert company_name_key(plain) == plain


@pytest.mark.parametrize("typed", ["732 829 320", "732829320", "73282932000074", "FR44 732829320"])
def test_a_siren_is_read_from_what_people_have_at_hand(typed: str) -> None:
    assert checked_siren(typed) == "732829320"


@pytest.mark.parametrize("typed", ["732829321", "12345678", "abcdefghi", "", "٧٣٢٨٢٩٣٢٠"])
def test_a_siren_with_a_wrong_check_digit_is_refused(typed: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        checked_siren(typed)
    assert refusal.value.code == "siren_invalid"
