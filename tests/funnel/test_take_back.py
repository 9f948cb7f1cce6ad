"""Taking back what one let pass, and being reminded before it comes to that."""

from datetime import timedelta

import pytest

from funnel import actions
from funnel.actions.reminding import remind
from funnel.actions.taking_back import take_back
from funnel.models import Offer, Passage, Rep, SalesPolicy, Standing
from funnel.queries.taking_back import to_take_back
from funnel.refusals import NotYours, Refused
from scoring.models import Notification

from .test_concurrency import at_once

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def expired(make_rep, make_offer):
    """An offer that was not decided in time; there is another rep."""
    make_rep()
    offer = make_offer()
    make_rep()
    actions.expire_offers(now=offer.deadline)
    offer.refresh_from_db()
    return offer


def test_an_expired_offer_is_taken_back_for_an_hour(expired):
    late = expired.deadline + 30 * MINUTE  # half past twelve in Paris: lunch
    assert to_take_back(expired.rep.user, now=late) == [expired]
    again = take_back(offer=expired, by=expired.rep.user, now=late)
    assert (again.rep_id, again.why["rule"]) == (expired.rep_id, "taken_back")
    assert again.deadline == late + 120 * MINUTE
    assert Standing.objects.get(lead=expired.lead_id).situation == "offered"
    assert to_take_back(expired.rep.user, now=late) == []
    assert take_back(offer=expired, by=expired.rep.user, now=late) == again


def test_it_comes_off_the_table_of_who_had_not_begun(expired):
    [other] = actions.fill_places(now=expired.deadline)
    take_back(offer=expired, by=expired.rep.user, now=expired.deadline + MINUTE)
    other.refresh_from_db()
    assert other.status == "withdrawn"
    assert Passage.objects.filter(lead=expired.lead_id, verb="withdraw", cause="taken_back").exists()
    told = Notification.objects.get(user=other.rep.user, trigger="offer_taken")
    assert told.facts == {"who": expired.rep.user.full_name}


def test_it_stays_with_who_is_already_working_on_it(expired):
    [other] = actions.fill_places(now=expired.deadline)
    actions.research(offer=other, by=other.rep.user, now=expired.deadline, fields={"need": "Isolation"})
    with pytest.raises(Refused, match="take_back_in_work"):
        take_back(offer=expired, by=expired.rep.user, now=expired.deadline)


def test_what_somebody_accepted_is_theirs(expired):
    [other] = actions.fill_places(now=expired.deadline)
    actions.accept(offer=other, by=other.rep.user, now=expired.deadline)
    with pytest.raises(Refused, match="already_accepted"):
        take_back(offer=expired, by=expired.rep.user, now=expired.deadline + MINUTE)


def test_the_time_to_take_back_ends(expired):
    late = expired.deadline + 121 * MINUTE
    assert to_take_back(expired.rep.user, now=late) == []
    with pytest.raises(Refused, match="take_back_too_late"):
        take_back(offer=expired, by=expired.rep.user, now=late)


def test_a_site_may_switch_it_off(expired):
    SalesPolicy.objects.create(take_back_minutes=0)
    with pytest.raises(Refused, match="take_back_too_late"):
        take_back(offer=expired, by=expired.rep.user, now=expired.deadline)


def test_only_once(expired):
    again = take_back(offer=expired, by=expired.rep.user, now=expired.deadline)
    actions.expire_offers(now=again.deadline)
    again.refresh_from_db()
    with pytest.raises(Refused, match="take_back_once"):
        take_back(offer=again, by=again.rep.user, now=again.deadline)
    assert to_take_back(again.rep.user, now=again.deadline) == []


def test_b44_nobody_takes_back_what_was_another_ones(expired, make_rep):
    with pytest.raises(NotYours):
        take_back(offer=expired, by=make_rep().user, now=expired.deadline)


def test_a_place_must_be_free(expired):
    Rep.objects.filter(pk=expired.rep_id).update(places=0)
    with pytest.raises(Refused, match="no_place"):
        take_back(offer=expired, by=expired.rep.user, now=expired.deadline)


@pytest.mark.django_db(transaction=True)
def test_taking_back_while_the_next_one_accepts_has_one_outcome(expired):
    [other] = actions.fill_places(now=expired.deadline)
    late = expired.deadline + MINUTE
    results = at_once(
        lambda: take_back(offer=expired, by=expired.rep.user, now=late),
        lambda: actions.accept(offer=other, by=other.rep.user, now=late),
    )
    assert results in (["", "offer_withdrawn"], ["already_accepted", ""])
    assert Offer.objects.filter(lead=expired.lead_id, status__in=["open", "accepted"]).count() == 1


def test_a_rep_is_reminded_once_before_the_deadline(make_rep, make_offer):
    make_rep()
    offer = make_offer()
    assert offer.remind_at == offer.deadline - timedelta(hours=2)
    assert remind(now=offer.remind_at - MINUTE) == 0
    assert (remind(now=offer.remind_at), remind(now=offer.remind_at)) == (1, 0)
    told = Notification.objects.get(user=offer.rep.user, trigger="offer_reminder")
    assert told.facts["offer"] == offer.pk


def test_research_moves_the_reminder_but_brings_no_second_one(make_rep, make_offer, now):
    make_rep()
    early, reminded = make_offer(), make_offer()
    Offer.objects.filter(pk=reminded.pk).update(remind_at=None)
    reminded.refresh_from_db()
    for offer in (early, reminded):
        actions.research(offer=offer, by=offer.rep.user, now=now, fields={"need": "Toiture"})
        offer.refresh_from_db()
    assert early.remind_at == early.deadline - timedelta(hours=2)
    assert reminded.remind_at is None


def test_no_reminder_where_the_site_wants_none(make_rep, make_offer):
    SalesPolicy.objects.create(reminder_hours=0, decide_hours=1)
    make_rep()
    offer = make_offer()
    assert offer.remind_at is None
    assert offer.deadline - offer.offered_at == timedelta(hours=2)  # half an hour, lunch, half an hour
