"""The contact policy, cell by cell: the two presets as the articles tell them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.stages import POSITIONS, Position
from nurturing.policy import Because, Preset, Purpose, grid, may_say

# One letter a purpose that is allowed: (n)ewsletter, n(u)rturing, (s)ales, (t)ransactional.
LETTERS = {Purpose.NEWSLETTER: "n", Purpose.NURTURING: "u", Purpose.SALES: "s", Purpose.TRANSACTIONAL: "t"}
GRIDS = {
    Preset.NURTURING: {
        "lead": "nut",
        "mql/marketing": "nut",
        "mql/ready": "nut",
        "mql/offered": "nt",
        "sal": "st",
        "sql": "st",
        "customer": "nst",
        "recycled": "nut",
        "disqualified": "t",
    },
    Preset.DISCRET: {
        "lead": "nt",
        "mql/marketing": "nt",
        "mql/ready": "nut",
        "mql/offered": "nt",
        "sal": "st",
        "sql": "st",
        "customer": "nst",
        "recycled": "nut",
        "disqualified": "t",
    },
}


def name(place: Position) -> str:
    return f"{place.stage}/{place.situation}".rstrip("/")


@pytest.mark.parametrize("preset", Preset)
def test_the_whole_grid(preset: Preset) -> None:
    found: dict[str, str] = {}
    for place, purpose, permission in grid(preset):
        found[name(place)] = found.get(name(place), "") + (LETTERS[purpose] if permission.allowed else "")
    assert found == GRIDS[preset]


@given(st.sampled_from(POSITIONS), st.sampled_from(Purpose))
def test_discret_never_says_more_than_nurturing(place: Position, purpose: Purpose) -> None:
    discret = may_say(place.stage, place.situation, purpose, Preset.DISCRET).allowed
    assert not discret or may_say(place.stage, place.situation, purpose, Preset.NURTURING).allowed


@given(st.sampled_from(POSITIONS), st.sampled_from(Preset))
def test_marketing_and_sales_never_talk_nurturing_and_sales_at_once(place: Position, preset: Preset) -> None:
    sales = may_say(place.stage, place.situation, Purpose.SALES, preset).allowed
    assert not (sales and may_say(place.stage, place.situation, Purpose.NURTURING, preset).allowed)


def test_a_no_says_why() -> None:
    reasons = {(name(p), purpose): x.because for p, purpose, x in grid(Preset.DISCRET) if not x.allowed}
    assert reasons["mql/marketing", Purpose.NURTURING] is Because.DISCRET_NEWSLETTER_ONLY
    assert reasons["mql/offered", Purpose.NURTURING] is Because.OFFERED_NEWSLETTER_ONLY
    assert reasons["sql", Purpose.NEWSLETTER] is Because.SALES_OWNS
    assert reasons["disqualified", Purpose.SALES] is Because.DISQUALIFIED
