from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.choices import HolidayRegion
from funnel.deadlines import (
    Calendar,
    NoWorkingTime,
    Span,
    add_working_time,
    is_public_holiday,
    parse_hours,
    working_time_between,
)

PARIS = ZoneInfo("Europe/Paris")
HOUR = timedelta(hours=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
zones = st.sampled_from(["Europe/Paris", "Indian/Reunion", "America/Martinique", "Pacific/Noumea"])
moments = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
lengths = st.integers(0, 60 * 60).map(lambda minutes: timedelta(minutes=minutes))
week = st.dictionaries(
    st.integers(0, 6),
    st.integers(0, 22 * 60).flatmap(
        lambda start: st.integers(start + 1, 24 * 60).map(lambda end: (Span(start, end),))
    ),
    min_size=1,
)
calendars = st.builds(
    Calendar,
    time_zone=zones,
    hours=week,
    absences=st.lists(
        st.dates(date(2026, 1, 1), date(2027, 12, 1)).map(lambda day: (day, day + timedelta(days=9))),
        max_size=2,
    ).map(tuple),
    region=st.sampled_from(HolidayRegion.values),
)


def paris(*when):
    return datetime(*when, tzinfo=PARIS)


@given(moments, st.integers(1, 600), calendars)
def test_the_working_time_up_to_a_deadline_is_the_time_given(start, minutes, calendar):
    length = timedelta(minutes=minutes)
    try:
        deadline = add_working_time(start, length, calendar)
    except NoWorkingTime:
        return
    assert working_time_between(start, deadline, calendar) == length


@given(moments, lengths, lengths, zones)
def test_more_time_is_never_an_earlier_deadline(start, one, other, zone):
    calendar = Calendar(time_zone=zone)
    short, long = sorted((one, other))
    assert start <= add_working_time(start, short, calendar) <= add_working_time(start, long, calendar)


@given(moments, st.integers(1, 3000), zones)
def test_a_deadline_falls_on_a_day_and_hour_the_rep_works(start, minutes, zone):
    calendar = Calendar(time_zone=zone)
    local = add_working_time(start, timedelta(minutes=minutes), calendar).astimezone(ZoneInfo(zone))
    at = local.hour * 60 + local.minute + local.second / 60
    assert local.weekday() < 5
    assert not is_public_holiday(local.date())
    assert any(span.start < at <= span.end for span in calendar.hours[local.weekday()])


def test_friday_evening_goes_on_on_monday():
    assert add_working_time(paris(2026, 3, 13, 17), 2 * HOUR, Calendar()) == paris(2026, 3, 16, 10)


def test_the_lunch_break_does_not_count():
    assert add_working_time(paris(2026, 3, 10, 12), 2 * HOUR, Calendar()) == paris(2026, 3, 10, 15)


def test_french_public_holidays_do_not_count():
    assert add_working_time(paris(2026, 5, 13, 17, 30), HOUR, Calendar()) == paris(2026, 5, 15, 9, 30)


@pytest.mark.parametrize(
    ("region", "day"),
    [
        ("57", date(2026, 4, 3)),  # Good Friday in Alsace and Moselle
        ("57", date(2026, 12, 26)),
        ("971", date(2026, 5, 27)),  # the abolition of slavery, each on its own day
        ("972", date(2026, 5, 22)),
        ("973", date(2026, 6, 10)),
        ("974", date(2026, 12, 20)),
        ("976", date(2026, 4, 27)),
        ("NC", date(2026, 9, 24)),
        ("PF", date(2026, 3, 5)),
    ],
)
def test_public_holidays_of_regions(region, day):
    assert is_public_holiday(day, region)
    assert not is_public_holiday(day)


@pytest.mark.parametrize("region", HolidayRegion.values)
def test_every_region_keeps_the_national_holidays(region):
    for day in (date(2026, 1, 1), date(2026, 5, 1), date(2026, 7, 14), date(2026, 12, 25)):
        assert is_public_holiday(day, region)


def test_a_deadline_in_strasbourg_waits_for_good_friday():
    there, elsewhere = Calendar(region="57"), Calendar()
    thursday = paris(2026, 4, 2, 17)
    assert add_working_time(thursday, 2 * HOUR, elsewhere) == paris(2026, 4, 3, 10)
    assert add_working_time(thursday, 2 * HOUR, there) == paris(2026, 4, 7, 10)  # after Easter Monday


def test_several_absences_do_not_count():
    away = Calendar(absences=((date(2026, 3, 11), date(2026, 3, 11)), (date(2026, 3, 13), date(2026, 3, 16))))
    assert add_working_time(paris(2026, 3, 10, 17), 10 * HOUR, away) == paris(2026, 3, 17, 10)


def test_absences_do_not_count():
    away = Calendar(absences=((date(2026, 3, 11), date(2026, 3, 17)),))
    assert add_working_time(paris(2026, 3, 10, 17), 2 * HOUR, away) == paris(2026, 3, 18, 10)


def test_a_clock_change_during_opening_hours_gives_and_takes_nothing():
    nights = Calendar(hours={6: (Span(0, 6 * 60),)})
    assert add_working_time(paris(2026, 3, 29, 0), 4 * HOUR, nights) == paris(2026, 3, 29, 5)
    assert add_working_time(paris(2026, 10, 25, 0), 4 * HOUR, nights) == paris(2026, 10, 25, 3)


def test_nobody_keeps_a_deadline_who_never_works():
    with pytest.raises(NoWorkingTime):
        add_working_time(paris(2026, 3, 10), HOUR, Calendar(hours={}))


def test_a_negative_length_is_refused():
    with pytest.raises(ValueError, match="negative"):
        add_working_time(paris(2026, 3, 10), -HOUR, Calendar())


def test_hours_are_read_as_they_are_stored():
    assert parse_hours({"0": [["13:30", "18:00"], ["09:00", "12:30"]], "6": []}) == {
        0: (Span(540, 750), Span(810, 1080)),
        6: (),
    }


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"0": []},
        {"7": [["09:00", "10:00"]]},
        {"0": [["10:00", "09:00"]]},
        {"0": [["09:00", "12:00"], ["11:00", "13:00"]]},
        {"0": [["09:00"]]},
        {"0": [["nine", "ten"]]},
        {"0": [["09:75", "10:00"]]},
        {"0": [["09:00", "25:00"]]},
        {"0": "09:00"},
    ],
)
def test_b59_impossible_hours_are_refused(document):
    with pytest.raises(ValueError, match=r"."):
        parse_hours(document)
