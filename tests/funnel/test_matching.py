"""What a desk takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.choices import RuleKind
from funnel.matching import Accepts, Mismatch, Takes, Traits, place_of

LYON = Traits(
    country="FR",
    region="84",
    department="69",
    postcode="69003",
    sector="industry",
    language="fr",
    size="10_49",
)
NOWHERE = Traits()

words = st.sampled_from(["", "a", "b", "c"])
traits = st.builds(
    Traits,
    country=st.sampled_from(["", "FR", "BE"]),
    region=st.sampled_from(["", "84", "11"]),
    department=st.sampled_from(["", "69", "75"]),
    postcode=st.sampled_from(["", "69003", "75001"]),
    sector=words,
    language=words,
    size=words,
    products=st.frozensets(st.sampled_from("abc"), max_size=2),
)
accepts = st.builds(
    Accepts,
    values=st.frozensets(st.sampled_from(["FR", "84", "69", "69003", "a", "b"]), min_size=1),
    takes_unknown=st.booleans(),
)
desks = st.dictionaries(st.sampled_from([kind.value for kind in RuleKind]), accepts).map(Takes)


def takes(unknown=True, **rules):
    return Takes({kind: Accepts(frozenset(values), unknown) for kind, values in rules.items()})


@given(traits)
def test_a_desk_without_rules_takes_everybody(lead):
    assert Takes().mismatch(lead) is None
    assert Takes().strength(lead) == 0


@given(desks, traits, st.sampled_from(["sector", "language", "size", "product"]), accepts)
def test_another_rule_never_lets_in_who_was_out(desk, lead, kind, rule):
    if desk.mismatch(lead) is not None and kind not in desk.rules:
        assert Takes({**desk.rules, kind: rule}).mismatch(lead) is not None


@given(desks, traits, st.sampled_from(["country", "region", "department", "postcode"]), accepts)
def test_another_place_never_keeps_out_who_was_inside_one(desk, lead, kind, rule):
    places = {"country", "region", "department", "postcode"} & set(desk.rules)
    if places and kind not in desk.rules and desk.mismatch(lead) is None:
        assert Takes({**desk.rules, kind: rule}).mismatch(lead) is None


@given(desks)
def test_of_whom_nothing_is_known_is_taken_as_the_rules_about_the_unknown_say(desk):
    places = [
        desk.rules[kind] for kind in ("country", "region", "department", "postcode") if kind in desk.rules
    ]
    others = [rule for kind, rule in desk.rules.items() if kind in ("sector", "language", "size", "product")]
    open_to_all = (not places or any(rule.takes_unknown for rule in places)) and all(
        rule.takes_unknown for rule in others
    )
    assert (desk.mismatch(NOWHERE) is None) == open_to_all


@given(desks, traits)
def test_only_who_is_named_makes_a_specialist(desk, lead):
    assert 0 <= desk.strength(lead) <= 3


@pytest.mark.parametrize(
    ("rules", "inside"),
    [
        ({"department": ["69"]}, True),
        ({"department": ["75"]}, False),
        ({"department": ["75"], "region": ["84"]}, True),
        ({"postcode": ["69"]}, True),
        ({"postcode": ["69003"]}, True),
        ({"postcode": ["690031"]}, False),
        ({"country": ["BE"], "postcode": ["38"]}, False),
    ],
)
def test_places_are_one_territory(rules, inside):
    assert takes(**rules).mismatch(LYON) == (None if inside else Mismatch.TERRITORY)


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ({"sector": ["food"]}, Mismatch.SECTOR),
        ({"language": ["de"]}, Mismatch.LANGUAGE),
        ({"size": ["5000_plus"]}, Mismatch.SIZE),
        ({"product": ["audit"]}, None),
    ],
)
def test_everything_else_must_fit_where_it_is_known(rule, why):
    assert takes(department=["69"], **rule).mismatch(LYON) == why


def test_a_lead_abroad_is_in_no_french_department():
    assert takes(department=["69"]).mismatch(Traits(country="BE")) == Mismatch.TERRITORY


def test_a_lead_of_another_region_is_in_none_of_these_departments():
    assert takes(department=["69"]).mismatch(Traits(country="FR", region="11")) == Mismatch.TERRITORY
    assert takes(department=["69"]).mismatch(Traits(country="FR", region="84")) is None


def test_unknown_leads_stay_out_where_the_rule_says_so():
    assert takes(unknown=False, sector=["food"]).mismatch(NOWHERE) == Mismatch.SECTOR


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"postcode": "69 003", "region": "", "country": ""}, ("FR", "84", "69", "69003")),
        ({"postcode": "", "region": "ile de france", "country": ""}, ("FR", "11", "", "")),
        ({"postcode": "1000", "region": "", "country": "BE"}, ("BE", "", "", "1000")),
        ({"postcode": "97400", "region": "", "country": "RE"}, ("RE", "04", "974", "97400")),
        ({"postcode": "", "region": "", "country": ""}, ("", "", "", "")),
    ],
)
def test_a_place_is_read_from_what_was_written(written, read):
    assert place_of(**written) == read
