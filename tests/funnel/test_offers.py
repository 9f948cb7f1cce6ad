"""The waiting room, offers and their deadlines."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from funnel import actions
from funnel.actions.desks import desk_changed
from funnel.models import Absence, Offer, Passage, Rep, StageTally, Standing
from funnel.queries import loads, waiting_room, why_nobody
from funnel.service_levels import UNDO_IN_PAGE
from funnel.tasks import sweep
from leads.models import Due, Lead, Wake

pytestmark = pytest.mark.django_db


def reps_of(offers):
    return [offer.rep_id for offer in offers]


def test_the_best_leads_take_the_places_and_the_others_wait_ranked(make_rep, make_ready, now):
    rep = make_rep(places=2)
    low, high, middle = make_ready(1), make_ready(9), make_ready(5)
    offers = actions.fill_places(now=now)
    assert [offer.lead_id for offer in offers] == [high.lead_id, middle.lead_id]
    assert [one.lead_id for one in waiting_room()] == [low.lead_id]
    assert Lead.objects.get(pk=high.lead_id).offered_to_id == rep.pk


def test_filling_twice_offers_nothing_twice(make_rep, make_ready, now):
    make_rep()
    make_ready()
    assert len(actions.fill_places(now=now)) == 1
    assert actions.fill_places(now=now) == []


def test_fair_share_and_credit_go_on_over_several_runs(make_rep, make_ready, now):
    heavy, light = make_rep(weight=3, offers_per_day=100), make_rep(weight=1, offers_per_day=100)
    served = []
    for minute in range(8):
        make_ready()
        served += reps_of(actions.fill_places(now=now + timedelta(minutes=minute)))
    assert (served.count(heavy.pk), served.count(light.pk)) == (6, 2)


def test_the_day_limit_is_the_reps_own_day(make_rep, make_ready, now):
    make_rep(offers_per_day=1, time_zone="America/Martinique")
    make_ready()
    make_ready()
    assert len(actions.fill_places(now=now)) == 1
    assert actions.fill_places(now=now.replace(hour=23, minute=30)) == []  # 19:30 in Fort-de-France
    assert len(actions.fill_places(now=now + timedelta(hours=17))) == 1


def test_the_deadline_is_in_working_hours_of_the_rep(make_rep, make_offer, now):
    make_rep()  # Thursday noon in Paris + 8 h: half an hour, 4:30 h, then 3 h on Friday
    assert make_offer().deadline == now.replace(day=13, hour=11)


def test_a_lead_goes_back_to_who_worked_it(make_rep, make_sal, make_ready, now):
    standing = make_sal() if make_rep() else None
    assert standing
    former = standing.rep_id
    make_rep()
    actions.return_to_marketing(lead=standing.lead, by=standing.rep.user, now=now, reason="unreachable")
    Standing.objects.filter(lead=standing.lead).update(
        stage="mql", situation="ready", cycle=2, ready_since=now, wake_on=None
    )
    offers = actions.fill_places(now=now + UNDO_IN_PAGE)
    assert reps_of(offers) == [former]
    assert offers[0].why["rule"] == "former_owner"


def test_colleagues_of_a_lead_in_work_go_to_the_same_rep(make_rep, make_sal, make_ready, make_company, now):
    company = make_company()
    make_rep()
    first = make_sal(company=company)
    make_rep()
    make_rep()
    make_ready(company=company)
    offers = actions.fill_places(now=now)
    assert (reps_of(offers), offers[0].why["rule"]) == ([first.rep_id], "same_company")


def test_expired_offers_go_to_the_next_rep_then_to_the_manager(make_rep, make_offer, now):
    manager = make_rep(role="manager", is_last_resort=True)
    reps = {make_rep().pk, make_rep().pk, make_rep().pk}
    offer = make_offer()
    seen = [offer.rep_id]
    for _ in range(2):
        late = offer.deadline
        assert [one.pk for one in actions.expire_offers(now=late)] == [offer.pk]
        offer = actions.fill_places(now=late)[0]
        seen.append(offer.rep_id)
    assert len(set(seen)) == 3
    assert seen[2] == manager.pk
    assert set(seen[:2]) < reps


def test_an_offer_in_time_does_not_expire(make_rep, make_offer, now):
    make_rep()
    offer = make_offer()
    assert actions.expire_offers(now=offer.deadline - timedelta(seconds=1)) == []


@pytest.mark.parametrize("gone", ["absent", "retired", "signed off"])
def test_f46_a_rep_who_goes_leaves_the_offers_to_the_others(make_rep, make_offer, now, gone):
    make_rep()
    offer = make_offer()
    other = make_rep()
    if gone == "absent":
        Absence.objects.create(rep=offer.rep, first_day=now.date(), last_day=date(2026, 3, 20))
    elif gone == "retired":
        Rep.objects.filter(pk=offer.rep_id).update(is_active=False)
    else:
        type(offer.rep.user).objects.filter(pk=offer.rep_id).update(is_active=False)
    actions.expire_offers(now=now)
    assert Offer.objects.get(pk=offer.pk).status == "withdrawn"
    assert reps_of(actions.fill_places(now=now)) == [other.pk]


def test_a_declined_lead_is_offered_to_somebody_else(make_rep, make_offer, now):
    make_rep()
    offer = make_offer()
    other = make_rep()
    actions.decline(offer=offer, by=offer.rep.user, now=now, reason="wrong_territory")
    standing = Standing.objects.get(lead=offer.lead_id)
    assert (standing.stage, standing.situation) == ("mql", "ready")
    assert actions.fill_places(now=now) == []  # it can still be undone
    assert reps_of(actions.fill_places(now=now + UNDO_IN_PAGE)) == [other.pk]
    assert list(Passage.objects.filter(lead=offer.lead_id).order_by("id").values_list("verb", flat=True)) == [
        "enter",
        "gate",
        "offer",
        "decline",
        "offer",
    ]


def test_a_dry_run_says_why_nobody(make_rep, make_ready, now):
    full, away = make_rep(places=0), make_rep(away_from=now.date())
    standing = make_ready()
    answer = why_nobody(standing, now=now)
    assert answer.assignment is None
    assert dict(answer.why_not) == {full.pk: "full", away.pk: "absent"}
    assert not Offer.objects.exists()


def test_leads_nobody_may_take_do_not_hold_up_the_others(make_rep, make_offer, make_ready, now):
    rep = make_rep(places=5, offers_per_day=500)
    declined = make_offer(priority=900)
    actions.decline(offer=declined, by=rep.user, now=now, reason="overloaded")
    behind = make_ready(priority=1)
    assert [offer.lead_id for offer in actions.fill_places(now=now)] == [behind.lead_id]


def test_places_free_are_what_is_left(make_rep, make_sal, make_offer, now):
    make_rep(places=5)
    make_sal()
    make_offer()
    load = loads(now=now)[0]
    assert (load.used.worked, load.used.offers, load.free) == (1, 1, 3)


def test_unreachable_leads_are_never_offered(make_rep, make_ready, now):
    make_rep()
    make_ready(email=None, reference="only-outside")
    assert actions.fill_places(now=now) == []


def test_who_waits_is_looked_at_again_the_next_day(make_rep, make_ready, now):
    make_rep(offers_per_day=1)
    make_ready(9)
    waiting = make_ready(1)
    actions.fill_places(now=now)
    due = Due.objects.get(purpose="funnel.waiting")
    assert (due.lead_id, due.due_at) == (waiting.lead_id, now.replace(hour=23))
    assert len(actions.fill_places(now=due.due_at)) == 1


def test_a_changed_desk_wakes_whom_it_concerns(make_rep, make_offer, make_ready, now):
    rep = make_rep(places=1)
    offered, waiting = make_offer(priority=9), make_ready(1)
    Wake.objects.all().delete()
    desk_changed(rep)
    assert set(Wake.objects.values_list("lead_id", flat=True)) == {offered.lead_id, waiting.lead_id}


def test_a_busy_team_locks_and_reads_nobody(make_rep, make_ready, now):
    make_rep(places=0)
    make_rep(role="manager", is_last_resort=True)
    for _ in range(3):
        make_ready()
    actions.fill_places(now=now)
    with CaptureQueriesContext(connection) as queries:
        assert actions.fill_places(now=now) == []
    locks = [
        one["sql"] for one in queries if "funnel_rep" in one["sql"] and "FOR NO KEY UPDATE" in one["sql"]
    ]
    assert locks == []
    assert (
        len([one for one in queries if one["sql"].startswith("\nSELECT") or one["sql"].startswith("SELECT")])
        == 10
    )


def test_the_sweep_notices_what_no_event_announces(make_rep, make_offer, make_ready):
    now = timezone.now()
    gone = make_rep(places=1)
    offer = make_offer(priority=9)
    here = make_rep(places=2)
    waiting = make_ready(1)
    Absence.objects.create(rep=gone, first_day=now.date() - timedelta(days=1))
    sweep()
    assert set(Offer.objects.open().values_list("lead", "rep")) == {
        (offer.lead_id, here.pk),
        (waiting.lead_id, here.pk),
    }
    assert StageTally.objects.count() == 1
