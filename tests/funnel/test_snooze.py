"""Looking at an offer later: the presets, what brings it back, and what it leaves as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel import actions
from funnel.actions.snoozing import wake_snoozed
from funnel.deadlines import Calendar
from funnel.models import Offer, Passage
from funnel.queries.capacity import used_places
from funnel.queries.inbox import head_of, inbox
from funnel.refusals import Incomplete, NotYours, Refused
from funnel.snooze import NEARLY, WEIGHTY, Preset, Seen, brought_back_by, choices, refusal
from leads.actions.events import record_event
from leads.kinds import BY_CODE
from leads.models import Event, Lead
from tests.funnel.conftest import HOT, verdict

PARIS = Calendar("Europe/Paris")
PRICING, QUOTE, PAGE = (BY_CODE[code].id for code in ("pricing_viewed", "quote_requested", "page_viewed"))


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of March 2026, which begins on a Sunday; Paris is one hour ahead until the 29th."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


LATE = utc(31, 12)


def presets(now, deadline=LATE):
    return {one.preset: one.until for one in choices(now, deadline, PARIS)}


def test_the_presets_are_moments_of_the_rep():
    assert presets(utc(3, 8)) == {
        Preset.AFTERNOON: utc(3, 13),
        Preset.TOMORROW: utc(4, 8),
        Preset.MONDAY: utc(9, 8),
    }


def test_a_friday_offers_monday_and_no_saturday():
    assert list(presets(utc(6, 15))) == [Preset.MONDAY]


def test_on_sunday_tomorrow_is_monday_and_said_once():
    assert presets(utc(8, 15)) == {Preset.TOMORROW: utc(9, 8)}


def test_nothing_later_than_the_deadline_is_offered():
    assert list(presets(utc(3, 8), deadline=utc(3, 17))) == [Preset.AFTERNOON]
    assert presets(utc(3, 8), deadline=utc(3, 9)) == {}


@given(
    now=st.integers(0, 60 * 24 * 300).map(lambda minutes: utc(1, 0) + timedelta(minutes=minutes)),
    hours=st.integers(0, 300),
    zone=st.sampled_from(["Europe/Paris", "America/Martinique", "Pacific/Noumea"]),
)
def test_presets_lie_between_now_and_the_deadline_on_days_of_work(now, hours, zone):
    calendar, deadline = Calendar(zone), now + timedelta(hours=hours)
    found = choices(now, deadline, calendar)
    assert [one.until for one in found] == sorted({one.until for one in found})
    for one in found:
        assert now + NEARLY <= one.until < deadline
        assert refusal(one.until, now=now, deadline=deadline) is None
        assert calendar.is_working_day(calendar.local_day(one.until))


SEEN = st.builds(
    Seen, st.sampled_from([PRICING, QUOTE, PAGE, 28, 62]), st.integers(0, 9).map(lambda n: utc(3, n))
)


@given(seen=st.lists(SEEN, max_size=8), since=st.integers(0, 9).map(lambda n: utc(3, n)))
def test_only_what_weighs_and_came_later_brings_an_offer_back(seen, since):
    found = brought_back_by(seen, since=since)
    later = {one.kind for one in seen if one.at > since and one.kind in WEIGHTY}
    assert (found is None) == (not later)
    assert found is None or found in later
    assert QUOTE not in later or found == QUOTE


@pytest.fixture
def make_offer(make_rep, make_offer):
    """Offers of one rep."""
    make_rep(places=9, offers_per_day=50)
    return make_offer


@pytest.fixture
def snoozed(make_offer, now):
    offer = make_offer()
    until = min(now + timedelta(hours=1), offer.deadline)
    return actions.snooze(offer=offer, by=offer.rep.user, now=now, until=until)


def test_a_snoozed_offer_keeps_its_place_and_leaves_the_queue(snoozed, make_offer, now):
    other, user = make_offer(priority=1), snoozed.rep.user
    later = now + timedelta(minutes=1)
    shown = inbox(user, now=later)
    assert [row.offer for row in shown.rows] == [other]
    assert [row.offer for row in shown.asleep] == [snoozed]
    assert used_places([user.pk])[user.pk].offers == 2
    head = head_of(user, now=later)
    assert (head.offer, head.waiting) == (other, 1)


def test_it_comes_back_by_itself(snoozed):
    after = snoozed.snoozed_until + timedelta(seconds=1)
    assert [row.offer for row in inbox(snoozed.rep.user, now=after).rows] == [snoozed]


@pytest.mark.parametrize(
    ("after", "code"), [(timedelta(), "snooze_past"), (timedelta(days=60), "snooze_too_long")]
)
def test_it_cannot_be_put_aside_for_ever_or_for_nothing(make_offer, now, after, code):
    offer = make_offer()
    with pytest.raises(Incomplete) as refused:
        actions.snooze(offer=offer, by=offer.rep.user, now=now, until=now + after)
    assert refused.value.code == code


def test_b44_nobody_else_puts_it_aside(make_offer, make_rep, now):
    offer, other = make_offer(), make_rep()
    with pytest.raises(NotYours):
        actions.snooze(offer=offer, by=other.user, now=now, until=offer.deadline)


def test_f44_what_was_decided_cannot_be_put_aside(make_offer, now):
    offer = make_offer()
    stale = Offer.objects.get(pk=offer.pk)
    actions.accept(offer=offer, by=offer.rep.user, now=now)
    with pytest.raises(Refused):
        actions.snooze(offer=stale, by=offer.rep.user, now=now, until=offer.deadline)


def test_bringing_it_back_leaves_no_trace(snoozed, now):
    before = Passage.objects.count()
    for _ in range(2):
        back = actions.unsnooze(offer=snoozed, by=snoozed.rep.user, now=now)
        assert (back.snoozed_at, back.snoozed_until) == (None, None)
    assert Passage.objects.count() == before


def does(offer, kind, at):
    record_event(lead_id=offer.lead_id, kind=kind, occurred_at=at, now=at)


def rescore(offer, now):
    lead = Lead.objects.get(pk=offer.lead_id)
    actions.place({lead.pk: verdict(lead, HOT)}, now=now)
    offer.refresh_from_db()


def test_engagement_brings_it_back_and_says_what_it_was(snoozed, now):
    at = now + timedelta(minutes=5)
    does(snoozed, "page_viewed", at)
    rescore(snoozed, at)
    assert snoozed.is_snoozed_at(at)
    does(snoozed, "pricing_viewed", at)
    rescore(snoozed, at)
    assert not snoozed.is_snoozed_at(at)
    [row] = inbox(snoozed.rep.user, now=at).rows
    assert row.back.code == "pricing_viewed"


def test_what_came_before_or_was_a_machine_does_not(snoozed, now):
    at = now + timedelta(minutes=5)
    does(snoozed, "pricing_viewed", now - timedelta(minutes=5))
    does(snoozed, "quote_requested", at)
    Event.objects.filter(lead=snoozed.lead_id, kind=QUOTE).update(signature_id=0)
    assert wake_snoozed([snoozed.lead_id], now=at) == []


def test_snoozed_again_it_forgets_what_brought_it_back(snoozed, now):
    at = now + timedelta(minutes=5)
    does(snoozed, "pricing_viewed", at)
    wake_snoozed([snoozed.lead_id], now=at)
    snoozed.refresh_from_db()
    actions.snooze(offer=snoozed, by=snoozed.rep.user, now=at, until=snoozed.deadline)
    assert snoozed.woken_by is None
    assert wake_snoozed([snoozed.lead_id], now=at + timedelta(minutes=1)) == []
