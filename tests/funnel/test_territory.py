"""Postcodes of real places and the departments and regions they lie in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.territory import DEPARTMENTS, REGIONS, department_of, region_named, region_of


@pytest.mark.parametrize(
    ("place", "postcode", "department", "region"),
    [
        ("Paris 1er", "75001", "75", "11"),
        ("Paris 16e", "75116", "75", "11"),
        ("Lyon 3e", "69003", "69", "84"),
        ("Bourg-en-Bresse", "01000", "01", "84"),
        ("Marseille", "13001", "13", "93"),
        ("Lille", "59000", "59", "32"),
        ("Strasbourg", "67000", "67", "44"),
        ("Metz", "57000", "57", "44"),
        ("Nantes", "44000", "44", "52"),
        ("Ajaccio", "20000", "2A", "94"),
        ("Ajaccio", "20090", "2A", "94"),
        ("Porto-Vecchio", "20137", "2A", "94"),
        ("Sartène", "20100", "2A", "94"),
        ("Bastia", "20200", "2B", "94"),
        ("Corte", "20250", "2B", "94"),
        ("Furiani", "20600", "2B", "94"),
        ("Biguglia", "20620", "2B", "94"),
        ("Pointe-à-Pitre", "97110", "971", "01"),
        ("Fort-de-France", "97200", "972", "02"),
        ("Cayenne", "97300", "973", "03"),
        ("Saint-Denis de La Réunion", "97400", "974", "04"),
        ("Mamoudzou", "97600", "976", "06"),
        ("Saint-Pierre-et-Miquelon", "97500", "975", ""),
        ("Gustavia", "97133", "977", ""),
        ("Marigot", "97150", "978", ""),
        ("Nouméa", "98800", "988", ""),
        ("Papeete", "98714", "987", ""),
        ("Paris La Défense Cedex", "92042", "92", "11"),
        ("Lyon Cedex 03", "69422", "69", "84"),
    ],
)
def test_real_postcodes(place, postcode, department, region):
    assert (department_of(postcode), region_of(department)) == (department, region), place


@pytest.mark.parametrize("written", [" 69 003", "69003 ", "69\u00a0003"])
def test_spaces_do_not_matter(written):
    assert department_of(written) == "69"


@pytest.mark.parametrize(
    ("postcode", "country"),
    [
        ("1000", "BE"),
        ("69003", "DE"),
        ("", ""),
        ("6900", "FR"),
        ("ABCDE", "FR"),
        ("98000", "MC"),
        ("00100", "FR"),
    ],
)
def test_what_is_no_french_postcode_has_no_department(postcode, country):
    assert department_of(postcode, country) == ""


def test_the_whole_country():
    assert len([one for one in DEPARTMENTS if region_of(one)]) == 101
    assert len(REGIONS) == 18
    assert {region_of(one) for one in DEPARTMENTS} - {""} == set(REGIONS)


@pytest.mark.parametrize("written", ["Île-de-France", "ILE DE FRANCE", "ile-de-france"])
def test_regions_written_out(written):
    assert region_named(written) == "11"


def test_a_region_that_is_none():
    assert region_named("Bavière") == ""


@given(st.text(max_size=12), st.sampled_from(["", "FR", "BE", "RE"]))
def test_any_text_gives_a_known_department_or_none(text, country):
    assert department_of(text, country) in {"", *DEPARTMENTS}


@given(st.integers(0, 99999))
def test_every_number_gives_at_most_one_department_of_its_beginning(number):
    code = f"{number:05}"
    department = department_of(code)
    assert department in {"", "2A", "2B", code[:2], code[:3], "977", "978"}
