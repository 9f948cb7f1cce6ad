"""Settings of desks and offers, the log of the allocation, why a lead goes to whom."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from funnel import actions
from funnel.allocation import Rule, WhyNot
from funnel.allocation_words import RULES, WHY_NOT, rule_words
from funnel.models import (
    Absence,
    AllocationDecision,
    AllocationRule,
    Offer,
    Rep,
    SalesPolicy,
    Standing,
)

from .conftest import HOT, verdict

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(make_user):
    return make_user("manager")


@pytest.fixture
def page(client, manager):
    """A manager's browser."""
    client.force_login(manager)
    return client


def hours(**changed):
    week = {f"hours-{day}_{n}": text for day in range(5) for n, text in enumerate(_DAY)}
    return week | {f"hours-{name}": text for name, text in changed.items()} | {"save": "hours"}


_DAY = ("09:00", "12:30", "13:30", "18:00")


def test_every_reason_and_rule_has_words():
    assert set(WHY_NOT) == set(WhyNot)
    assert set(RULES) == set(Rule)
    assert rule_words("of-old") == "of-old"


def test_the_list_of_desks_asks_as_much_for_three_as_for_one(page, make_rep, make_sal):
    make_rep()
    make_sal()
    with CaptureQueriesContext(connection) as one:
        assert page.get("/settings/desks/").status_code == 200
    for _ in range(2):
        rep = make_rep()
        AllocationRule.objects.create(rep=rep, kind="department", values=["69"])
        Absence.objects.create(rep=rep, first_day=timezone.localdate())
    with CaptureQueriesContext(connection) as three:
        assert page.get("/settings/desks/").status_code == 200
    assert (len(one), len(three)) == (9, 9)


def test_a_desk_is_given_and_its_caps_are_set(page, make_user):
    user = make_user("rep")
    page.post("/settings/desks/new/", {"user": user.pk})
    rep = Rep.objects.get(user=user)
    values = {"places": 8, "sal_cap": 5, "offers_per_day": 2, "weight": 3, "time_zone": "Indian/Reunion"}
    sent = {f"caps-{name}": value for name, value in values.items()} | {"caps-region": "974", "save": "caps"}
    assert page.post(f"/settings/desks/{rep.pk}/", sent).status_code == 302
    rep.refresh_from_db()
    assert (rep.places, rep.sal_cap, rep.offers_per_day, rep.weight) == (8, 5, 2, 3)
    assert (rep.time_zone, rep.region) == ("Indian/Reunion", "974")


@pytest.mark.parametrize(
    ("name", "value"), [("places", -1), ("weight", 0), ("sal_cap", "many"), ("time_zone", "Mars/Base")]
)
def test_b59_impossible_caps_are_refused_and_kept_in_the_form(page, make_rep, name, value):
    rep = make_rep()
    sent = {"places": 8, "sal_cap": "", "offers_per_day": 2, "weight": 1, "time_zone": "Europe/Paris"}
    sent = {f"caps-{key}": typed for key, typed in (sent | {name: value}).items()}
    answer = page.post(f"/settings/desks/{rep.pk}/", sent | {"save": "caps"})
    assert answer.status_code == 422
    rep.refresh_from_db()
    assert rep.places == 15


def test_hours_are_typed_as_times(page, make_rep):
    rep = make_rep()
    answer = page.post(
        f"/settings/desks/{rep.pk}/", hours(**{"4_2": "", "4_3": "", "5_0": "10:00", "5_1": "00:00"})
    )
    assert answer.status_code == 302
    rep.refresh_from_db()
    assert rep.hours["4"] == [["09:00", "12:30"]]
    assert rep.hours["5"] == [["10:00", "24:00"]]
    assert rep.hours["6"] == []
    assert 'value="10:00"' in page.get(f"/settings/desks/{rep.pk}/").content.decode()


@pytest.mark.parametrize("changed", [{"0_1": "08:00"}, {"0_1": ""}, {"0_2": "11:00"}])
def test_b59_impossible_hours_are_refused(page, make_rep, changed):
    rep = make_rep()
    assert page.post(f"/settings/desks/{rep.pk}/", hours(**changed)).status_code == 422


def test_rules_are_chosen_and_tell_how_many_leads_fit(page, make_rep, make_lead):
    rep = make_rep()
    for postcode in ("69003", "13001"):
        lead = make_lead(postcode=postcode, country="FR")
        actions.place({lead.pk: verdict(lead, HOT)}, now=timezone.now())
    sent = {
        "rules-department": ["69", "38"],
        "rules-postcode": "692, 69003",
        "rules-product": "Audit\n\nToiture",
    }
    sent |= {"rules-department_unknown": "on", "save": "rules"}
    assert page.post(f"/settings/desks/{rep.pk}/", sent).status_code == 302
    rules = {rule.kind: (rule.values, rule.takes_unknown) for rule in rep.rules.all()}
    assert rules == {
        "department": (["69", "38"], True),
        "postcode": (["692", "69003"], False),
        "product": (["Audit", "Toiture"], False),
    }
    sent = {"rules-department": ["69"], "save": "rules"}
    page.post(f"/settings/desks/{rep.pk}/", sent)
    shown = page.get(f"/settings/desks/{rep.pk}/").context["fit"]
    assert (shown.fits, shown.of) == (1, 2)


