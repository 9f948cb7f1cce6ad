"""A bad rule is refused when it is saved, with the path to what is wrong (bar: inputs B57-B59)."""

from __future__ import annotations

import copy
import json
import time
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.actions.publishing import TEMPLATE_CODES, template
from scoring.engine.explain import Frame, LeadFacts, Occurrence, explain
from scoring.engine.parse import MAX_RULES, parse
from scoring.engine.parse_conditions import Vocabulary
from scoring.engine.reading import RuleError
from scoring.engine.signatures import SignatureFacts
from tests.conftest import NOON
from tests.scoring.conftest import counting, document

WHEN = "$.groups[0].rules[0].when"
COUNT = "$.groups[0].rules[0].count"


def with_condition(condition: object, points: object = 5) -> dict:
    return document({"code": "r", "name": "R", "points": points, "when": condition})


def with_count(**count: object) -> dict:
    return document(counting("page_viewed", 5, **count))


def refused_at(made: object, known: Vocabulary | None = None) -> str:
    with pytest.raises(RuleError) as refused:
        parse(made, known)
    return refused.value.path


SECTOR = {"field": "company.sector", "op": "is", "value": "industry"}


def deep(levels: int) -> dict:
    condition: dict = SECTOR
    for _ in range(levels - 1):
        condition = {"not": condition}
    return condition


@pytest.mark.parametrize("code", TEMPLATE_CODES)
def test_the_shipped_templates_are_accepted(code):
    rules = parse(template(code))
    assert rules.name.fr
    assert rules.name.en
    assert sum(len(group.rules) for group in rules.groups) >= 7


@pytest.mark.parametrize(
    ("condition", "path"),
    [
        ({"field": "company.sector", "op": "matches", "value": "^(a+)+$"}, ".op"),
        ({"field": "company.sector", "op": "at_least", "value": 3}, ".op"),
        ({"field": "need", "op": "is", "value": "x"}, ".op"),
        ({"field": "shoe_size", "op": "is", "value": "42"}, ".field"),
        ({"field": "postcode", "op": "is", "value": "93000"}, ".op"),
        ({"field": "company.sector", "op": "in", "value": []}, ".value"),
        ({"field": "company.sector", "op": "is"}, ".value"),
        ({"field": "company.sector", "op": "is_set", "value": 1}, ".value"),
        ({"field": "project_month", "op": "within_months", "value": -3}, ".value"),
        ({"persona": "nobody", "at_least": 50}, ".persona"),
        ({"event": {"kind": ["page_viewed"]}, "within_days": -7}, ".within_days"),
        ({"event": {"kind": ["page_viewed"]}, "within_days": 0}, ".within_days"),
        ({"event": {"kind": ["page_viewed"]}, "at_least": 0}, ".at_least"),
        ({"event": {"kind": ["page_viewed"]}, "one_per": "minute"}, ".one_per"),
        ({"event": {"kind": ["page_viewed"]}, "regex": "a"}, ".regex"),
        ({"event": {}}, ".event"),
        ({"event": {"kind": ["email_opened"]}}, ".event.kind"),
        ({"event": {"kind": ["ready"]}}, ".event.kind"),
        ({"event": {"properties": [{"path": "a", "op": "like", "value": "b"}]}}, ".event.properties[0].op"),
        ({"inactive_days": 0}, ".inactive_days"),
        ({"score": "fit", "at_least": 10}, ".score"),
        ({"grade": ["A"]}, ".grade"),
        ({"temperature": ["hot"]}, ".temperature"),
        ({"all": []}, ".all"),
        ({"all": [SECTOR, {"any": [{"field": "nope", "op": "is_set"}]}]}, ".all[1].any[0].field"),
        ("always", ""),
        ({}, ""),
        ({"eval": "1"}, ""),
    ],
)
def test_b58_a_condition_that_is_not_understood_is_refused(condition, path):
    assert refused_at(with_condition(condition)) == WHEN + path


