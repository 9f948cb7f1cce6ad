"""The transition table and the automatic moves, on plain values."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel import stages
from funnel.stages import (
    CUSTOMER,
    DISQUALIFIED,
    LEAD,
    MARKETING,
    OFFERED,
    POSITIONS,
    READY,
    RECYCLED,
    SAL,
    SQL,
    TRANSITIONS,
    Move,
    Position,
    Signals,
    Situation,
    Stage,
    Stand,
    Verb,
    automatic_move,
    automatic_path,
    refusal,
)

TODAY = date(2026, 3, 10)
HOT = Signals(mql_gate=True, mql_keep=True, ready_gate=True, ready_keep=True)
WARM = Signals(mql_gate=True, mql_keep=True)

days = st.none() | st.dates(date(2026, 3, 1), date(2026, 3, 20))
stands = st.builds(
    Stand,
    position=st.sampled_from(POSITIONS),
    reachable=st.booleans(),
    pinned=st.booleans(),
    wake_on=days,
    gates_shut_until=days,
    up_on=days,
    down_on=days,
    ready_on=days,
    unready_on=days,
)
signals = st.builds(Signals, *[st.booleans()] * 6)

# domain.md, "Where a lead stands", written a second time by hand: (verb, from) → to.
MQL = (MARKETING, READY, OFFERED)
EXPECTED: dict[tuple[Verb, Position | None], set[Position]] = {
    (Verb.ENTER, None): {LEAD},
    (Verb.GATE, LEAD): {MARKETING, READY},
    (Verb.PROMOTE, LEAD): {MARKETING},
    (Verb.READY, MARKETING): {READY},
    (Verb.UNREADY, READY): {MARKETING},
    (Verb.UNREADY, OFFERED): {MARKETING},
    (Verb.OFFER, READY): {OFFERED},
    (Verb.EXPIRE, OFFERED): {READY},
    (Verb.WITHDRAW, OFFERED): {READY},
    (Verb.DECLINE, OFFERED): {READY},
    (Verb.ACCEPT, OFFERED): {SAL},
    (Verb.QUALIFY, SAL): {SQL},
    (Verb.WIN, SAL): {CUSTOMER},
    (Verb.WIN, SQL): {CUSTOMER},
    (Verb.LOSE, SQL): {RECYCLED, DISQUALIFIED},
    (Verb.REFER, SAL): {RECYCLED, DISQUALIFIED},
    (Verb.REFER, SQL): {RECYCLED, DISQUALIFIED},
    (Verb.WAKE, RECYCLED): {LEAD},
    (Verb.REASSIGN, SAL): {SAL},
    (Verb.REASSIGN, SQL): {SQL},
    (Verb.REOPEN, DISQUALIFIED): {LEAD},
    (Verb.REOPEN, CUSTOMER): {LEAD},
    **{(Verb.COOL, here): {LEAD} for here in MQL},
    **{(Verb.MERGE, here): set(POSITIONS) - {LEAD} for here in POSITIONS},
    **{(Verb.RETURN, here): {RECYCLED} for here in (*MQL, SAL, SQL)},
    **{(Verb.CONVERT, here): {CUSTOMER} for here in (LEAD, *MQL)},
    **{(Verb.DISQUALIFY, here): {DISQUALIFIED} for here in POSITIONS if here != DISQUALIFIED},
}


def test_every_verb_has_a_row():
    assert set(TRANSITIONS) == set(Verb) - {Verb.UNDO}


@pytest.mark.parametrize("verb", TRANSITIONS)
def test_f49_the_table_allows_what_the_domain_says_and_nothing_else(verb):
    allowed = {
        (origin, target)
        for origin in (None, *POSITIONS)
        for target in POSITIONS
        if not refusal(verb, origin, target)
    }
    expected = {(at, to) for (name, at), targets in EXPECTED.items() for to in targets if name == verb}
    assert allowed == expected


def test_f49_an_undo_is_legal_exactly_as_the_inverse_of_what_people_do():
    steps = {
        (origin, target)
        for (verb, origin), targets in EXPECTED.items()
        for target in targets
        if verb in stages.UNDOABLE
    }
    undone = {
        (target, origin)
        for origin in (None, *POSITIONS)
        for target in POSITIONS
        if not refusal(Verb.UNDO, origin, target)
    }
    assert undone == steps


def test_what_machines_do_alone_is_never_undone():
    machines = {Verb.ENTER, Verb.GATE, Verb.READY, Verb.OFFER, Verb.EXPIRE, Verb.WITHDRAW, Verb.CONVERT}
    assert not stages.UNDOABLE & (machines | {Verb.MERGE, Verb.UNDO, Verb.REASSIGN})


def test_f49_by_hand_there_is_a_way_or_a_reason_why_not():
    for origin in POSITIONS:
        for to in Stage:
            ways = stages.verbs_between(origin, to)
            assert bool(ways) != bool(stages.way_refusal(origin, to))
            assert all((verb, origin) in EXPECTED for verb in ways)
    assert stages.way_refusal(LEAD, Stage.SQL) == "not_accepted"
    assert stages.way_refusal(SQL, Stage.MQL) == "not_a_lead"
    assert stages.way_refusal(SAL, Stage.SAL) == "already_there"


@pytest.mark.parametrize(
    ("verb", "origin", "target", "code"),
    [
        (Verb.ACCEPT, MARKETING, SAL, "not_offered"),
        (Verb.ACCEPT, READY, SAL, "not_offered"),
        (Verb.ACCEPT, SAL, SAL, "not_offered"),
        (Verb.QUALIFY, LEAD, SQL, "not_accepted"),
        (Verb.QUALIFY, OFFERED, SQL, "not_accepted"),
        (Verb.REOPEN, SAL, LEAD, "not_closed"),
        (Verb.RETURN, LEAD, RECYCLED, "not_returnable"),
        (Verb.LOSE, SAL, RECYCLED, "not_qualified"),
        (Verb.WIN, CUSTOMER, CUSTOMER, "not_with_sales"),
        (Verb.DISQUALIFY, DISQUALIFIED, DISQUALIFIED, "already_disqualified"),
        (Verb.ACCEPT, OFFERED, SQL, "no_such_passage"),
    ],
)
def test_b46_a_refused_passage_has_a_code_of_its_own(verb, origin, target, code):
    assert refusal(verb, origin, target) == code


def test_only_waking_and_reopening_open_a_new_cycle():
    assert {verb for verb, row in TRANSITIONS.items() if row.new_cycle} == {Verb.WAKE, Verb.REOPEN}


def test_every_position_but_the_two_last_can_be_left_by_somebody():
    assert all(stages.allowed_verbs(position) for position in POSITIONS)


@given(st.sampled_from(Stage), st.sampled_from(Situation))
def test_only_an_mql_has_a_situation(stage, situation):
    if (stage, situation) in {(position.stage, position.situation) for position in POSITIONS}:
        assert Position(stage, situation) in POSITIONS
    else:
        with pytest.raises(ValueError, match="no such position"):
            Position(stage, situation)


@given(stands, signals)
def test_automatic_moves_are_rows_of_the_table(stand, seen):
    here = stand.position
    for move in automatic_path(stand, seen, TODAY).moves:
        assert refusal(move.verb, move.origin, move.target) == ""
        assert move.origin == here
        here = move.target


@given(stands, signals)
def test_the_path_ends_at_rest_and_running_it_again_changes_nothing(stand, seen):
    path = automatic_path(stand, seen, TODAY)
    again = automatic_path(path.stand, seen, TODAY)
    assert (again.moves, again.stand) == ((), path.stand)


@given(stands, st.lists(signals, max_size=12))
def test_each_gate_lets_a_lead_through_at_most_once_a_day_each_way(stand, seen):
    stand = replace(stand, up_on=None, down_on=None, ready_on=None, unready_on=None)
    moves = []
    for one in seen:
        path = automatic_path(stand, one, TODAY)
        stand = path.stand
        moves += path.moves
    up = [move for move in moves if move.verb is Verb.GATE]
    down = [move for move in moves if move.verb is Verb.COOL]
    made_ready = [move for move in moves if move.target == READY]
    unready = [move for move in moves if move.verb is Verb.UNREADY]
    assert max(map(len, (up, down, made_ready, unready))) <= 1


@given(stands, signals)
def test_sales_and_closed_leads_never_move_by_themselves(stand, seen):
    for position in (SAL, SQL, CUSTOMER, DISQUALIFIED):
        assert automatic_move(replace(stand, position=position), seen, TODAY) is None


@given(stands, signals)
def test_an_unreachable_lead_is_never_made_ready(stand, seen):
    path = automatic_path(replace(stand, reachable=False), seen, TODAY)
    assert READY not in {move.target for move in path.moves}


@given(stands, signals)
def test_what_waits_only_for_tomorrow_is_done_tomorrow(stand, seen):
    path = automatic_path(stand, seen, TODAY)
    if path.tomorrow:
        tomorrow = TODAY + timedelta(days=1)
        clear = replace(path.stand, **dict.fromkeys(("up_on", "down_on", "ready_on", "unready_on")))
        assert automatic_path(clear, seen, tomorrow).moves


def moves_of(position, seen, **stand):
    return automatic_path(Stand(position, **stand), seen, TODAY).moves


def test_a_contact_request_takes_a_lead_to_ready_in_one_passage():
    assert moves_of(LEAD, HOT) == (Move(Verb.GATE, LEAD, READY),)


def test_the_ready_gate_alone_is_enough_whatever_the_fit():
    assert moves_of(LEAD, Signals(ready_gate=True)) == (Move(Verb.GATE, LEAD, READY),)


def test_an_mql_that_is_not_ready_stays_in_marketing():
    assert moves_of(LEAD, WARM) == (Move(Verb.GATE, LEAD, MARKETING),)
    assert moves_of(MARKETING, WARM) == ()


def test_mql_in_the_morning_may_be_ready_in_the_afternoon():
    assert moves_of(MARKETING, HOT, up_on=TODAY) == (Move(Verb.READY, MARKETING, READY),)


def test_hysteresis_keeps_what_the_gate_would_no_longer_let_in():
    assert moves_of(MARKETING, Signals(mql_keep=True)) == ()
    assert moves_of(READY, Signals(mql_keep=True, ready_keep=True)) == ()
    assert moves_of(LEAD, Signals(mql_keep=True, ready_keep=True)) == ()


@pytest.mark.parametrize("position", MQL)
def test_an_mql_that_cools_is_a_lead_again(position):
    assert moves_of(position, Signals()) == (Move(Verb.COOL, position, LEAD),)


@pytest.mark.parametrize("position", [READY, OFFERED])
def test_an_offer_of_a_lead_below_the_ready_gate_is_withdrawn(position):
    assert moves_of(position, WARM) == (Move(Verb.UNREADY, position, MARKETING),)


def test_a_lead_promoted_by_hand_stays_until_the_gate_has_seen_it_once():
    assert moves_of(MARKETING, Signals(), pinned=True) == ()
    seen = automatic_path(Stand(MARKETING, pinned=True), WARM, TODAY).stand
    assert automatic_path(seen, Signals(), TODAY).moves == (Move(Verb.COOL, MARKETING, LEAD),)


def test_returned_leads_wait_for_their_date():
    assert moves_of(RECYCLED, HOT, wake_on=TODAY + timedelta(days=1)) == ()
    assert moves_of(RECYCLED, Signals(), wake_on=TODAY) == (Move(Verb.WAKE, RECYCLED, LEAD),)


def test_a_strong_event_wakes_a_returned_lead_and_opens_its_gates():
    seen = replace(HOT, strong=True)
    later = TODAY + timedelta(days=60)
    assert moves_of(RECYCLED, seen, wake_on=later, gates_shut_until=later) == (
        Move(Verb.WAKE, RECYCLED, LEAD),
        Move(Verb.GATE, LEAD, READY),
    )


def test_who_was_returned_this_morning_and_asks_for_a_quote_is_ready_this_afternoon():
    spent = {"up_on": TODAY, "ready_on": TODAY, "wake_on": TODAY + timedelta(days=90)}
    assert moves_of(RECYCLED, replace(HOT, strong=True), **spent)[-1] == Move(Verb.GATE, LEAD, READY)


def test_shut_gates_hold_a_lead_but_not_against_a_strong_event():
    later = TODAY + timedelta(days=3)
    assert moves_of(LEAD, HOT, gates_shut_until=later) == ()
    assert moves_of(LEAD, replace(HOT, strong=True), gates_shut_until=later) != ()
    assert moves_of(LEAD, HOT, gates_shut_until=TODAY) != ()


def test_a_purchase_makes_a_customer_without_any_rep():
    assert moves_of(MARKETING, Signals(converted=True)) == (Move(Verb.CONVERT, MARKETING, CUSTOMER),)


@given(st.dates(date(2020, 1, 1), date(2050, 12, 31)))
def test_the_wake_date_is_thirty_days_before_the_first_of_the_month(day):
    assert stages.wake_date(day) + timedelta(days=30) == day.replace(day=1)
