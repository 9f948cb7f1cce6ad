"""The account of rules on past offers: who counts, what is held back, and that each share adds up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.mining import SUPPORT, convinces, evidence, patterns
from funnel.past_offers import Answer, Judgement, PastOffer, compare_answers

START = datetime(2026, 1, 5, 9, tzinfo=UTC)


def offer(number: int, judgement: str, reason: str = "", *, won: bool = False) -> PastOffer:
    return PastOffer(
        number, number, START + timedelta(hours=number), Judgement(judgement), reason, is_won=won
    )


def answers(*ready: bool) -> list[Answer]:
    return [Answer(one, "A1" if one else "C3") for one in ready]


OFFERS = [
    offer(1, "accepted", won=True),
    offer(2, "accepted"),
    offer(3, "refused", "out_of_target"),
    offer(4, "refused", "out_of_target"),
    offer(5, "refused", "no_need"),
    offer(6, "excused", "project_far"),
    offer(7, "undecided"),
]
ALL = answers(*[True] * 7)


def test_what_a_draft_would_have_held_back():
    found = compare_answers(OFFERS, ALL, answers(True, False, False, False, True, False, False))
    assert found.offers == 5
    assert dict(found.left_out) == {"excused": 1, "undecided": 1}
    held = found.held_back
    assert (held.total, held.refused, held.accepted, held.won) == (3, 2, 1, 0)
    assert (found.draft.precision.hits, found.draft.precision.cases) == (1, 2)
    assert (found.draft.recall.hits, found.draft.recall.cases) == (1, 2)
    assert (found.live.precision.hits, found.live.precision.cases) == (2, 5)
    assert found.draft.won.value == 1.0
    assert [(one.reason, one.refused, one.spared.hits) for one in found.reasons] == [
        ("out_of_target", 2, 2),
        ("no_need", 1, 0),
    ]
    assert round(found.precision_gain.value, 6) == 0.1
    assert found.precision_gain.low <= 0.1 <= found.precision_gain.high


def test_what_is_not_the_leads_fault_says_nothing():
    """Whatever the rules say of an excused or undecided offer, the account is the same."""
    one = compare_answers(OFFERS, ALL, answers(True, True, False, False, True, True, True))
    other = compare_answers(OFFERS, ALL, answers(True, True, False, False, True, False, False))
    assert one == other


def test_the_same_rules_move_nobody():
    found = compare_answers(OFFERS, ALL, ALL)
    assert (found.held_back.total, found.let_in.total) == (0, 0)
    assert (found.precision_gain.value, found.precision_gain.low, found.precision_gain.high) == (0, 0, 0)


def test_no_offers_have_no_shares():
    found = compare_answers([], [], [])
    assert (found.draft.precision.value, found.precision_gain.value) == (None, None)


def test_each_offer_needs_its_answer():
    with pytest.raises(ValueError, match="argument"):
        compare_answers(OFFERS, ALL, ALL[1:])


CASES = st.lists(
    st.tuples(st.sampled_from(sorted(Judgement)), st.booleans(), st.booleans(), st.booleans()), max_size=30
)


@given(CASES)
def test_each_account_adds_up(cases):
    offers = [offer(n, one[0], won=one[1] and one[0] == "accepted") for n, one in enumerate(cases)]
    live = [Answer(one[2], "A1") for one in cases]
    draft = [Answer(one[3], "B2") for one in cases]
    found = compare_answers(offers, live, draft)
    assert found.offers + sum(number for _, number in found.left_out) == len(offers)
    assert found.live.let_through - found.held_back.total + found.let_in.total == found.draft.let_through
    assert found.held_back.refused + found.held_back.accepted == found.held_back.total
    assert sum(share.cases for _, share in found.draft.by_cell) == found.offers
    assert found.draft.recall.hits == found.draft.precision.hits


def test_a_trait_of_the_refused_is_found_and_one_of_everybody_is_not():
    offers = [offer(n, "refused" if n < 12 else "accepted", "out_of_target") for n in range(40)]
    traits = [frozenset({"everybody", *(["student"] if n < 13 else [])}) for n in range(40)]
    found = patterns(offers, traits, most=5)
    assert [(one.trait, one.refused, one.accepted) for one in found] == [("student", 12, 1)]


def test_a_trait_of_few_is_not_looked_at():
    offers = [offer(n, "refused" if n < SUPPORT - 1 else "accepted") for n in range(40)]
    traits = [frozenset({"rare"} if n < SUPPORT - 1 else ()) for n in range(40)]
    assert patterns(offers, traits, most=5) == []


def test_traits_of_the_very_same_leads_are_told_once():
    offers = [offer(n, "refused" if n < 12 else "accepted") for n in range(40)]
    traits = [frozenset({"consumer", "no company"} if n < 12 else ()) for n in range(40)]
    assert len(patterns(offers, traits, most=5)) == 1


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(Judgement)), st.frozensets(st.integers(0, 5), max_size=4)),
        max_size=60,
    )
)
def test_patterns_count_right_and_only_what_counts(rows):
    offers = [offer(n, one[0]) for n, one in enumerate(rows)]
    for found in patterns(offers, [one[1] for one in rows], most=10):
        with_it = [one for one in rows if found.trait in one[1]]
        assert found.refused == sum(one[0] == "refused" for one in with_it) >= SUPPORT
        assert found.accepted == sum(one[0] == "accepted" for one in with_it)


def test_evidence_names_the_reason_that_was_spared_most():
    offers = [offer(n, "refused", "spam" if n < 11 else "no_need") for n in range(14)]
    offers += [offer(20, "accepted"), offer(21, "accepted", won=True), offer(22, "excused")]
    after = [n >= 12 for n in range(14)] + [False, True, False]
    found = evidence(offers, [True] * 17, after)
    assert (found.refused, found.accepted, found.won) == (12, 1, 0)
    assert (found.reason, found.of_reason, found.reason_total) == ("spam", 11, 11)
    assert convinces(found, base=0.5, won=1)
    assert not convinces(found, base=0.9, won=1)


def test_a_change_that_loses_wins_does_not_convince():
    offers = [offer(n, "refused", "spam") for n in range(30)] + [offer(40, "accepted", won=True)]
    found = evidence(offers, [True] * 31, [False] * 31)
    assert not convinces(found, base=0.5, won=1)
    assert convinces(found, base=0.5, won=20)
