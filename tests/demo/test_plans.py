"""The plan of the demonstration: who comes when and does what, before anything is written."""

from __future__ import annotations

from collections import Counter
from datetime import date

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo import fates, story
from demo.cast import FIRMS, PEOPLE, Person, firms, people
from demo.channels import WAYS
from demo.fates import Choice, End, Manner
from demo.library import BY_CODE, LIBRARY
from funnel.checklist_templates import DEFAULT, TEMPLATES
from funnel.shipped import REASONS
from leads.channels import Channel
from leads.choices import Band, ContentType
from leads.kinds import BY_CODE as KINDS

TODAY = date(2026, 11, 21)
SEED = 7


@pytest.fixture(scope="module")
def cast() -> list[Person]:
    return people(SEED, firms(SEED))


@pytest.fixture(scope="module")
def year(cast: list[Person]) -> story.Story:
    return story.tell(SEED, cast, TODAY)


def test_the_cast_has_the_promised_size(cast: list[Person]) -> None:
    employers = {person.firm.number for person in cast if person.firm}
    assert (len(cast), len(employers)) == (PEOPLE, FIRMS) == (2000, 180)
    assert len({firm.domain for firm in firms(SEED)}) == FIRMS
    assert 200 < sum(person.uses_free_mail for person in cast) < 280


def test_everybody_can_be_recognised_and_nobody_is_taken_for_somebody_else(cast: list[Person]) -> None:
    emails = [person.email for person in cast if person.email]
    phones = [person.phone for person in cast if person.phone]
    assert all(person.email or person.phone for person in cast)
    assert len(set(emails)) == len(emails)
    assert len(set(phones)) == len(phones)


def test_no_address_and_no_number_can_reach_anybody(cast: list[Person]) -> None:
    fiction = {"01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49", "06 39 98"}
    assert all(person.email.endswith(".example") for person in cast if person.email)
    assert {person.phone[:8] for person in cast if person.phone} <= fiction
    assert all(piece.url.startswith("https://www.valbrume.example/") for piece in LIBRARY)


def test_the_library_covers_every_type_and_band() -> None:
    assert len(BY_CODE) == len(LIBRARY) == 41
    assert {piece.type for piece in LIBRARY} == set(ContentType)
    assert {piece.band for piece in LIBRARY} == set(Band)
    assert all(len(piece.summary) > 40 and piece.topics for piece in LIBRARY)


def test_every_channel_brings_somebody(year: story.Story) -> None:
    came = Counter(arrival.way.channel for day in year.arrivals.values() for arrival in day)
    assert {way.channel for way in WAYS} == set(Channel) == set(came)
    assert sum(came.values()) == PEOPLE


def test_acts_are_of_shipped_kinds_on_known_content_after_the_arrival(year: story.Story) -> None:
    arrived = {arrival.person: arrival.day for day in year.arrivals.values() for arrival in day}
    acts = [act for day in year.acts.values() for act in day]
    assert 28_000 < len(acts) < 32_000
    for act in acts:
        assert not KINDS[act.kind].is_internal
        assert not act.content or act.content in BY_CODE
        assert arrived[act.person] <= act.day < story.DAYS
        assert act.minute < 24 * 60


def test_the_finale_is_a_rush_of_requests_from_people_already_known(year: story.Story) -> None:
    arrived = {arrival.person: arrival.day for day in year.arrivals.values() for arrival in day}
    asking = {act.person for act in year.finale if KINDS[act.kind].is_intent}
    assert len(asking) == story.FINALE_ASKS
    assert all(arrived[person] < story.DAYS - 8 for person in asking)


def test_the_same_seed_tells_the_same_story(cast: list[Person], year: story.Story) -> None:
    again = story.tell(SEED, people(SEED, firms(SEED)), TODAY)
    assert again == year
    assert story.tell(SEED + 1, people(SEED + 1, firms(SEED + 1)), TODAY) != year


@given(
    seed=st.integers(0, 50),
    number=st.integers(0, PEOPLE - 1),
    cycle=st.integers(1, 4),
    manner=st.sampled_from(Manner),
)
def test_every_fate_can_be_carried_out(seed: int, number: int, cycle: int, manner: Manner) -> None:
    person = _cast(seed % 3)[number]
    fate = fates.fate(seed, person, cycle, manner)
    assert fate == fates.fate(seed, person, cycle, manner)
    verbs = {reason.code: reason.verbs for reason in REASONS}
    assert manner is not Manner.LAST_RESORT or fate.choice not in {Choice.DECLINE, Choice.FORGET}
    if fate.choice in {Choice.RETURN, Choice.DISQUALIFY, Choice.DECLINE}:
        assert fate.choice.value in verbs[fate.reason]
    if fate.choice in {Choice.ACCEPT, Choice.RESEARCH} and fate.end is not End.WIN:
        assert fate.end.value in verbs[fate.end_reason]
    if fate.end is End.WIN or fate.end is End.LOSE:
        assert fate.qualified_after is not None
        assert fate.ends_after > fate.qualified_after
        assert fate.amount > 0


def test_the_checklist_is_known_to_the_reps() -> None:
    assert set(fates.CHECKLIST) == {item.code for item in TEMPLATES[DEFAULT].items}


def test_fiction_numbers_are_french(cast: list[Person]) -> None:
    numbers = [phonenumbers.parse(person.phone, "FR") for person in cast if person.phone]
    assert {number.country_code for number in numbers} == {33}


_CASTS: dict[int, list[Person]] = {}


def _cast(seed: int) -> list[Person]:
    """Casts are drawn once a seed: the property is about fates."""
    return _CASTS.setdefault(seed, people(seed, firms(seed)))
