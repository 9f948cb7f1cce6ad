"""Whether a person or a machine did it: the rules, and what hypothesis thinks of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.crawlers import is_crawler
from leads.models import Verdict as StoredVerdict
from leads.traffic import (
    BURST_SECONDS,
    STANDS,
    ClickFacts,
    PageFacts,
    Signs,
    Verdict,
    is_overturned,
    is_prefetch,
    judge_click,
    judge_page,
    marks_visitor,
)
from leads.traffic_words import REASONS

signs = st.builds(Signs, *[st.booleans()] * 5)
pages = st.builds(
    PageFacts,
    signs,
    st.booleans(),
    st.integers(0, 40),
    st.integers(0, 10),
    st.sampled_from(list(Verdict)),
)
clicks = st.builds(
    ClickFacts,
    signs,
    st.none() | st.timedeltas(timedelta(0), timedelta(days=30)),
    st.integers(1, 20),
    st.integers(1, 20),
    st.booleans(),
    st.none() | st.booleans(),
)


def test_the_numbers_are_those_that_events_carry() -> None:
    assert {one.name: one.value for one in Verdict} == {one.name: one.value for one in StoredVerdict}


@given(pages)
def test_a_page_is_a_machines_only_for_a_reason_that_has_words(facts: PageFacts) -> None:
    judged = judge_page(facts)
    assert judged.is_machine == bool(judged.reasons)
    assert set(judged.reasons) <= REASONS.keys()


@given(pages)
def test_more_signs_never_make_a_page_more_human(facts: PageFacts) -> None:
    worse = replace(facts, is_trap=True, views_in_burst=facts.views_in_burst + 1)
    if judge_page(facts).is_machine:
        assert judge_page(worse).is_machine


@given(pages)
def test_what_somebody_showed_to_be_a_persons_stays_so_but_for_what_nobody_looked_at(
    facts: PageFacts,
) -> None:
    judged = judge_page(replace(facts, visitor=Verdict.HUMAN))
    assert judged.is_machine == bool(STANDS & set(judged.reasons))


@given(pages)
def test_only_what_gives_a_visitor_away_marks_it(facts: PageFacts) -> None:
    judged = judge_page(facts)
    if marks_visitor(judged):
        assert judged.is_machine
    if judged.reasons == ("prefetch",) or judged.reasons == ("datacentre",):
        assert not marks_visitor(judged)


def test_the_speed_of_a_reader_and_of_a_robot() -> None:
    assert not judge_page(PageFacts(views_in_burst=10)).is_machine
    assert judge_page(PageFacts(views_in_burst=11)).reasons == ("too_fast",)
    assert not judge_page(PageFacts(views_at_instant=2)).is_machine
    assert judge_page(PageFacts(views_at_instant=3)).reasons == ("same_instant",)
    assert BURST_SECONDS == 10


def test_what_a_person_turns_round() -> None:
    assert is_overturned(["too_fast"])
    assert is_overturned(["trap", "automated"])
    assert not is_overturned(["too_fast", "prefetch"])
    assert not is_overturned(["crawler"])


@given(clicks)
def test_a_click_is_always_a_persons_or_a_machines_and_says_why(facts: ClickFacts) -> None:
    judged = judge_click(facts)
    assert judged.verdict in {Verdict.HUMAN, Verdict.MACHINE}
    assert judged.is_machine == bool(judged.reasons)
    assert set(judged.reasons) <= REASONS.keys()


@pytest.mark.parametrize(
    ("facts", "reasons"),
    [
        (ClickFacts(after_delivery=timedelta(minutes=3)), ()),
        (ClickFacts(after_delivery=timedelta(seconds=9)), ("too_soon",)),
        (ClickFacts(after_delivery=timedelta(seconds=10)), ()),
        (ClickFacts(links_in_burst=3, links_in_message=9), ("many_links",)),
        (ClickFacts(links_in_burst=2, links_in_message=2), ("many_links",)),
        (ClickFacts(links_in_burst=2, links_in_message=9), ()),
        (ClickFacts(links_in_burst=1, links_in_message=1), ()),
        (ClickFacts(is_trap=True), ("trap",)),
        (ClickFacts(beacon=False), ("no_beacon",)),
        (ClickFacts(beacon=None), ()),
        (ClickFacts(signs=Signs(is_head=True)), ("head_request",)),
        (ClickFacts(signs=Signs(is_datacentre=True)), ("datacentre",)),
    ],
)
def test_clicks_as_the_privacy_bar_has_them(facts: ClickFacts, reasons: tuple[str, ...]) -> None:
    assert judge_click(facts).reasons == reasons


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "python-requests/2.32.3",
        "curl/8.5.0",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/140.0 Safari/537.36",
    ],
)
def test_robots_that_say_so(agent: str) -> None:
    assert is_crawler(agent)


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1) AppleWebKit/605.1.15 Version/19.1 Safari/604.1",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "",
        "x" * 100_000,
    ],
)
def test_browsers_of_people(agent: str) -> None:
    assert not is_crawler(agent)


@pytest.mark.parametrize(
    ("purpose", "ahead"), [("prefetch", True), ("prefetch;prerender", True), ("Preview", True), ("", False)]
)
def test_what_a_browser_fetches_ahead(purpose: str, ahead: bool) -> None:
    assert is_prefetch(purpose) is ahead
