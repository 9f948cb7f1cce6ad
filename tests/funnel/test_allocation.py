from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from funnel.allocation import Desk, Rule, Waiting, WhyNot, order, plan
from funnel.matching import Accepts, Takes, Traits

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
SOUTH = Takes({"department": Accepts(frozenset({"13"}))})
NORTH = Takes({"department": Accepts(frozenset({"59"}), takes_unknown=False)})
moments = st.integers(0, 500).map(lambda hours: NOW - timedelta(hours=hours))
reps = st.integers(1, 6)
desks = st.lists(
    st.builds(
        Desk,
        rep=reps,
        places=st.integers(0, 6),
        used=st.integers(0, 7),
        sal_cap=st.none() | st.integers(0, 6),
        sal=st.integers(0, 7),
        takes=st.sampled_from([Takes(), SOUTH, NORTH]),
        offers_per_day=st.integers(0, 5),
        offered_today=st.integers(0, 5),
        weight=st.integers(1, 5),
        credit=st.integers(-10, 10),
        is_active=st.booleans(),
        is_absent=st.booleans(),
        last_resort=st.booleans(),
        last_served_at=st.none() | moments,
    ),
    unique_by=lambda desk: desk.rep,
    max_size=6,
)
waiting = st.lists(
    st.builds(
        Waiting,
        lead=st.integers(1, 50),
        priority=st.integers(0, 5),
        ready_since=moments,
        excluded=st.frozensets(reps, max_size=3),
        former_owner=st.none() | reps,
        company_reps=st.frozensets(reps, max_size=2),
        traits=st.sampled_from([Traits(), Traits(department="13"), Traits(department="59")]),
    ),
    unique_by=lambda lead: lead.lead,
    max_size=20,
)


def lead(number, priority=0, **more):
    return Waiting(number, priority, NOW, **more)


def desk(rep, places=100, **more):
    return Desk(rep, places, offers_per_day=more.pop("offers_per_day", 100), **more)


@given(waiting, desks)
def test_every_lead_is_either_offered_once_or_told_why_not(leads, offices):
    result = plan(leads, offices, NOW)
    given_out = [one.lead for one in result.assignments] + [one.lead for one in result.unplaced]
    assert sorted(given_out) == sorted(one.lead for one in leads)
    assert all(set(one.why_not) == {office.rep for office in offices} for one in result.unplaced)


@given(waiting, desks)
def test_no_limit_of_any_rep_is_ever_passed(leads, offices):
    result = plan(leads, offices, NOW)
    for office in offices:
        given_out = sum(one.rep == office.rep for one in result.assignments)
        if given_out:
            assert office.is_active
            assert not office.is_absent
            assert office.used + given_out <= office.places
            assert office.sal_cap is None or office.sal + given_out <= office.sal_cap
            assert office.offered_today + given_out <= office.offers_per_day
            assert result.desks[office.rep].used == office.used + given_out


@given(waiting, desks)
def test_nobody_is_offered_what_he_let_pass(leads, offices):
    excluded = {one.lead: one.excluded for one in leads}
    assert all(one.rep not in excluded[one.lead] for one in plan(leads, offices, NOW).assignments)


@given(waiting, desks, st.randoms())
def test_the_plan_does_not_depend_on_the_order_it_is_given(leads, offices, random):
    shuffled, moved = leads[:], offices[:]
    random.shuffle(shuffled)
    random.shuffle(moved)
    assert plan(shuffled, moved, NOW) == plan(leads, offices, NOW)


@given(waiting, desks)
def test_nobody_is_offered_what_his_rules_do_not_take(leads, offices):
    traits, takes = {one.lead: one.traits for one in leads}, {one.rep: one.takes for one in offices}
    for one in plan(leads, offices, NOW).assignments:
        assert takes[one.rep].mismatch(traits[one.lead]) is None


@given(waiting, desks)
def test_a_lead_waits_only_when_each_rep_has_a_reason(leads, offices):
    for one in plan(leads, offices, NOW).unplaced:
        assert set(one.why_not) == {office.rep for office in offices}


