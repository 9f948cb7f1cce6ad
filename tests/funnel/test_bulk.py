"""Many leads moved in one go: planned, worked off line by line, taken back as a whole."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from funnel.actions import reopen
from funnel.actions.bulk import Decision, begin_run, undo_run, work_off
from funnel.models import BulkLine, BulkRun, Passage, Standing
from funnel.queries.bulk import plan_run, progress_of
from funnel.refusals import Incomplete, NotYours, Refused
from funnel.stages import Verb
from funnel.tasks import move_many
from leads.models import Lead

pytestmark = pytest.mark.django_db

SPAM = Decision(Verb.DISQUALIFY, "spam")


@pytest.fixture
def marketer(make_user):
    return make_user("marketer")


@pytest.fixture
def crowd(make_rep, make_sal, make_ready, make_lead):
    """Five ready leads, one that sales work, one disqualified, one that is in no funnel yet."""
    make_rep(places=1)
    worked = make_sal()
    ready = [make_ready() for _ in range(5)]
    gone = make_ready()
    Standing.objects.filter(pk=gone.pk).update(stage="disqualified", situation="")
    return [one.lead_id for one in (worked, *ready, gone)] + [make_lead().pk]


def begin(crowd, by, now, decision=SPAM):
    return begin_run(decision=decision, lead_ids=crowd, by=by, now=now)


def finish(now):
    return list(work_off(now=now))


def test_the_plan_says_what_the_run_then_does(crowd, marketer, now, django_assert_num_queries):
    with django_assert_num_queries(1):
        plan = plan_run(verb=Verb.DISQUALIFY, leads=Lead.objects.filter(pk__in=crowd), by=marketer)
    assert (plan.moving, dict(plan.staying)) == (5, {"already_there": 1, "not_yours": 1})
    run = begin(crowd, marketer, now)
    finish(now)
    run.refresh_from_db()
    found = progress_of(run)
    assert (run.state, found.moved, found.done) == ("done", 5, 8)
    assert {line.code: line.number for line in found.staying} == {
        "already_disqualified": 1,
        "not_yours": 1,
        "not_in_funnel": 1,
    }
    assert Standing.objects.filter(stage="disqualified").count() == 6


def test_a_kill_between_two_chunks_loses_and_repeats_nothing(crowd, marketer, now, monkeypatch):
    monkeypatch.setattr("funnel.actions.bulk.CHUNK", 3)
    begin(crowd, marketer, now)
    next(work_off(now=now))
    assert BulkLine.objects.filter(state="waiting").count() == 5
    finish(now)
    assert Passage.objects.filter(verb="disqualify").count() == 5


def test_undoing_the_run_puts_back_what_nothing_came_after(crowd, marketer, make_user, now):
    before = dict(Standing.objects.values_list("lead", "since"))
    run = begin(crowd, marketer, now)
    finish(now)
    moved_on = BulkLine.objects.filter(state="moved").latest("pk").lead
    later = now + timedelta(days=2)
    reopen(lead=moved_on, by=marketer, now=later, reason="mistake")
    with pytest.raises(NotYours):
        undo_run(run=run, by=make_user("marketer"), now=later)
    undo_run(run=run, by=marketer, now=later)
    finish(later)
    run.refresh_from_db()
    found = progress_of(run)
    assert (run.state, found.counts["undone"], found.counts["stayed"]) == ("undone", 4, 1)
    assert [line.code for line in found.staying if line.code == "undo_moved_on"] == ["undo_moved_on"]
    back = BulkLine.objects.filter(state="undone").values_list("lead", flat=True)
    assert all(Standing.objects.get(lead=lead).since == before[lead] for lead in back)
    with pytest.raises(Refused):
        undo_run(run=run, by=marketer, now=later)


@pytest.mark.parametrize(
    ("decision", "code"),
    [
        (Decision(Verb.DISQUALIFY, ""), "reason_required"),
        (Decision(Verb.DISQUALIFY, "no_budget"), "reason_unknown"),
        (Decision(Verb.RETURN, "project_far"), "month_required"),
        (Decision(Verb.RETURN, "information_missing"), "fields_required"),
    ],
)
def test_f49_no_run_without_its_grounds(crowd, marketer, now, decision, code):
    with pytest.raises(Incomplete) as incomplete:
        begin(crowd, marketer, now, decision)
    assert incomplete.value.code == code
    assert not BulkRun.objects.exists()


def test_not_nobody_and_not_everybody(crowd, marketer, now, monkeypatch):
    for leads, code in (([], "bulk_nobody"), (crowd, "bulk_too_many")):
        monkeypatch.setattr("funnel.actions.bulk.MOST", 7)
        with pytest.raises(Refused) as refused:
            begin(leads, marketer, now)
        assert refused.value.code == code


def test_from_the_list_to_the_run_and_back(client, crowd, marketer, now):
    client.force_login(marketer)
    ids = [str(lead.public_id) for lead in Lead.objects.filter(pk__in=crowd)]
    listed = client.get("/leads/?stage=ready")
    assert listed.content.count(b'name="lead"') == 5
    page = client.get(reverse("dashboard:move_leads"), {"lead": ids})
    assert page.status_code == 200
    url = f"{reverse('dashboard:move_leads')}?all=1&stage=ready&move=disqualify"
    assert client.get(url).status_code == 200
    assert client.post(url, {"why": ""}).status_code == 422
    begun = client.post(url, {"why": "spam", "note": "Salon"})
    run = BulkRun.objects.get()
    assert (begun.status_code, begun["Location"], run.total) == (302, f"/moves/{run.public_id}/", 5)
    assert move_many() >= 1
    shown = client.get(begun["Location"])
    assert shown.status_code == 200
    assert client.post(reverse("dashboard:undo_move", args=[run.public_id])).status_code == 302
    move_many()
    assert Standing.objects.filter(situation="ready").count() == 5
    assert client.get("/moves/").status_code == 200


def test_b45_reps_move_nothing_in_bulk(client, make_rep, crowd):
    client.force_login(make_rep().user)
    assert client.get("/leads/move/").status_code == 403
    assert b'name="lead"' not in client.get("/leads/").content


def test_the_list_asks_as_often_for_three_leads_as_for_one(
    client, marketer, make_ready, django_assert_max_num_queries
):
    client.force_login(marketer)
    make_ready()
    client.get("/leads/")
    for _ in range(2):
        with django_assert_max_num_queries(12):
            assert client.get("/leads/").status_code == 200
        make_ready()
        make_ready()
    ids = [str(lead.public_id) for lead in Lead.objects.all()]
    with django_assert_max_num_queries(12):
        assert client.get("/leads/move/", {"lead": ids}).status_code == 200
