"""The manager's team page: figures of each rep and source, and leads handed over as planned."""

from __future__ import annotations

from datetime import timedelta

import pytest

from funnel import actions
from funnel.actions.reassigning import foresee_reassignment, reassign
from funnel.csv_files import harmless
from funnel.models import AnswerPromise, Passage, ServiceLevel, Standing
from funnel.queries.team import team
from funnel.refusals import Incomplete, NotYours
from scoring.models import Notification


@pytest.fixture
def two(make_rep, make_sal):
    """A rep with two SALs, and a colleague with one place."""
    rep = make_rep()
    sals = [make_sal() for _number in range(2)]
    return rep, make_rep(places=1), sals


def test_leads_are_handed_over_as_planned_and_both_hear_of_it(two, make_user, now) -> None:
    rep, colleague, sals = two
    leads = [sal.lead_id for sal in sals]
    planned = foresee_reassignment(rep=rep, leads=leads, to=None, now=now)
    made = reassign(rep=rep, leads=leads, to=None, by=make_user("manager"), now=now)
    assert planned == made
    assert (len(made.moved), len(made.left)) == (1, 1)
    (lead,) = made.moved
    standing = Standing.objects.select_related("lead").get(lead=lead)
    assert (standing.stage, standing.rep, standing.lead.owner_id) == ("sal", colleague, colleague.pk)
    assert {one.user_id: one.trigger for one in Notification.objects.filter(lead=lead).order_by("pk")} | {
        rep.pk: "handed_over"
    } == {colleague.pk: "reassigned", rep.pk: "handed_over"}
    assert Passage.objects.filter(lead=lead).latest("pk").verb == "reassign"


def test_caps_are_exceeded_only_for_a_reason(two, make_user, now) -> None:
    rep, colleague, sals = two
    given = {"rep": rep, "leads": [sal.lead_id for sal in sals], "to": colleague, "by": make_user("manager")}
    with pytest.raises(Incomplete):
        reassign(**given, now=now, beyond_caps=True)
    made = reassign(**given, now=now, beyond_caps=True, note="Départ en congé")
    assert not made.left
    assert Standing.objects.filter(rep=colleague).count() == 2


def test_only_who_manages_sales_hands_over(two, now) -> None:
    rep, colleague, sals = two
    with pytest.raises(NotYours):
        reassign(rep=rep, leads=[sals[0].lead_id], to=colleague, by=rep.user, now=now)


def test_a_lead_that_the_rep_does_not_work_stays(two, make_user, now) -> None:
    rep, colleague, sals = two
    made = reassign(rep=colleague, leads=[sals[0].lead_id], to=rep, by=make_user("manager"), now=now)
    assert (made.moved, list(made.left)) == ({}, [])


def test_figures_of_a_rep(make_rep, make_offer, now) -> None:
    rep = make_rep()
    taken, refused, late = (make_offer(channel="search") for _number in range(3))
    actions.accept(offer=taken, by=rep.user, now=now + timedelta(hours=1))
    given = {"reason": "unreachable", "by": rep.user, "now": now + timedelta(hours=3)}
    actions.return_to_marketing(lead=refused.lead, **given)
    actions.expire_offers(now=late.deadline)
    found = team(days=30, now=late.deadline)
    (one,) = found.members
    assert (one.decided.accepted, one.decided.refused, one.decided.expired) == (1, 1, 1)
    assert one.decided.rate == pytest.approx(1 / 3)
    assert one.decided.median == timedelta(hours=1)
    assert one.decided.reasons[0][1] == 1
    assert (one.sal, one.load.used.worked) == (1, 1)
    assert dict(found.channels)["search"].accepted == 1


def test_an_undone_decision_is_not_counted(make_rep, make_offer, now) -> None:
    rep = make_rep()
    actions.accept(offer=make_offer(), by=rep.user, now=now)
    actions.undo(passage=Passage.objects.latest("pk"), by=rep.user, now=now + timedelta(seconds=5))
    (one,) = team(days=30, now=now + timedelta(minutes=1)).members
    assert one.decided.accepted == 0


def test_broken_promises_are_counted(make_rep, make_sal, now) -> None:
    rep = make_rep()
    for lead, ended in ((make_sal().lead, now + timedelta(minutes=10)), (make_sal().lead, None)):
        AnswerPromise.objects.create(
            lead=lead,
            cycle=1,
            subject="quote_requested",
            asked_at=now,
            minutes=30,
            rep=rep,
            due_at=now + timedelta(minutes=30),
            ended_at=ended,
        )
    (one,) = team(days=30, now=now + timedelta(hours=1)).members
    assert (one.promises.made, one.promises.broken) == (2, 1)


@pytest.mark.parametrize("reps", [1, 3])
def test_the_team_page_asks_the_same_however_many_there_are(
    reps, client, make_rep, make_user, django_assert_max_num_queries
) -> None:
    for _number in range(reps):
        make_rep()
    client.force_login(make_user("manager"))
    with django_assert_max_num_queries(12):
        assert client.get("/team/").status_code == 200


def test_a_plan_is_shown_before_anything_happens(client, two, make_user) -> None:
    rep, colleague, sals = two
    client.force_login(make_user("manager"))
    typed = {"leads": [sals[0].lead_id], "to": colleague.pk, "note": ""}
    plan = client.post(f"/team/{rep.pk}/", typed)
    assert colleague.user.full_name in plan.content.decode()
    assert Standing.objects.filter(rep=rep).count() == 2
    assert client.post(f"/team/{rep.pk}/", typed | {"confirm": "1"}).status_code == 302
    assert Standing.objects.filter(rep=colleague).count() == 1


def test_the_table_is_a_file_without_formulas(client, make_rep, make_user) -> None:
    rep = make_rep()
    rep.user.first_name = "=1+1"
    rep.user.save()
    client.force_login(make_user("manager"))
    assert "\"'=1+1" in client.get("/team/export.csv").content.decode("utf-8-sig")
    assert harmless("Anna") == "Anna"


def test_promises_are_settings_of_managers(client, make_user) -> None:
    client.force_login(make_user("manager"))
    assert client.post("/settings/service-levels/", {"subject": "A1", "minutes": 0}).status_code == 422
    typed = {"subject": "A1", "minutes": "45", "is_active": "on"}
    assert client.post("/settings/service-levels/", typed).status_code == 302
    level = ServiceLevel.objects.get(subject="A1")
    assert client.post(f"/settings/service-levels/{level.pk}/", typed | {"minutes": "20"}).status_code == 302
    assert ServiceLevel.objects.get(subject="A1").minutes == 20
    client.post(f"/settings/service-levels/{level.pk}/delete/")
    assert not ServiceLevel.objects.filter(subject="A1").exists()
