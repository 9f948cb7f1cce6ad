"""The plain reader and the kernel agree to the last digit, whatever the rules, leads, zones and days."""

from __future__ import annotations

import os
from dataclasses import replace
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scoring.engine.explain import Frame, explain
from scoring.engine.kernel import read
from scoring.engine.parse import parse
from scoring.engine.program import Program
from scoring.engine.reading import RuleError
from tests.scoring import strategies as some


# More of them each night: make agreement
@settings(
    max_examples=int(os.environ.get("AGREEMENTS", "500")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(
    document=some.documents(),
    zone=st.sampled_from(some.ZONES).map(ZoneInfo),
    today=st.sampled_from(some.TODAYS),
    data=st.data(),
)
def test_the_two_readers_agree(document, zone, today, data):
    try:
        rules = parse(document)
    except RuleError:
        assume(False)
    leads = data.draw(st.lists(some.leads(zone, today), min_size=1, max_size=4))
    program = Program(rules, some.SIGNATURES, zone=zone, bits=some.BITS)
    scores = read(program, some.as_block(program, leads, today), today)
    frame = Frame({one.id: one for one in some.SIGNATURES}, zone, today, some.BITS)

    for index, lead in enumerate(leads):
        explained = explain(rules, lead, frame)
        assert scores.outcome(index) == explained.outcome
        for measure, score in (("fit", explained.outcome.fit), ("engagement", explained.outcome.engagement)):
            total = sum(line.points for line in explained.lines if line.measure == measure)
            assert total == score - score % 1000


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=some.documents(), data=st.data())
def test_what_lies_beyond_the_horizon_adds_nothing(document, data):
    zone, today = ZoneInfo("Europe/Paris"), some.TODAYS[0]
    try:
        rules = parse(document)
    except RuleError:
        assume(False)
    program = Program(rules, some.SIGNATURES, zone=zone, bits=some.BITS)
    assume(program.horizon is not None)
    lead = data.draw(some.leads(zone, today))
    recent = tuple(
        one
        for one in lead.occurrences
        if (today - one.occurred_at.astimezone(zone).date()).days < program.horizon
    )
    all_of_it = read(program, some.as_block(program, [lead], today), today)
    only_recent = read(program, some.as_block(program, [replace(lead, occurrences=recent)], today), today)
    assert all_of_it.outcome(0) == only_recent.outcome(0)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=some.documents(), data=st.data())
def test_f34_the_order_of_arrival_does_not_matter(document, data):
    zone, today = ZoneInfo("Europe/Paris"), some.TODAYS[1]
    try:
        rules = parse(document)
    except RuleError:
        assume(False)
    lead = data.draw(some.leads(zone, today))
    shuffled = replace(lead, occurrences=tuple(data.draw(st.permutations(lead.occurrences))))
    program = Program(rules, some.SIGNATURES, zone=zone, bits=some.BITS)
    frame = Frame({one.id: one for one in some.SIGNATURES}, zone, today, some.BITS)

    assert explain(rules, shuffled, frame) == explain(rules, lead, frame)
    one = read(program, some.as_block(program, [lead], today), today)
    other = read(program, some.as_block(program, [shuffled], today), today)
    assert one.outcome(0) == other.outcome(0)
