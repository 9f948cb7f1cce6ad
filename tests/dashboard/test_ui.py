"""The small marks of the pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from dashboard.templatetags import ui
from scoring.models import LeadScore

NOW = datetime(2026, 3, 12, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("grade", "level", "depth"), [("A", 1, 0), ("A", 4, 3), ("B", 2, 2), ("D", 1, 3), ("D", 4, 6)]
)
def test_the_better_the_lead_the_deeper_the_water(grade: str, level: int, depth: int) -> None:
    assert f'data-depth="{depth}"' in ui.band(grade, level)


@pytest.mark.parametrize(("grade", "level"), [("", 1), ("A", None), (None, None), ("", "")])
def test_a_lead_without_a_score_has_a_dash(grade: str | None, level: int | str | None) -> None:
    assert ui.band(grade, level) == ui.NOTHING


def test_marks_escape_what_they_show() -> None:
    assert "<script>" not in ui.stage("<script>")
    assert "<b>" not in ui.band("A<b>", 1)


@pytest.mark.parametrize(
    ("language", "thousandths", "plain", "signed"),
    [
        ("fr", 12_000, "12", "+12"),
        ("fr", 7_500, "7,5", "+7,5"),
        ("en", -3_250, "−3.2", "−3.2"),
        ("en", 0, "0", "0"),
        ("en", None, "—", "—"),
    ],
)
def test_points_are_read_in_the_readers_language(
    language: str, thousandths: int | None, plain: str, signed: str
) -> None:
    with translation.override(language):
        assert (ui.points(thousandths), ui.signed_points(thousandths)) == (plain, signed)


@pytest.mark.parametrize(
    ("number", "words"), [(None, "—"), (0, "0"), (1204, "1,204"), (1_000_000, "1,000,000")]
)
def test_counts_have_separators_and_never_say_none(number: int | None, words: str) -> None:
    with translation.override("en"):
        assert ui.count(number) == words


def test_a_share_of_nothing_is_a_dash() -> None:
    with translation.override("en"):
        assert (ui.percent(None), ui.percent(0.10525)) == ("—", "10.5%")


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(hours=-2, minutes=-40), "2 hours ago"),
        (timedelta(days=-400), "1 year ago"),
        (timedelta(days=3, minutes=1), "in 3 days"),
    ],
)
def test_dates_are_relative_with_one_unit(after: timedelta, words: str) -> None:
    with translation.override("en"):
        assert ui.relative(NOW + after, NOW).replace("\xa0", " ") == words


@given(st.text(max_size=60))
def test_initials_are_two_signs_at_most_whatever_the_name(name: str) -> None:
    assert 1 <= len(ui.initials(name)) <= 6


def test_initials_of_ordinary_names() -> None:
    names = ["Camille Moreau", "Jean-Pierre de la Tour", "élodie", "", "O'Neill", "☺"]
    assert [ui.initials(name) for name in names] == ["CM", "JT", "É", "·", "O", "·"]


@given(st.floats(allow_nan=False, allow_infinity=False) | st.none(), st.floats(min_value=0, max_value=1e9))
def test_a_bar_is_never_wider_than_its_box(value: float | None, maximum: float) -> None:
    drawn = ui.meter(value, maximum)
    width = float(drawn.split('meter__fill" width="')[1].split('"')[0])
    assert 0 <= width <= 100


def test_a_badge_says_band_and_temperature_with_a_tooltip_each():
    html = ui.badge(LeadScore(grade="A", level=2, temperature="hot"))
    assert all(part in html for part in ('class="badge"', 'data-depth="1"', "A2", 'data-temp="hot"'))
    assert all(part in html for part in ('title="Chaud"', 'aria-label="Chaud"'))
    assert "muted" in ui.badge(None)
    assert "muted" in ui.badge("")
