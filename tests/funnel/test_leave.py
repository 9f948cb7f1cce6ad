"""Leave and closed desks: what is on a table goes to others, sessions end."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from funnel import actions
from funnel.actions.desks import begin_absences, call_off_leave, deactivate, go_on_leave, reactivate
from funnel.actions.handing_over import hand_over, hand_over_all
from funnel.models import Absence, Offer, Passage, Rep, Standing
from funnel.refusals import Incomplete, NotYours, Refused
from funnel.tasks import sweep
from scoring.models import Notification

from .test_concurrency import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(make_rep):
    """Who manages sales, with a desk of last resort."""
    return make_rep(role="manager", is_last_resort=True)


def test_leave_from_today_hands_offers_on(manager, make_rep, make_offer, now):
    rep = make_rep()
    offer = make_offer()
    other = make_rep()
    go_on_leave(rep=rep, first_day=now.date(), last_day=now.date(), by=rep.user, now=now)
    offer.refresh_from_db()
    assert offer.status == "withdrawn"
    assert [one.rep_id for one in actions.fill_places(now=now)] == [other.pk]


def test_leave_to_come_fires_on_its_day_and_once(manager, make_rep, make_sal, now):
    rep = make_rep()
    standing = make_sal()
    deputy = make_rep()
    day = now.date() + timedelta(days=3)
    go_on_leave(rep=rep, first_day=day, by=manager.user, now=now, hands_over=True, deputy=deputy)
    assert begin_absences(now=now) == []
    [done] = begin_absences(now=now + timedelta(days=3))
    assert done.moved == {standing.lead_id: deputy.pk}
    assert begin_absences(now=now + timedelta(days=3)) == []


def test_the_day_begins_in_the_zone_of_the_rep(manager, make_rep, make_offer):
    rep = make_rep(time_zone="Pacific/Noumea")
    evening = datetime(2026, 3, 12, 14, tzinfo=UTC)  # one in the morning of the 13th there
    go_on_leave(rep=rep, first_day=evening.date() + timedelta(days=1), by=rep.user, now=evening)
    assert Absence.objects.get().begun_at == evening


def test_short_leave_leaves_worked_leads_with_their_rep(manager, make_rep, make_sal, now):
    rep = make_rep()
    standing = make_sal()
    go_on_leave(rep=rep, first_day=now.date(), last_day=now.date(), by=rep.user, now=now)
    standing.refresh_from_db()
    assert standing.rep_id == rep.pk


def test_leave_called_off_ends_yesterday(manager, make_rep, now):
    rep = make_rep()
    absence = go_on_leave(rep=rep, first_day=now.date() - timedelta(days=2), by=rep.user, now=now)
    call_off_leave(absence=absence, by=rep.user, now=now)
    absence.refresh_from_db()
    assert absence.last_day == now.date() - timedelta(days=1)
    assert not Rep.objects.get(pk=rep.pk).is_absent_at(now)


def test_who_may_enter_leave(make_rep, make_user, now):
    rep = make_rep()
    with pytest.raises(NotYours):
        go_on_leave(rep=rep, first_day=now.date(), by=make_rep().user, now=now)
    with pytest.raises(Incomplete, match="absence_order"):
        go_on_leave(rep=rep, first_day=now.date(), last_day=now.date() - timedelta(1), by=rep.user, now=now)
    go_on_leave(rep=rep, first_day=now.date(), by=rep.user, now=now)
    with pytest.raises(Incomplete, match="absence_twice"):
        go_on_leave(rep=rep, first_day=now.date(), by=rep.user, now=now)


def test_f46_a_closed_desk_gives_everything_away_and_ends_the_sessions(
    manager, make_rep, make_sal, make_offer, now
):
    rep = make_rep()
    standing, offer = make_sal(), make_offer()
    heir = make_rep()
    browser = Client()
    browser.force_login(rep.user)
    assert browser.get("/inbox/").status_code == 200
    done = deactivate(rep=rep, by=manager.user, now=now, ends_access=True)
    assert done.moved == {standing.lead_id: heir.pk}
    assert browser.get("/inbox/").status_code == 302
    offer.refresh_from_db()
    assert offer.status == "withdrawn"
    assert [one.rep_id for one in actions.fill_places(now=now)] == [heir.pk]
    standing.lead.refresh_from_db()
    assert (standing.lead.owner_id, standing.lead.former_owner_id) == (heir.pk, rep.pk)
    told = Notification.objects.filter(lead=standing.lead, user=heir.user).values_list("trigger", flat=True)
    assert "reassigned" in told


def test_days_in_stage_go_on_after_a_hand_over(manager, make_rep, make_sal, now):
    make_rep()
    standing = make_sal()
    heir = make_rep()
    hand_over(lead=standing.lead, to=heir, by=manager.user, now=now + timedelta(days=5))
    after = Standing.objects.get(lead=standing.lead)
    assert (after.rep_id, after.stage, after.since) == (heir.pk, "sal", standing.since)
    passage = Passage.objects.filter(lead=standing.lead).latest("id")
    assert (passage.verb, passage.details) == ("reassign", {"from": standing.rep_id, "to": heir.pk})


def test_what_finds_no_place_stays_to_be_handed_over(manager, make_rep, make_sal, now):
    rep = make_rep()
    first, second = make_sal(priority=9), make_sal(priority=1)
    Rep.objects.filter(pk=manager.pk).update(places=0)
    heir = make_rep(places=1)
    done = hand_over_all(rep=rep, by=manager.user, now=now)
    assert (done.moved, list(done.left)) == ({first.lead_id: heir.pk}, [second.lead_id])
    assert Standing.objects.get(lead=second.lead_id).rep_id == rep.pk


def test_the_cap_on_sal_does_not_keep_opportunities_out(manager, make_rep, make_sql, make_sal, now):
    rep = make_rep()
    opportunity, sal = make_sql(), make_sal()
    Rep.objects.filter(pk=manager.pk).update(places=0)
    heir = make_rep(sal_cap=0)
    done = hand_over_all(rep=rep, by=manager.user, now=now)
    assert (done.moved, list(done.left)) == ({opportunity.lead_id: heir.pk}, [sal.lead_id])


def test_hand_over_refuses(manager, make_rep, make_sal, make_ready, now):
    rep = make_rep()
    standing = make_sal()
    full, closed = make_rep(places=0), make_rep(is_active=False)
    waiting = make_ready()
    with pytest.raises(NotYours):
        hand_over(lead=standing.lead, to=full, by=rep.user, now=now)
    for lead, to, code in (
        (standing.lead, full, "no_place"),
        (standing.lead, closed, "not_a_rep"),
        (waiting.lead, full, "not_with_sales"),
    ):
        with pytest.raises(Refused, match=code):
            hand_over(lead=lead, to=to, by=manager.user, now=now)


def test_an_open_desk_takes_part_again(manager, make_rep, make_ready, now):
    rep = make_rep(is_active=False)
    make_ready()
    assert actions.fill_places(now=now)[0].rep_id == manager.pk
    reactivate(rep=rep, by=manager.user)
    make_ready()
    assert actions.fill_places(now=now)[0].rep_id == rep.pk


def test_the_sweep_begins_absences(manager, make_rep, make_offer):
    rep = make_rep()
    offer = make_offer()
    Absence.objects.create(rep=rep, first_day=offer.offered_at.date())
    sweep()
    offer.refresh_from_db()
    assert offer.status in ("withdrawn", "expired")
    assert Absence.objects.get().begun_at


@pytest.mark.django_db(transaction=True)
def test_f46_a_desk_closes_while_its_rep_accepts(manager, make_rep, make_offer, now):
    rep = make_rep()
    offer = make_offer()
    heir = make_rep()
    results = at_once(
        lambda: actions.accept(offer=offer, by=rep.user, now=now),
        lambda: deactivate(rep=rep, by=manager.user, now=now, to=heir),
    )
    actions.expire_offers(now=now)  # whichever was just being decided is looked at again
    offer.refresh_from_db()
    standing = Standing.objects.get(lead=offer.lead_id)
    assert results[1] == ""
    assert (results[0], offer.status) in (
        ("", "accepted"),
        ("not_a_rep", "withdrawn"),
        ("offer_withdrawn", "withdrawn"),
    )
    assert not Offer.objects.open().filter(rep=rep).exists()
    assert standing.rep_id in (None, heir.pk, rep.pk)
