"""Rules made from a grid of content type × phase."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine.parse import parse
from scoring.starting import PHASES, NothingScored, Start, starting_document

TYPES = {"ebook": ("E-book", "E-book"), "case_study": ("Cas client", "Case study"), "demo": ("Démo", "Demo")}
KINDS = {
    "quote_requested": ("Devis demandé", "Quote requested"),
    "inbound_call": ("Appel entrant", "Inbound call"),
}
NAMES = {code: (code, code) for code in PHASES}
POINTS = st.integers(0, 100)


@st.composite
def starts(draw: st.DrawFn) -> Start:
    mql_at = draw(st.integers(1, 98))
    return Start(
        name=("Nos règles", "Our rules"),
        grid=draw(
            st.dictionaries(st.tuples(st.sampled_from(sorted(TYPES)), st.sampled_from(PHASES)), POINTS)
        ),
        intents=draw(st.dictionaries(st.sampled_from(sorted(KINDS)), POINTS)),
        at_once=draw(st.frozensets(st.sampled_from(sorted(KINDS)))),
        half_life=draw(st.integers(1, 730)),
        mql_at=mql_at,
        ready_at=draw(st.integers(mql_at + 2, 100)),
    )


def made(start: Start) -> dict:
    return starting_document(start, types=TYPES, kinds=KINDS, phases=NAMES)


@given(start=starts())
def test_every_grid_makes_valid_rules(start):
    if not any(start.grid.values()) and not any(start.intents.values()):
        with pytest.raises(NothingScored):
            made(start)
        return
    rules = parse(made(start))
    counted = [rule for group in rules.groups for rule in group.rules if rule.count]
    said = {
        (kind, rule.count.match.phases[0]): rule.points // 1000
        for rule in counted
        for kind in rule.count.match.content_types
    }
    assert said == {cell: points for cell, points in start.grid.items() if points}
    asked = {
        rule.count.match.kinds[0]: rule.points // 1000 for rule in counted if rule.code.startswith("asks_")
    }
    assert asked == {code: points for code, points in start.intents.items() if points}
    assert {step.when.match.kinds[0] for step in rules.ready.fast} == start.at_once


@pytest.mark.parametrize(("mql_at", "ready_at"), [(0, 40), (40, 41), (50, 40), (10, 101)])
def test_gates_the_wrong_way_round_are_refused(mql_at, ready_at):
    with pytest.raises(ValueError, match="reversed"):
        made(Start(("a", "a"), {("ebook", "interest"): 5}, {}, mql_at=mql_at, ready_at=ready_at))
