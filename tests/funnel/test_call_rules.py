"""Who may be called when, as the law has it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.call_rules import LEFT_ALONE, MOST_ATTEMPTS, Callee, Place, may_call, place_of
from funnel.work import CallBasis

PARIS = ZoneInfo("Europe/Paris")
CONSUMER = Callee(consent=True, evidence="consent:7")
PROFESSIONAL = Callee(is_professional=True)


def paris(day, hour, minute=0):
    return datetime(2026, 9, day, hour, minute, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        (paris(15, 9, 59), False),
        (paris(15, 10), True),
        (paris(15, 12, 59), True),
        (paris(15, 13), False),
        (paris(15, 13, 59), False),
        (paris(15, 14), True),
        (paris(15, 19, 59), True),
        (paris(15, 20), False),
        (paris(19, 11), False),  # a Saturday
        (paris(20, 11), False),  # a Sunday
        (datetime(2026, 11, 11, 11, tzinfo=PARIS), False),  # Armistice, a Wednesday
    ],
)
def test_d_223_9_the_hours_of_consumers(at, allowed):
    assert may_call(CONSUMER, at).allowed is allowed
    assert may_call(PROFESSIONAL, at).allowed


def test_outside_the_hours_the_next_ones_are_named():
    answer = may_call(CONSUMER, paris(18, 20))  # a Friday evening
    assert (answer.reason, answer.next_at) == ("outside_hours", paris(21, 10))
    assert may_call(CONSUMER, paris(15, 11)).until == paris(15, 13)


@pytest.mark.parametrize(
    ("callee", "reason"),
    [
        (replace(CONSUMER, has_phone=False), "no_phone"),
        (replace(CONSUMER, phone_is_valid=False), "phone_invalid"),
        (replace(CONSUMER, consent=None), "no_consent"),
        (replace(CONSUMER, consent=False), "opposed"),
        (replace(CONSUMER, is_suppressed=True), "opposed"),
        (replace(PROFESSIONAL, consent=False), "opposed"),
        (replace(PROFESSIONAL, is_suppressed=True), "opposed"),
    ],
)
def test_l_223_1_who_is_not_called_at_all(callee, reason):
    answer = may_call(callee, paris(15, 11))
    assert (answer.allowed, answer.reason, answer.next_at) == (False, reason, None)


def test_on_what_ground():
    at = paris(15, 11)
    assert may_call(CONSUMER, at).basis is CallBasis.CONSENT
    assert may_call(CONSUMER, at).evidence == "consent:7"
    contract = replace(CONSUMER, consent=None, contract="2026-114")
    assert (may_call(contract, at).basis, may_call(contract, at).evidence) == (CallBasis.CONTRACT, "2026-114")
    assert may_call(PROFESSIONAL, at).basis is CallBasis.PROFESSIONAL


def test_d_223_9_four_attempts_in_thirty_days():
    at = paris(15, 11)
    attempts = tuple(at - timedelta(days=days) for days in (3, 10, 20, 29))
    answer = may_call(replace(CONSUMER, attempts=attempts), at)
    assert (answer.reason, answer.used, answer.left) == ("too_many_attempts", 4, 0)
    assert answer.next_at == paris(16, 11)
    assert may_call(replace(CONSUMER, attempts=attempts[:3]), at).left == 1
    assert may_call(replace(PROFESSIONAL, attempts=attempts * 5), at).allowed


def test_d_223_9_sixty_days_after_a_refusal_even_with_a_contract():
    refused = paris(15, 11)
    callee = Callee(consent=None, contract="2026-114", refused_at=refused)
    answer = may_call(callee, refused + timedelta(days=59))
    assert answer.reason == "refused_lately"
    assert answer.next_at is not None
    assert answer.next_at >= refused + LEFT_ALONE
    assert may_call(callee, answer.next_at).allowed


@pytest.mark.parametrize(
    ("known", "place"),
    [
        (("", "+33612345678", ""), Place()),
        (("Europe/Brussels", "+33612345678", ""), Place("Europe/Brussels")),
        (("not/a zone", "+33612345678", "75011"), Place()),
        (("../../etc/passwd", "", ""), Place()),
        (("", "+262692123456", ""), Place("Indian/Reunion", "974")),
        (("", "+262639123456", ""), Place("Indian/Mayotte", "976")),
        (("", "+33612345678", "97110"), Place("America/Guadeloupe", "971")),
        (("", "", "67000"), Place("Europe/Paris", "57")),
    ],
)
def test_where_somebody_is_called(known, place):
    zone, phone, postcode = known
    assert place_of(time_zone=zone, phone=phone, postcode=postcode) == place


def test_the_hours_are_theirs_not_ours():
    reunion = replace(CONSUMER, place=Place("Indian/Reunion", "974"))
    assert may_call(reunion, datetime(2026, 9, 15, 7, tzinfo=UTC)).allowed  # eleven there, nine here
    assert not may_call(reunion, datetime(2026, 9, 15, 17, tzinfo=UTC)).allowed
    assert not may_call(reunion, datetime(2027, 12, 20, 8, tzinfo=UTC)).allowed  # abolition, kept only there
    assert may_call(CONSUMER, datetime(2027, 12, 20, 10, tzinfo=UTC)).allowed


def test_alsace_and_moselle_keep_good_friday():
    good_friday = datetime(2026, 4, 3, 11, tzinfo=PARIS)
    assert may_call(CONSUMER, good_friday).allowed
    assert not may_call(replace(CONSUMER, place=Place("Europe/Paris", "57")), good_friday).allowed


MOMENTS = st.datetimes(
    datetime.fromisoformat("2026-08-11"), datetime.fromisoformat("2029-01-01"), timezones=st.just(UTC)
)
PLACES = st.sampled_from([Place(), Place("Indian/Reunion", "974"), Place("America/Cayenne", "973")])
CALLEES = st.builds(
    Callee,
    consent=st.just(True),
    refused_at=st.none() | MOMENTS,
    attempts=st.lists(MOMENTS, max_size=9).map(tuple),
    place=PLACES,
)


@given(CALLEES, MOMENTS)
def test_what_is_allowed_keeps_every_rule_at_once(callee, at):
    answer = may_call(callee, at)
    local = at.astimezone(ZoneInfo(callee.place.time_zone))
    if not answer.allowed:
        return
    assert local.weekday() < 5
    assert 10 <= local.hour < 13 or 14 <= local.hour < 20
    assert local.date() not in french_holidays(local.year, callee.place.subdivision)
    assert callee.refused_at is None or at >= callee.refused_at + timedelta(days=60)
    assert sum(at - timedelta(days=30) < one <= at for one in callee.attempts) < MOST_ATTEMPTS
    assert answer.until is not None
    assert answer.until > at


def french_holidays(year, subdivision):
    return holidays.country_holidays("FR", subdiv=subdivision or None, years=year)


@given(CALLEES, MOMENTS)
def test_the_moment_named_for_the_next_call_is_allowed(callee, at):
    past = replace(
        callee,
        attempts=tuple(one for one in callee.attempts if one <= at),
        refused_at=callee.refused_at if callee.refused_at and callee.refused_at <= at else None,
    )
    answer = may_call(past, at)
    if answer.next_at is not None:
        assert answer.next_at > at
        assert may_call(past, answer.next_at).allowed


@given(MOMENTS, MOMENTS)
def test_who_never_agreed_is_never_called(at, refused_at):
    assert not may_call(Callee(refused_at=refused_at), at).allowed
