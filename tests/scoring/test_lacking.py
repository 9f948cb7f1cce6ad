"""What a template names and a site does not have."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.actions.publishing import TEMPLATE_CODES, make_draft, template, vocabulary
from scoring.engine.parse import parse
from scoring.engine.parse_conditions import Vocabulary
from scoring.engine.reading import RuleError
from scoring.lacking import Lack, NothingLeft, fitted, lacking
from tests.scoring.conftest import counting, document
from tests.scoring.strategies import KINDS, documents

NONE = Vocabulary(frozenset(KINDS), frozenset(), frozenset(), frozenset())
LIST = {"list": "vip"}
SECTOR = {"field": "company.sector", "op": "is", "value": "food"}


@st.composite
def sites(draw: st.DrawFn) -> Vocabulary:
    """A site that has some of what the random documents name."""
    kinds = draw(st.frozensets(st.sampled_from(KINDS)))
    contents = draw(st.frozensets(st.just("b")))
    return Vocabulary(
        kinds, contents, draw(st.frozensets(st.just("vip"))), draw(st.frozensets(st.just("size")))
    )


@given(made=documents(), site=sites())
def test_what_is_fitted_to_a_site_is_valid_there(made, site):
    try:
        parse(made)
    except RuleError:
        return  # a contradiction: no document to begin with
    try:
        left = fitted(made, site)
    except NothingLeft:
        assert lacking(made, site)
        return
    parse(left, site)
    assert lacking(left, site) == ()


@given(made=documents())
def test_what_lacks_nothing_stays_as_it_is(made):
    whole = Vocabulary(frozenset(KINDS), frozenset({"b"}), frozenset({"vip"}), frozenset({"size"}))
    before = json.dumps(made)
    assert lacking(made, whole) == ()
    assert fitted(made, whole) == made
    fitted(made, NONE) if not _is_empty_without(made) else None
    assert json.dumps(made) == before


def _is_empty_without(made: dict) -> bool:
    try:
        fitted(made, NONE)
    except NothingLeft:
        return True
    return False


def test_each_code_is_named_once_with_the_rule_that_asks_for_it():
    rule = {"code": "r", "name": "R", "points": 5, "when": {"any": [LIST, {"not": LIST}, SECTOR]}}
    assert lacking(document(rule, counting("signed_up", 3)), NONE) == (
        Lack("list", "vip", ("groups", "g", "rules", "r")),
        Lack("kind", "signed_up", ("groups", "g", "rules", "signed_up")),
    )


@pytest.mark.parametrize(
    ("condition", "left"),
    [
        ({"any": [LIST, SECTOR]}, {"any": [SECTOR]}),
        ({"all": [LIST, SECTOR]}, None),
        ({"all": [{"not": LIST}, SECTOR]}, {"all": [SECTOR]}),
        ({"not": LIST}, None),  # would hold for everybody
        ({"field": "custom.colour", "op": "is_not", "value": "red"}, None),
        ({"any": [{"field": "custom.colour", "op": "is", "value": "red"}, SECTOR]}, {"any": [SECTOR]}),
        ({"all": [{"field": "custom.colour", "op": "is_not", "value": "red"}, SECTOR]}, {"all": [SECTOR]}),
        ({"event": {"kind": ["page_viewed", "other"]}}, {"event": {"kind": ["page_viewed"]}}),
        ({"event": {"kind": "other"}}, None),
        ({"inactive_days": 3, "event": {"content": ["gone"]}}, None),
        (SECTOR, SECTOR),
    ],
    ids=str,
)
def test_what_is_left_means_the_same(condition, left):
    rule = {"code": "r", "name": "R", "points": 5, "when": condition}
    groups = fitted(document(rule, counting("page_viewed", 1)), NONE)["groups"]
    kept = {one["code"]: one.get("when") for one in groups[0]["rules"]}
    assert kept.get("r") == left


def test_a_gate_that_asks_for_nothing_else_cannot_be_left_out():
    made = document(counting("page_viewed", 1))
    made["gates"]["ready"]["when"] = LIST
    with pytest.raises(NothingLeft) as refused:
        fitted(made, NONE)
    assert refused.value.path == ("gates", "ready")


@pytest.mark.parametrize("code", TEMPLATE_CODES)
def test_every_shipped_template_fits_a_new_site(code, db, now):
    known = vocabulary()
    made = fitted(template(code), known)
    assert make_draft(document=made, by=None, now=now).document == made


def test_a_template_names_what_a_new_site_has_to_add(db):
    known = replace(vocabulary(), custom=frozenset())
    found = {(one.sort, one.code) for one in lacking(template("b2b_software"), known)}
    assert found == {("list", "competitors"), ("kind", "teammate_invited"), ("kind", "integration_connected")}
    assert lacking(template("b2b_services"), known) == ()