@pytest.mark.parametrize(
    "condition",
    [
        {"all": [SECTOR, {"field": "company.sector", "op": "is", "value": "food"}]},
        {"all": [SECTOR, {"all": [{"field": "company.sector", "op": "in", "value": ["food", "retail"]}]}]},
        {"all": [SECTOR, {"field": "company.sector", "op": "is_not", "value": "industry"}]},
        {"all": [SECTOR, {"field": "company.sector", "op": "is_not_set"}]},
        {"all": [{"field": "need", "op": "is_set"}, {"field": "need", "op": "is_not_set"}]},
        {"all": [SECTOR, {"not": SECTOR}]},
        {"all": [{"score": "completeness", "at_least": 60}, {"score": "completeness", "below": 40}]},
        {"all": [{"field": "custom.n", "op": "at_least", "value": 5},
                 {"field": "custom.n", "op": "at_most", "value": 4}]},
    ],
)  # fmt: skip
def test_b58_contradictory_conditions_are_refused(condition):
    assert refused_at(with_condition(condition)) == WHEN
    parse(with_condition({"any": condition["all"]}))


def test_b58_limits_of_conditions_depth_and_points():
    parse(with_condition({"any": [SECTOR] * 50}))
    assert refused_at(with_condition({"any": [SECTOR] * 51})) == f"{WHEN}.any"
    assert refused_at(with_condition({"any": [{"any": [SECTOR] * 26}, {"any": [SECTOR] * 26}]})) == WHEN
    assert refused_at(with_condition({"any": [SECTOR] * 1000})) == f"{WHEN}.any"
    parse(with_condition(deep(5)))
    assert refused_at(with_condition(deep(6))) == WHEN
    assert refused_at(with_condition(deep(50))) == WHEN
    parse(with_condition(SECTOR, points=-1000))
    for points in (1001, -1001, 1e9, float("nan"), float("inf"), True, "5", None, 0.0001):
        assert refused_at(with_condition(SECTOR, points=points)) == "$.groups[0].rules[0].points"


def test_b58_a_bottomless_condition_is_refused_before_any_recursion():
    assert refused_at(with_condition(deep(20_000))) == WHEN


def test_b57_a_huge_literal_is_refused():
    assert refused_at(with_condition({**SECTOR, "value": "x" * 10_000_000})) == f"{WHEN}.value"


def test_f40_rules_cannot_feed_on_what_they_cause():
    for kind in ("ready", "offered", "became_mql", "cooled_down"):
        assert refused_at(document(counting(kind, 5))) == f"{COUNT}.event.kind"


@pytest.mark.parametrize(
    ("count", "path"),
    [
        ({"half_life": 0}, ".half_life"),
        ({"half_life": -2}, ".half_life"),
        ({"half_life": 1.5}, ".half_life"),
        ({"half_life": True}, ".half_life"),
        ({"within_days": -1}, ".within_days"),
        ({"within_days": 10**9}, ".within_days"),
        ({"most": 0}, ".most"),
        ({"most": -5}, ".most"),
        ({"window": 5}, ".window"),
    ],
)
def test_b59_zero_and_negative_quantities_are_refused(count, path):
    assert refused_at(with_count(**count)) == COUNT + path


def test_b59_reversed_thresholds_are_refused():
    made = document(counting("page_viewed", 5))
    made["gates"] = {
        "mql": {"when": {"score": "engagement", "at_least": 50}},
        "ready": {"when": {"score": "engagement", "at_least": 40}},
    }
    assert refused_at(made) == "$.gates.ready"
    made["gates"]["mql"] = {"when": {"score": "engagement", "at_least": 10},
                            "keep": {"score": "engagement", "at_least": 20}}  # fmt: skip
    assert refused_at(made) == "$.gates.mql"
    made["gates"]["mql"] = {"when": {"score": "engagement", "at_least": 10, "below": 5}}
    assert refused_at(made) == "$.gates.mql.when.below"
    for thresholds in ([25, 50, 75], [50, 50, 25], [50, 25], [0, 0, 0], [101, 50, 25]):
        made = document(counting("page_viewed", 5), matrix={"fit": thresholds, "engagement": [75, 50, 25]})
        assert refused_at(made).startswith("$.matrix.fit")


