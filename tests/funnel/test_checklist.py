from hypothesis import given
from hypothesis import strategies as st

from funnel.checklist import SHIPPED, Gap, Item, State, answer_refusal, progress

items = st.lists(st.builds(Item, st.sampled_from("abcdef"), st.booleans()), unique_by=lambda item: item.code)
answers = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(State))


@given(items, answers)
def test_the_checklist_holds_when_every_required_item_is_confirmed(asked, given_answers):
    wanted = {item.code for item in asked if item.required}
    confirmed = {code for code, state in given_answers.items() if state is State.CONFIRMED}
    assert progress(asked, given_answers).holds == (wanted <= confirmed)


@given(items, answers)
def test_gaps_and_confirmed_items_add_up_to_the_required_ones(asked, given_answers):
    done = progress(asked, given_answers)
    assert done.confirmed + len(done.gaps) == done.required == sum(item.required for item in asked)


def test_shipped_minimum_is_budget_decision_process_and_authority():
    assert progress(SHIPPED, {}).gaps == (
        Gap("budget", State.UNKNOWN),
        Gap("decision_process", State.UNKNOWN),
        Gap("authority", State.UNKNOWN),
    )


def test_an_assumption_is_said_to_be_one():
    answered = {"budget": State.CONFIRMED, "decision_process": State.ASSUMED, "authority": State.CONFIRMED}
    assert progress(SHIPPED, answered).gaps == (Gap("decision_process", State.ASSUMED),)


def test_a_confirmation_says_what_is_confirmed():
    assert answer_refusal(State.CONFIRMED, "  ") == "value_required"
    assert answer_refusal(State.ASSUMED, "") == "value_required"
    assert answer_refusal(State.UNKNOWN, "") == ""
    assert answer_refusal(State.CONFIRMED, "40 k€") == ""
