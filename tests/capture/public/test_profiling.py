"""Which questions are asked: properties that hold for every form and everybody."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capture.profiling import choose

CODES = [f"lead.f{number}" for number in range(12)]


@dataclass(frozen=True)
class Asking:
    code: str
    priority: int
    position: int


@st.composite
def forms(draw: st.DrawFn) -> list[Asking]:
    codes = draw(st.lists(st.sampled_from(CODES), unique=True, max_size=12))
    return [Asking(code, draw(st.integers(0, 4)), place) for place, code in enumerate(codes)]


# A busy machine draws slowly; that says nothing of the rules.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
KNOWN = st.sets(st.sampled_from(CODES))
WANTED = st.lists(st.sampled_from(CODES), unique=True, max_size=5)
AT_ONCE = st.integers(0, 6)


@patient
@given(forms(), KNOWN, WANTED, AT_ONCE)
def test_what_is_asked_always_is_and_what_is_known_never(
    form: list[Asking], known: set[str], wanted: list[str], at_once: int
) -> None:
    asked = choose(form, known=known, wanted=wanted, at_once=at_once)
    progressive = [each for each in asked if each.priority > 0]
    assert [each for each in form if each.priority == 0] == [each for each in asked if each.priority == 0]
    assert len(progressive) <= at_once
    assert not {each.code for each in progressive} & known
    assert asked == sorted(asked, key=lambda each: each.position)


@patient
@given(forms(), KNOWN, WANTED, AT_ONCE)
def test_nothing_less_urgent_is_asked_while_something_more_urgent_waits(
    form: list[Asking], known: set[str], wanted: list[str], at_once: int
) -> None:
    asked = choose(form, known=known, wanted=wanted, at_once=at_once)
    left = [each for each in form if each not in asked and each.code not in known]
    for chosen in (each for each in asked if each.priority > 0):
        for passed in left:
            if chosen.code in wanted:
                assert passed.code not in wanted or wanted.index(chosen.code) < wanted.index(passed.code)
            else:
                assert passed.code not in wanted
                assert (chosen.priority, chosen.position) <= (passed.priority, passed.position)


@patient
@given(forms(), WANTED, st.integers(1, 6))
def test_answering_what_is_asked_ends_with_nothing_left_to_ask(
    form: list[Asking], wanted: list[str], at_once: int
) -> None:
    known: set[str] = set()
    for _visit in range(len(form) + 1):
        known |= {each.code for each in choose(form, known=known, wanted=wanted, at_once=at_once)}
    assert known >= {each.code for each in form}
