"""Trying rules: the preview foretells what publishing does, past decisions are replayed, and pages say so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashboard.previewing import sample_step, tallies
from dashboard.suggesting import suggested
from dashboard.trying import work_on_one
from funnel.models import Offer, Passage, Reason, Rep, Standing
from leads.actions.events import record_event
from leads.models import Wake
from pipeline.run import run_until_idle
from scoring.actions import make_draft, publish, rescore_all
from scoring.actions.drafts import open_draft
from scoring.actions.holding import release_held
from scoring.actions.previews import SILENCE, ask_preview, cancel_preview, claim_preview
from scoring.models import HeldWake, PreviewLead, RulePreview, RuleSet
from scoring.queries import live_rule_set
from tests.scoring.conftest import counting, document

pytestmark = pytest.mark.django_db
Kind = RulePreview.Kind


def visit(lead, times: int, now, kind: str = "page_viewed") -> None:
    for _ in range(times):
        record_event(lead_id=lead.pk, kind=kind, occurred_at=now, now=now, wakes=False)


@pytest.fixture
def base(make_lead, now):
    """Twenty leads with 0 to 19 pages each, concluded under rules that give 2 points a page."""
    publish(make_draft(document=document(counting("page_viewed", 2)), by=None, now=now), by=None, now=now)
    leads = [make_lead(channel="webinar" if number % 2 else "video") for number in range(20)]
    for number, lead in enumerate(leads):
        visit(lead, number, now)
        Wake.objects.create(lead_id=lead.pk)
    run_until_idle(now=now)
    return leads


@pytest.fixture
def draft(base, now) -> RuleSet:
    """Five points a page: more MQLs, and some ready for sales."""
    return make_draft(document=document(counting("page_viewed", 5)), by=None, now=now)


def stands() -> dict[int, tuple[str, str]]:
    return {one.lead_id: (one.stage, one.situation) for one in Standing.objects.all()}


def last(found):
    *_, end = found
    return end


def test_the_preview_foretells_the_moves_that_publishing_makes(base, draft, settings, now):
    settings.PUBLISHED_LEADS_AN_HOUR = 0
    foretold = last(tallies(draft, now=now))
    before = stands()
    publish(draft, by=None, now=now)
    list(rescore_all(now=now))
    run_until_idle(now=now)
    after = stands()
    became_mql = {lead for lead in before if before[lead][0] == "lead" and after[lead][0] == "mql"}
    became_ready = {lead for lead in before if before[lead][1] != "ready" and after[lead][1] == "ready"}
    assert {move.lead_id for move in foretold.lists["mql_in"]} == became_mql != set()
    assert {move.lead_id for move in foretold.lists["ready_in"]} == became_ready != set()
    assert foretold.ways == {"mql_in": len(became_mql), "ready_in": len(became_ready)}
    by_channel = {code: counts["mql_in"] for code, counts in foretold.by_channel.items()}
    assert sum(by_channel.values()) == len(became_mql)


def test_publishing_moves_no_more_leads_an_hour_than_allowed(base, draft, settings, now):
    settings.PUBLISHED_LEADS_AN_HOUR = 120
    publish(draft, by=None, now=now)
    list(rescore_all(now=now))
    waiting = HeldWake.objects.count()
    run_until_idle(now=now)
    passages = Passage.objects.count()
    assert release_held(now=now) == 2
    run_until_idle(now=now)
    moved = {one.lead_id for one in Passage.objects.order_by("-id")[: Passage.objects.count() - passages]}
    assert len(moved) == 2
    assert HeldWake.objects.count() == waiting - 2


def test_going_back_foretells_the_moves_back(base, draft, settings, now):
    settings.PUBLISHED_LEADS_AN_HOUR = 0
    first = live_rule_set()
    publish(draft, by=None, now=now)
    list(rescore_all(now=now))
    run_until_idle(now=now)
    later = now + timedelta(days=1)
    list(rescore_all(now=later))
    first.refresh_from_db()
    assert last(tallies(first, now=later)).ways["ready_out"] > 0


@pytest.mark.parametrize(("everybody", "step"), [(0, 1), (499, 1), (2_000, 4), (60_000, 100), (10**6, 100)])
def test_a_sample_is_one_in_a_hundred_but_never_less_than_five_hundred(everybody, step):
    assert sample_step(everybody) == step


def test_a_trial_is_taken_once_and_kept_with_its_lists(base, draft, now):
    trial = ask_preview(rule_set=draft, kind=Kind.PREVIEW, by=None, now=now)
    assert ask_preview(rule_set=draft, kind=Kind.PREVIEW, by=None, now=now) == trial
    assert work_on_one(lambda: now)
    assert not work_on_one(lambda: now)
    trial.refresh_from_db()
    assert (trial.state, trial.done, trial.total) == ("done", 20, 20)
    ways = trial.result["ways"]
    assert {way: PreviewLead.objects.filter(preview=trial, way=way).count() for way in ways} == ways
    assert len(trial.result["weeks"]["rows"]) == 12


def test_what_a_killed_worker_left_is_begun_anew(base, draft, now):
    ask_preview(rule_set=draft, kind=Kind.PREVIEW, by=None, now=now)
    dead = claim_preview(now=now)
    assert claim_preview(now=now + SILENCE / 2) is None
    again = claim_preview(now=now + SILENCE * 2)
    assert (again.pk, again.attempt) == (dead.pk, dead.attempt + 1)


def test_a_cancelled_trial_stops_at_its_next_step(base, draft, now):
    trial = ask_preview(rule_set=draft, kind=Kind.PREVIEW, by=None, now=now)

    def clock():
        cancel_preview(preview=trial, now=now)
        return now

    work_on_one(clock)
    trial.refresh_from_db()
    assert (trial.state, trial.result) == ("cancelled", {})
    assert not PreviewLead.objects.exists()


@pytest.fixture
def decided(base, make_user, make_lead, now):
    """Forty past offers of leads with ten pages: consumers were refused, the others accepted, some won."""
    user = make_user("rep")
    rep = Rep.objects.create(user=user)
    reason = Reason.objects.get(code="out_of_target")
    for number in range(40):
        lead = make_lead(audience="b2c" if number < 14 else "b2b")
        at = now - timedelta(days=20 - number / 4)
        visit(lead, 20, at)
        status = "disqualified" if number < 13 else "accepted"
        Offer.objects.create(
            lead=lead, rep=rep, cycle=1, status=status, offered_at=at, deadline=at + timedelta(days=2),
            decided_at=at, decided_by=user, reason=reason if number < 13 else None,
        )  # fmt: skip
        if number >= 35:
            Passage.objects.create(
                lead=lead, verb="win", from_stage="sal", to_stage="customer", at=at, cycle=1, outcome="won"
            )
    return user


def test_a_replay_says_whom_the_draft_would_have_held_back(decided, now):
    made = document(counting("page_viewed", 2))
    consumer = {"code": "consumer", "name": "Consumer", "points": -30, "when": {"field": "audience", "op": "is", "value": "b2c"}}  # fmt: skip # noqa: E501
    made["groups"][0]["rules"].append(consumer)
    draft = make_draft(document=made, by=None, now=now)
    trial = ask_preview(rule_set=draft, kind=Kind.REPLAY, by=None, now=now)
    work_on_one(lambda: now)
    trial.refresh_from_db()
    held = trial.result["held_back"]
    assert (held["total"], held["refused"], held["accepted"], held["won"]) == (14, 13, 1, 0)
    assert (trial.result["live"]["let_through"], trial.result["draft"]["let_through"]) == (40, 26)


def test_refusals_become_a_suggestion_that_one_click_adds(decided, signed_in, make_user, now):
    draft = open_draft(by=None, now=now)
    client = signed_in("marketer")
    path = f"/scoring/drafts/{draft.pk}"
    client.post(f"{path}/try/suggest/start/")
    work_on_one(lambda: now)
    page = client.get(f"{path}/past-decisions/").content.decode()
    assert "would have held back 13 of them" in page
    assert "no win" in page
    client.post(f"{path}/past-decisions/add/", {"place": "0"})
    draft.refresh_from_db()
    consumers = {"field": "audience", "op": "is", "value": "b2c"}
    assert draft.document["gates"]["ready"]["when"]["all"][-1] == {"not": consumers}
    trial = ask_preview(rule_set=draft, kind=Kind.REPLAY, by=None, now=now)
    work_on_one(lambda: now)
    trial.refresh_from_db()
    assert trial.result["held_back"]["refused"] == 13


def test_the_pages_of_a_draft_say_what_they_count(draft, signed_in, now):
    client, path = signed_in("marketer"), f"/scoring/drafts/{draft.pk}"
    page = client.get(f"{path}/preview/").content.decode()
    assert "whole base: 20 leads" in page  # fewer than five hundred: all are read at once
    client.post(f"{path}/try/preview/start/")
    assert "Waiting for a worker" in client.get(f"{path}/preview/").content.decode()
    work_on_one(lambda: now)
    page = client.get(f"{path}/preview/").content.decode()
    assert "open the list" in page
    listed = client.get(f"{path}/preview/mql_in/").content.decode()
    assert listed.count("data-row>") == RulePreview.objects.get().result["ways"]["mql_in"]
    sheet = b"".join(client.get(f"{path}/preview/mql_in/export/").streaming_content).decode()
    assert len(sheet.strip().splitlines()) == 1 + RulePreview.objects.get().result["ways"]["mql_in"]


def test_a_trial_of_an_older_revision_is_not_shown(draft, signed_in, now):
    client, path = signed_in("marketer"), f"/scoring/drafts/{draft.pk}"
    client.post(f"{path}/try/preview/start/")
    work_on_one(lambda: now)
    RuleSet.objects.filter(pk=draft.pk).update(revision=2)
    assert "open the list" not in client.get(f"{path}/preview/").content.decode()
    assert client.get(f"{path}/preview/mql_in/").status_code == 404


def test_f38_publishing_what_changed_meanwhile_is_409_and_shown_anew(draft, signed_in, now):
    client, path = signed_in("marketer"), f"/scoring/drafts/{draft.pk}/publish/"
    live = live_rule_set()
    seen = {"revision": draft.revision, "instead_of": live.version}
    RuleSet.objects.filter(pk=draft.pk).update(revision=draft.revision + 1)
    answer = client.post(path, seen)
    assert answer.status_code == 409
    assert "Something changed since you looked" in answer.content.decode()
    assert live_rule_set() == live
    answer = client.post(path, seen | {"revision": draft.revision + 1})
    assert answer.url == "/scoring/publishing/"
    assert live_rule_set().pk == draft.pk
    assert "being renewed" in client.get("/scoring/publishing/").content.decode()
    list(rescore_all(now=now))
    assert "all renewed" in client.get("/scoring/publishing/").content.decode()


def test_a_post_without_what_was_seen_publishes_nothing(draft, signed_in):
    live = live_rule_set()
    answer = signed_in("marketer").post(f"/scoring/drafts/{draft.pk}/publish/")
    assert answer.status_code == 200
    assert live_rule_set() == live


def test_one_button_goes_back(draft, signed_in, now):
    client, first = signed_in("marketer"), live_rule_set()
    publish(draft, by=None, now=now)
    page = client.get("/scoring/publishing/").content.decode()
    path = f"/scoring/drafts/{first.pk}/publish/"
    assert path in page
    assert "Go back to version" in client.get(path).content.decode()
    client.post(path, {"revision": first.revision, "instead_of": draft.version})
    assert live_rule_set().document == first.document


def test_who_only_reads_reports_may_look_but_not_try(draft, signed_in):
    client, path = signed_in("manager"), f"/scoring/drafts/{draft.pk}"
    assert client.get(f"{path}/preview/").status_code == 200
    assert client.post(f"{path}/try/preview/start/").status_code == 403
    assert client.get(f"{path}/publish/").status_code == 403
    assert not RulePreview.objects.exists()


def test_the_api_starts_reads_and_cancels_a_trial(draft, signed_in, now):
    client, path = signed_in("admin"), f"/api/v1/rule-sets/{draft.pk}/trials/preview/"
    client.handler.enforce_csrf_checks = False
    assert client.get(path).status_code == 404
    answer = client.post(path)
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    work_on_one(lambda: now)
    found = client.get(path).json()
    assert (found["state"], found["progress"], found["stale"]) == ("done", 1.0, False)
    assert found["result"]["read"] == 20
    assert client.delete(path).status_code == 204
    assert client.get(path).json()["state"] == "done"
    assert client.get("/api/v1/publishing/").json()["version"] == live_rule_set().version
    live = f"/api/v1/rule-sets/{live_rule_set().pk}/trials/preview/"
    assert client.post(live).json()["code"] == "is_live"


def test_where_the_gate_asks_for_fit_points_are_proposed(decided, now):
    """Thirty points less of fit are enough where the gate asks for fit, so the gate itself is left alone."""
    made = document(counting("page_viewed", 2))
    known = {"code": "known", "name": "Known", "points": 50, "when": {"field": "email", "op": "is_set"}}
    made["groups"].append({"code": "who", "name": "Who", "measures": "fit", "rules": [known]})
    made["gates"]["ready"]["when"] = {"all": [{"score": "engagement", "at_least": 40}, {"score": "fit", "at_least": 30}]}  # fmt: skip # noqa: E501
    draft = make_draft(document=made, by=None, now=now)
    (found, *_) = suggested(draft, lambda _done, _total: None)["suggestions"]
    assert (found["way"], found["trait"]["name"], found["evidence"]["refused"]) == ("points", "audience", 13)