@given(waiting, st.lists(st.builds(desk, reps, places=st.just(0)), unique_by=lambda one: one.rep))
def test_when_everybody_is_full_all_wait(leads, offices):
    result = plan(leads, offices, NOW)
    assert result.assignments == ()
    assert len(result.unplaced) == len(leads)


@given(st.integers(1, 6), st.integers(1, 60))
def test_equal_reps_differ_by_one_at_most(number, leads):
    offices = [desk(rep) for rep in range(number)]
    served = Counter(one.rep for one in plan([lead(n) for n in range(leads)], offices, NOW).assignments)
    assert max(served.values()) - min(served.get(rep, 0) for rep in range(number)) <= 1


@given(st.integers(1, 6), st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_equal_reps_differ_by_one_at_most_over_many_runs(number, runs):
    state, served = [desk(rep) for rep in range(number)], Counter()
    for run, size in enumerate(runs):
        result = plan([lead(n) for n in range(size)], state, NOW + timedelta(minutes=run))
        served.update(one.rep for one in result.assignments)
        state = list(result.desks.values())
    assert max(served.values()) - min(served.get(rep, 0) for rep in range(number)) <= 1


@given(waiting, desks)
def test_no_better_lead_waits_where_a_worse_one_was_given_for_want_of_places(leads, offices):
    leads = [replace(one, excluded=frozenset(), traits=Traits()) for one in leads]
    offices = [replace(one, takes=Takes()) for one in offices]
    result = plan(leads, offices, NOW)
    ranked = [one.lead for one in order(leads)]
    assert [one.lead for one in result.assignments] == ranked[: len(result.assignments)]


@given(st.dictionaries(reps, st.integers(1, 5), min_size=1), st.integers(1, 3))
def test_each_full_round_gives_everybody_exactly_his_weight(weights, rounds):
    offices = [desk(rep, weight=weight) for rep, weight in weights.items()]
    leads = [lead(number) for number in range(rounds * sum(weights.values()))]
    served = Counter(one.rep for one in plan(leads, offices, NOW).assignments)
    assert served == {rep: weight * rounds for rep, weight in weights.items()}


@given(waiting, st.lists(st.builds(desk, reps, weight=st.integers(1, 5)), unique_by=lambda one: one.rep))
def test_the_debt_of_a_rep_is_bounded(leads, offices):
    total = sum(office.weight for office in offices)
    result = plan(leads, offices, NOW)
    assert all(abs(office.credit) <= max(2, len(offices)) * 2 * total for office in result.desks.values())


def test_the_best_lead_takes_the_last_place():
    result = plan([lead(1, priority=3), lead(2, priority=9)], [desk(7, places=1)], NOW)
    assert [one.lead for one in result.assignments] == [2]
    assert result.unplaced[0].why_not == {7: WhyNot.FULL}


def test_equal_leads_are_served_by_waiting_time():
    first = Waiting(2, 5, NOW - timedelta(days=1))
    assert [one.lead for one in order([lead(1, priority=5), first])] == [2, 1]


def test_the_former_owner_comes_first_then_the_company_then_fair_share():
    offices = [desk(1), desk(2), desk(3)]
    back = lead(1, former_owner=3, company_reps=frozenset({2}))
    known = lead(1, former_owner=9, company_reps=frozenset({2}))
    one, other = (plan([who], offices, NOW).assignments[0] for who in (back, known))
    assert (one.rep, one.rule) == (3, Rule.FORMER_OWNER)
    assert (other.rep, other.rule) == (2, Rule.SAME_COMPANY)


def test_a_full_former_owner_does_not_hold_the_lead_up():
    result = plan([lead(1, former_owner=1)], [desk(1, places=0), desk(2)], NOW).assignments[0]
    assert (result.rep, result.rule, result.passed_over) == (2, Rule.ONLY_ONE, {1: WhyNot.FULL})


def test_even_shares_go_to_the_least_recently_served():
    offices = [desk(1, last_served_at=NOW), desk(2, last_served_at=NOW - timedelta(hours=1)), desk(3)]
    result = plan([lead(1)], offices, NOW).assignments[0]
    assert (result.rep, result.rule) == (3, Rule.LEAST_RECENT)


def test_each_reason_not_to_be_offered_is_named():
    offices = [
        desk(1, is_active=False),
        desk(2, is_absent=True),
        desk(3, places=2, used=2),
        desk(4, offers_per_day=1, offered_today=1),
        desk(5),
        desk(6, last_resort=True),
    ]
    result = plan([lead(1, excluded=frozenset({5}))], offices, NOW)
    assert result.unplaced[0].why_not == {
        1: WhyNot.INACTIVE,
        2: WhyNot.ABSENT,
        3: WhyNot.FULL,
        4: WhyNot.DAILY_LIMIT,
        5: WhyNot.EXCLUDED,
        6: WhyNot.LAST_RESORT,
    }


def test_each_rule_not_met_is_named():
    offices = [
        desk(1, takes=SOUTH),
        desk(2, takes=Takes({"sector": Accepts(frozenset({"food"}))})),
        desk(3, takes=Takes({"language": Accepts(frozenset({"de"}))})),
        desk(4, takes=Takes({"size": Accepts(frozenset({"1_9"}))})),
        desk(5, takes=Takes({"product": Accepts(frozenset({"audit"}))})),
        desk(6, sal_cap=3, sal=3),
        desk(7, places=0, takes=SOUTH),
        desk(8, is_absent=True, takes=SOUTH),
    ]
    traits = Traits(
        department="59", sector="retail", language="fr", size="10_49", products=frozenset({"roof"})
    )
    assert plan([lead(1, traits=traits)], offices, NOW).unplaced[0].why_not == {
        1: WhyNot.TERRITORY,
        2: WhyNot.SECTOR,
        3: WhyNot.LANGUAGE,
        4: WhyNot.SIZE,
        5: WhyNot.PRODUCT,
        6: WhyNot.SAL_CAP,
        7: WhyNot.TERRITORY,
        8: WhyNot.ABSENT,
    }


def test_who_is_made_for_a_lead_comes_before_who_takes_everything():
    offices = [desk(1, weight=5), desk(2, takes=SOUTH)]
    known, unknown = lead(1, traits=Traits(department="13")), lead(2, traits=Traits(department="75"))
    first, second = plan([known, unknown], offices, NOW).assignments
    assert (first.rep, first.rule) == (2, Rule.MADE_FOR_IT)
    assert (second.rep, second.rule) == (1, Rule.ONLY_ONE)


def test_what_no_rep_takes_goes_to_the_manager_at_once():
    offices = [desk(1, takes=SOUTH), desk(9, last_resort=True)]
    result = plan([lead(1, traits=Traits(department="59"))], offices, NOW).assignments[0]
    assert (result.rep, result.rule) == (9, Rule.ESCALATION)


def test_a_full_specialist_does_not_hold_the_lead_up():
    offices = [desk(1), desk(2, places=0, takes=SOUTH)]
    assert plan([lead(1, traits=Traits(department="13"))], offices, NOW).assignments[0].rep == 1


def test_after_how_many_reps_the_manager_gets_it_is_the_sites_choice():
    offices = [desk(1), desk(2), desk(3), desk(9, last_resort=True)]
    once = lead(1, excluded=frozenset({1}))
    assert plan([once], offices, NOW, reps_before_manager=1).assignments[0].rep == 9


def test_what_two_reps_let_pass_goes_to_the_manager():
    offices = [desk(1), desk(2), desk(3), desk(9, last_resort=True)]
    once = plan([lead(1, excluded=frozenset({1}))], offices, NOW).assignments[0]
    twice = plan([lead(1, excluded=frozenset({1, 2}))], offices, NOW).assignments[0]
    assert once.rep in {2, 3}
    assert (twice.rep, twice.rule) == (9, Rule.ESCALATION)


def test_the_manager_gets_it_at_once_when_the_only_rep_let_it_pass():
    offices = [desk(1), desk(9, last_resort=True)]
    assert plan([lead(1, excluded=frozenset({1}))], offices, NOW).assignments[0].rep == 9


def test_without_a_manager_the_reps_that_are_left_go_on():
    result = plan([lead(1, excluded=frozenset({1, 2}))], [desk(1), desk(2), desk(3)], NOW)
    assert result.assignments[0].rep == 3