def test_b58_what_was_deleted_on_the_site_is_refused():
    known = Vocabulary(
        frozenset({"page_viewed"}), frozenset({"guide"}), frozenset({"news"}), frozenset({"size"})
    )
    parse(with_condition({"all": [{"list": "news"}, {"field": "custom.size", "op": "is_set"}]}), known)
    assert refused_at(with_condition({"list": "gone"}), known) == f"{WHEN}.list"
    assert refused_at(with_condition({"field": "custom.gone", "op": "is_set"}), known) == f"{WHEN}.field"
    assert refused_at(document(counting("gone", 5)), known) == f"{COUNT}.event.kind"
    gone = {"event": {"content": ["gone"]}}
    assert refused_at(with_condition(gone), known) == f"{WHEN}.event.content"


def test_fit_cannot_ask_for_events():
    made = with_condition({"not": {"inactive_days": 5}})
    made["groups"][0]["measures"] = "fit"
    assert refused_at(made) == f"{WHEN}.not"
    made = document(counting("page_viewed", 5))
    made["groups"][0]["measures"] = "fit"
    assert refused_at(made) == COUNT


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"groups": []}, "$.groups"),
        ({"gates": {"mql": {}}}, "$.gates.ready"),
        ({"weights": 1}, "$.weights"),
        ({"name": ""}, "$.name"),
        ({"name": {"fr": "Essai"}}, "$.name.en"),
        ({"completeness": ["shoe_size"]}, "$.completeness[0]"),
        ({"phases": [{"phase": "euphoria", "when": SECTOR}]}, "$.phases[0].phase"),
        ({"temperatures": [{"temperature": "hot", "when": {"temperature": ["warm"]}}]},
         "$.temperatures[0].when.temperature"),
        ({"priority": {"fit": -1}}, "$.priority.fit"),
        ({"intent_days": 0}, "$.intent_days"),
    ],
)  # fmt: skip
def test_the_document_itself_is_checked(change, path):
    assert refused_at(document(counting("page_viewed", 5)) | change) == path


def test_codes_are_unique():
    rule = counting("page_viewed", 5)
    assert refused_at(document(rule, rule)) == "$.groups[0].rules[1].code"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_whatever_is_put_into_a_document_it_is_read_or_refused_with_a_path(data):
    made = copy.deepcopy(template("agency"))
    places = list(walk(made))
    holder, key = data.draw(st.sampled_from(places))
    holder[key] = data.draw(JSON)
    path = "$"
    try:
        parse(made)
    except RuleError as refused:
        path = refused.path
    assert path.startswith("$")


def walk(value):
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in entries:
        yield value, key
        yield from walk(inner)


def test_a_document_survives_json():
    made = template("b2b_services")
    assert parse(json.loads(json.dumps(made))) == parse(made)


@pytest.mark.parametrize("operator", ["matches", "regex", "like", "=~"])
def test_f41_there_are_no_regular_expressions(operator):
    wrong = {"field": "job_title", "op": operator, "value": "(a+)+$"}
    assert refused_at(with_condition(wrong)) == f"{WHEN}.op"
    asked = {"kind": ["page_viewed"], "properties": [{"path": "url", "op": operator, "value": "(a+)+$"}]}
    assert refused_at(with_condition({"event": asked})) == f"{WHEN}.event.properties[0].op"


def test_f41_the_largest_document_reads_a_lead_within_its_budget():
    """Fifty milliseconds a rule at most: there is nothing in a rule that could take longer."""
    questions = [
        {"event": {"kind": ["page_viewed"], "content": [f"c{n}"]}, "within_days": n + 1, "at_least": 2}
        for n in range(50)
    ]
    rules = [
        {"code": f"r{n}", "name": "r", "points": 1, "when": {"any": questions}} for n in range(MAX_RULES)
    ]
    groups = [
        {"code": f"g{n}", "name": "g", "measures": "engagement", "rules": rules[n : n + 100]}
        for n in range(0, MAX_RULES, 100)
    ]
    tree = parse(document() | {"groups": groups})
    seen = SignatureFacts(1, "page_viewed", content="c49")
    events = tuple(Occurrence(number, NOON - timedelta(hours=number), 1) for number in range(1000))
    start = time.process_time()
    told = explain(tree, LeadFacts({}, events), Frame({1: seen}, ZoneInfo("UTC"), NOON.date()))
    spent = time.process_time() - start
    assert told.outcome.engagement == 100_000
    assert spent < MAX_RULES * 0.050