def test_rules_that_cannot_be_read_are_refused(page, make_rep):
    rep = make_rep()
    answer = page.post(f"/settings/desks/{rep.pk}/", {"rules-country": "FR, Belgique", "save": "rules"})
    assert answer.status_code == 422
    assert "BELGIQUE" in answer.content.decode()
    assert not rep.rules.exists()


def test_an_absence_is_noted_and_called_off(page, make_rep):
    rep = make_rep()
    day = timezone.localdate() + timedelta(days=4)
    sent = {"leave-first_day": day, "leave-last_day": day, "leave-note": "Congés"}
    assert page.post(f"/settings/desks/{rep.pk}/leave/", sent).status_code == 302
    assert page.post(f"/settings/desks/{rep.pk}/leave/", sent).status_code == 422
    absence = Absence.objects.get()
    assert "Congés" in page.get(f"/settings/desks/{rep.pk}/").content.decode()
    page.post(f"/settings/absences/{absence.pk}/call-off/")
    assert not Absence.objects.exists()


def test_closing_and_opening_a_desk(page, make_rep, make_sal):
    rep = make_rep()
    standing = make_sal()
    heir = make_rep()
    page.post(f"/settings/desks/{rep.pk}/close/", {"closing-to": heir.pk, "closing-ends_access": "on"})
    rep.refresh_from_db()
    assert not rep.is_active
    assert rep.user.is_active  # only an administrator ends somebody's access
    assert Standing.objects.get(lead=standing.lead).rep_id == heir.pk
    page.post(f"/settings/desks/{rep.pk}/open/")
    rep.refresh_from_db()
    assert rep.is_active


def test_the_lengths_for_offers_are_set(page, make_rep, make_offer):
    sent = {"decide_hours": 1, "research_hours": 2, "first_contact_hours": 3, "reminder_hours": 0}
    sent |= {"take_back_minutes": 15, "reps_before_manager": 1}
    assert page.post("/settings/offers/", sent).status_code == 302
    make_rep()
    offer = make_offer()
    assert offer.deadline - offer.offered_at == timedelta(hours=2)  # an hour of work, lunch between
    assert page.post("/settings/offers/", sent | {"decide_hours": 0}).status_code == 422
    assert SalesPolicy.objects.get().decide_hours == 1


def test_the_log_tells_who_got_what_and_why_not_the_others(page, make_rep, make_offer):
    full, taker = make_rep(places=0), make_rep()
    offer = make_offer()
    text = page.get("/settings/desks/log/").content.decode()
    assert str(taker) in text
    assert str(full) in text
    assert offer.lead.display_name in text
    row = AllocationDecision.objects.get()
    assert (row.rep_id, row.rule, row.why_not) == (taker.pk, "only_one", {"full": [full.pk]})


def test_the_log_asks_as_much_for_three_as_for_one(page, make_rep, make_offer):
    make_rep()
    make_offer()
    with CaptureQueriesContext(connection) as one:
        page.get("/settings/desks/log/")
    make_offer()
    make_offer()
    with CaptureQueriesContext(connection) as three:
        page.get("/settings/desks/log/")
    assert (len(one), len(three)) == (4, 4)


def test_why_nobody_gets_a_lead_is_told_without_changing_anything(page, make_rep, make_ready):
    rep = make_rep()
    AllocationRule.objects.create(rep=rep, kind="department", values=["75"])
    standing = make_ready(postcode="69003", country="FR")
    before = list(Standing.objects.values()), list(Rep.objects.values())
    shown = page.get(f"/capacity/lead/{standing.lead.public_id}/")
    assert [line.why for line in shown.context["dry"].why_not] == ["territory"]
    assert (list(Standing.objects.values()), list(Rep.objects.values())) == before
    assert not Offer.objects.exists()
    assert not AllocationDecision.objects.exists()


def test_why_a_lead_goes_to_somebody_and_where_it_went(page, make_rep, make_ready, make_sal, now):
    rep = make_rep()
    standing = make_ready()
    url = f"/capacity/lead/{standing.lead.public_id}/"
    assert page.get(url).context["dry"].rep == rep
    actions.fill_places(now=now)
    after = page.get(url)
    assert after.context["dry"] is None
    assert re.search(r"<td>.*" + re.escape(str(rep)), after.content.decode())


def test_a_rep_takes_back_from_the_inbox(client, make_rep, make_offer):
    rep = make_rep()
    offer = make_offer()
    make_rep()
    Offer.objects.filter(pk=offer.pk).update(
        status="expired", decided_at=timezone.now(), deadline=timezone.now()
    )
    Standing.objects.filter(pk=offer.lead_id).update(situation="ready", ready_since=timezone.now())
    type(offer.lead).objects.filter(pk=offer.lead_id).update(offered_to=None)
    client.force_login(rep.user)
    assert f"/inbox/{offer.pk}/take-back/" in client.get("/inbox/").content.decode()
    answer = client.post(f"/inbox/{offer.pk}/take-back/")
    again = Offer.objects.get(status="open")
    assert answer["Location"] == f"/inbox/{again.pk}/"
    client.force_login(make_rep().user)
    assert client.post(f"/inbox/{offer.pk}/take-back/").status_code == 404
