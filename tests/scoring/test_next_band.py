"""What is missing to the next band: proposals reach it, and hold nothing needless."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, assume, given, settings

from scoring.engine.conditions import Attribute
from scoring.engine.explain import Frame, LeadFacts, explain
from scoring.engine.next_band import next_band
from scoring.engine.next_steps import Do, Kind, Learn, applied
from scoring.engine.parse import parse
from scoring.engine.reading import RuleError
from scoring.engine.signatures import EventMatch, SignatureFacts
from tests.scoring import strategies as some
from tests.scoring.conftest import counting, document

PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2026, 3, 12)
NOON = datetime(2026, 3, 12, 12, tzinfo=PARIS)
KINDS = [
    Kind("page_viewed"),
    Kind("content_downloaded", "tofu"),
    Kind("contact_requested", "bofu", is_intent=True),
]


def reached(goal: str, before: object, after: object) -> bool:
    """Written apart from the search on purpose."""
    return {
        "grade": after.grade < before.grade,
        "level": after.level < before.level,
        "mql": after.mql_gate,
        "ready": after.ready_gate,
    }[goal]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    written=some.documents(),
    profile=some.profiles(),
    found=some.occurrences(PARIS, TODAY),
)
def test_what_is_proposed_reaches_its_goal_and_holds_nothing_needless(written, profile, found):
    try:
        rules = parse(written)
    except RuleError:
        assume(False)
    lead = some.as_facts(profile, found)
    frame = Frame({one.id: one for one in some.SIGNATURES}, PARIS, TODAY, some.BITS)
    before = explain(rules, lead, frame).outcome

    for way in next_band(rules, lead, frame, now=NOON, kinds=KINDS):
        for steps in way.sets:
            later, after_frame = applied(steps, lead, frame, NOON)
            assert reached(way.goal, before, explain(rules, later, after_frame).outcome)
            for step in steps:
                fewer = [one for one in steps if one != step]
                there, there_frame = applied(fewer, lead, frame, NOON)
                assert not reached(way.goal, before, explain(rules, there, there_frame).outcome)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(written=some.documents(), profile=some.profiles(), found=some.occurrences(PARIS, TODAY))
def test_nothing_that_is_known_is_to_be_learned_anew(written, profile, found):
    try:
        rules = parse(written)
    except RuleError:
        assume(False)
    lead = some.as_facts(profile, found)
    frame = Frame({one.id: one for one in some.SIGNATURES}, PARIS, TODAY, some.BITS)
    for way in next_band(rules, lead, frame, now=NOON, kinds=KINDS):
        for step in (one for steps in way.sets for one in steps if isinstance(one, Learn)):
            known = lead.profile.get(step.test.field)
            assert known in (None, "", (), "unknown") or isinstance(known, tuple)


FRAME = Frame({}, PARIS, TODAY, {})


def rules_of(*rules: dict, **more: object):
    return parse(document(*rules, **more))


def asks(points: int, field: str, value: str) -> dict:
    when = {"field": field, "op": "is", "value": value}
    return {"code": field.replace(".", "_"), "name": field, "points": points, "when": when}


def fit_rules(*rules: dict):
    return rules_of(groups=[{"code": "fit", "name": "Profil", "measures": "fit", "rules": list(rules)}])


def ways_of(rules, lead: LeadFacts) -> dict:
    return {way.goal: way for way in next_band(rules, lead, FRAME, now=NOON, kinds=KINDS)}


def test_one_deed_that_is_enough_is_proposed_alone() -> None:
    rules = rules_of(counting("page_viewed", 10), counting("contact_requested", 40))
    ways = ways_of(rules, LeadFacts({}))
    assert [[step.match.kinds for step in steps] for steps in ways["ready"].sets] == [
        [("contact_requested",)]
    ]
    assert [len(steps) for steps in ways["mql"].sets] == [1, 1]
    assert (ways["level"].target, ways["level"].lacking) == ("3", 25_000)


def test_two_unknown_facts_together() -> None:
    rules = fit_rules(asks(15, "seniority", "director"), asks(15, "company.sector", "industry"))
    (steps,) = ways_of(rules, LeadFacts({"seniority": "", "company.sector": None}))["grade"].sets
    assert {step.test.field for step in steps} == {"seniority", "company.sector"}


def test_what_is_known_otherwise_cannot_be_learned() -> None:
    rules = fit_rules(asks(30, "seniority", "director"))
    assert ways_of(rules, LeadFacts({"seniority": "staff"}))["grade"].sets == ()
    assert ways_of(rules, LeadFacts({"seniority": ""}))["grade"].sets == (
        (Learn(Attribute("seniority", "is", "director"), "director"),),
    )


def test_a_full_group_is_named_instead_of_promising() -> None:
    groups = [
        {
            "code": "g",
            "name": "Groupe",
            "measures": "engagement",
            "cap": 12,
            "rules": [counting("page_viewed", 10)],
        }
    ]
    rules = rules_of(groups=groups)
    two = applied([Do(EventMatch(("page_viewed",)), _example("page_viewed"), 2)], LeadFacts({}), FRAME, NOON)
    found = {way.goal: way for way in next_band(rules, *two, now=NOON, kinds=KINDS)}
    assert found["level"].sets == ()
    assert found["level"].capped == ("g",)


def _example(kind: str) -> SignatureFacts:
    return SignatureFacts(0, kind)


def test_the_best_band_has_no_next() -> None:
    rules = rules_of(counting("contact_requested", 100))
    lead, frame = applied(
        [Do(EventMatch(("contact_requested",)), _example("contact_requested"))], LeadFacts({}), FRAME, NOON
    )
    assert {way.goal for way in next_band(rules, lead, frame, now=NOON, kinds=KINDS)} == {"grade"}
