"""Tracks as plain decisions: who enters, what comes next, what ends them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.stages import Stage
from nurturing.tracks import (
    TRIGGER_WINDOW,
    Do,
    Ending,
    Entry,
    EventEntry,
    Fact,
    Leave,
    Progress,
    Situation,
    Step,
    Track,
    lets_in,
    may_enter_again,
    next_step,
)

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
DOWNLOAD = EventEntry("content_downloaded", gated=True, content_types=frozenset({"white_paper", "ebook"}))
ONE_MAIL = Track(
    "next_content",
    Entry((DOWNLOAD,), again_after=timedelta(0)),
    (Step(1, timedelta(0), "next", picks_content=True),),
)
INCUBATION = Track(
    "incubation",
    Entry(on_return=True, stages=frozenset({Stage.RECYCLED})),
    (Step(1, timedelta(hours=1), "goodbye"), Step(2, timedelta(days=45), "stay", every=timedelta(days=60))),
    goal=frozenset({"quote_requested"}),
    longest=timedelta(days=730),
)


def downloaded(ago: timedelta = timedelta(0), *, gated: bool = True, of: str = "white_paper") -> Fact:
    return Fact(1, "content_downloaded", NOW - ago, content_id=7, content_type=of, gated=gated)


@pytest.mark.parametrize(
    ("fact", "stage", "expected"),
    [
        (downloaded(), Stage.LEAD, True),
        (downloaded(), Stage.MQL, True),
        (downloaded(), Stage.SQL, False),
        (downloaded(gated=False), Stage.LEAD, False),
        (downloaded(of="data_sheet"), Stage.LEAD, False),
        (Fact(2, "page_viewed", NOW), Stage.LEAD, False),
    ],
)
def test_who_enters(fact: Fact, stage: Stage, *, expected: bool) -> None:
    assert lets_in(ONE_MAIL, fact, stage=stage, now=NOW) is expected


@given(st.timedeltas(timedelta(0), timedelta(days=800)))
def test_f35_what_happened_more_than_two_days_ago_triggers_nothing(ago: timedelta) -> None:
    assert lets_in(ONE_MAIL, downloaded(ago), stage=Stage.LEAD, now=NOW) == (ago <= TRIGGER_WINDOW)


def test_what_is_dated_in_the_future_triggers_nothing() -> None:
    assert not lets_in(ONE_MAIL, downloaded(timedelta(seconds=-1)), stage=Stage.LEAD, now=NOW)


def test_f35_f70_what_was_imported_triggers_nothing() -> None:
    fact = Fact(1, "content_downloaded", NOW, 7, "white_paper", gated=True, is_imported=True)
    assert not lets_in(ONE_MAIL, fact, stage=Stage.LEAD, now=NOW)


def test_a_new_lead_only() -> None:
    welcome = Track(
        "welcome", Entry((EventEntry("form_submitted", new_lead=True),)), (Step(1, timedelta(0), "w"),)
    )
    assert lets_in(welcome, Fact(1, "form_submitted", NOW, new_lead=True), stage=Stage.LEAD, now=NOW)
    assert not lets_in(welcome, Fact(1, "form_submitted", NOW), stage=Stage.LEAD, now=NOW)


def test_once_for_ever_or_again_after_a_while() -> None:
    once = Track("welcome", Entry(), ())
    monthly = Track("monthly", Entry(again_after=timedelta(days=30)), ())
    assert may_enter_again(once, None, now=NOW)
    assert not may_enter_again(once, NOW - timedelta(days=4000), now=NOW)
    assert not may_enter_again(monthly, NOW - timedelta(days=29), now=NOW)
    assert may_enter_again(monthly, NOW - timedelta(days=30), now=NOW)


def walk(track: Track, progress: Progress, situation: Situation) -> tuple[list[Do], Ending]:
    """Take every step at its time until the track ends."""
    done: list[Do] = []
    while isinstance(do := next_step(track, progress, situation, now=progress.last_step_at or NOW), Do):
        done.append(do)
        progress = Progress(progress.entered_at, do.step.position, do.round, do.due_at, progress.wake_at)
        assert len(done) < 1000
    return done, do.ending


def test_incubation_writes_soon_then_at_long_intervals_until_the_wake_date() -> None:
    wake = NOW + timedelta(days=200)
    done, ending = walk(INCUBATION, Progress(NOW, wake_at=wake), Situation(Stage.RECYCLED))
    days = [(do.due_at - NOW).days for do in done]
    assert days == [0, 45, 105, 165]
    assert [do.round for do in done] == [1, 1, 2, 3]
    assert ending is Ending.COMPLETED


@given(st.integers(1, 3000))
def test_incubation_never_writes_on_or_after_the_wake_date(days: int) -> None:
    wake = NOW + timedelta(days=days)
    done, _ = walk(INCUBATION, Progress(NOW, wake_at=wake), Situation(Stage.RECYCLED))
    assert all(do.due_at < wake for do in done)


@pytest.mark.parametrize(
    ("situation", "later", "ending"),
    [
        (Situation(Stage.RECYCLED, frozenset({"quote_requested"})), 1, Ending.GOAL_REACHED),
        (Situation(Stage.SAL), 1, Ending.SALES_TOOK_OVER),
        (Situation(Stage.CUSTOMER), 1, Ending.SALES_TOOK_OVER),
        (Situation(Stage.RECYCLED, reachable=False), 1, Ending.UNREACHABLE),
        (Situation(Stage.RECYCLED), 100, Ending.WOKE_UP),
        (Situation(Stage.LEAD), 1, Ending.STAGE_LEFT),
        (Situation(Stage.DISQUALIFIED), 1, Ending.STAGE_LEFT),
    ],
)
def test_what_ends_a_track(situation: Situation, later: int, ending: Ending) -> None:
    progress = Progress(NOW, wake_at=NOW + timedelta(days=100))
    assert next_step(INCUBATION, progress, situation, now=NOW + timedelta(days=later)) == Leave(ending)


def test_a_track_does_not_outlive_its_longest_time() -> None:
    answer = next_step(INCUBATION, Progress(NOW), Situation(Stage.RECYCLED), now=NOW + timedelta(days=730))
    assert answer == Leave(Ending.TOO_LONG)


delays = st.lists(st.timedeltas(timedelta(0), timedelta(days=90)), min_size=1, max_size=6)


@given(delays)
def test_every_step_is_done_once_in_order_and_no_earlier_than_its_delay(delays: list[timedelta]) -> None:
    steps = tuple(Step(position, delay, "t") for position, delay in enumerate(delays, start=1))
    done, ending = walk(Track("t", Entry(), steps), Progress(NOW), Situation(Stage.LEAD))
    assert [do.step.position for do in done] == list(range(1, len(delays) + 1))
    assert done[-1].due_at - NOW == sum(delays, timedelta(0))
    assert ending is Ending.COMPLETED


@pytest.mark.parametrize(
    "bad", [{"delay": timedelta(days=-3)}, {"delay": timedelta(0), "every": timedelta(hours=1)}]
)
def test_b59_a_negative_delay_or_a_hurried_repetition_is_refused(bad: dict[str, timedelta]) -> None:
    with pytest.raises(ValueError, match="not negative"):
        Step(position=1, template="t", **bad)
