"""The slot of a message: quiet hours, caps and answers together."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from nurturing.caps import DAY, LOOP_GUARD, WEEK, Cap
from nurturing.policy import Purpose
from nurturing.quiet import QuietHours, answers_an_act, is_quiet
from nurturing.timing import Sent, Slot, first_slot

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
NIGHT = QuietHours(time(21), time(8))
CAPS = (Cap(1, DAY), Cap(3, WEEK))
instants = st.integers(0, 7 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes))
histories = st.lists(st.tuples(instants, st.sampled_from(Purpose)), max_size=6)
wanted = st.integers(0, 48 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))


def sent(history: list[tuple[datetime, Purpose]]) -> Sent:
    made = Sent()
    for at, purpose in history:
        made.add(at, purpose)
    return made


def slot(
    at: datetime, history: Sent, purpose: Purpose = Purpose.NURTURING, acted: datetime | None = None
) -> Slot:
    return first_slot(at, purpose=purpose, acted_at=acted, zone=PARIS, quiet=NIGHT, caps=CAPS, sent=history)


@given(wanted, histories, st.sampled_from([Purpose.NURTURING, Purpose.NEWSLETTER]))
def test_a_slot_keeps_quiet_hours_and_every_cap(
    at: datetime, history: list[tuple[datetime, Purpose]], purpose: Purpose
) -> None:
    found = slot(at, sent(history), purpose)
    assert found.at >= at
    assert (found.waits_for == "") == (found.at == at)
    assert not is_quiet(found.at, PARIS, NIGHT)
    marketing = [when for when, kind in history if kind is not Purpose.TRANSACTIONAL]
    for cap in CAPS:
        assert sum(found.at - cap.window < when <= found.at for when in marketing) < cap.most
    assert sum(found.at - LOOP_GUARD.window < when <= found.at for when, _ in history) < LOOP_GUARD.most


@given(wanted, histories)
def test_what_was_asked_for_waits_only_for_the_guard_against_loops(
    at: datetime, history: list[tuple[datetime, Purpose]]
) -> None:
    found = slot(at, sent(history), Purpose.TRANSACTIONAL)
    recent = sum(at - LOOP_GUARD.window < when <= at for when, _ in history)
    assert (found.at == at) == (recent < LOOP_GUARD.most)


@given(wanted, st.integers(-5, 60))
def test_an_answer_to_an_act_may_leave_at_night_but_not_the_next_morning(at: datetime, minutes: int) -> None:
    acted = at - timedelta(minutes=minutes)
    found = slot(at, Sent(), acted=acted)
    if answers_an_act(at, acted):
        assert found == Slot(at, "")
    else:
        assert not is_quiet(found.at, PARIS, NIGHT)
