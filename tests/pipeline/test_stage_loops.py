"""F40: a score that depends on the stage, which depends on the score, comes to rest and does not swing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from funnel.models import Passage
from leads.actions.events import record_event
from leads.models import Wake
from pipeline.invariants import i4_scores_are_what_the_rules_say, leads_know_where_they_stand
from pipeline.run import run_once, run_until_idle
from scoring.actions import make_draft, publish, rescore_all
from scoring.queries import explain

pytestmark = pytest.mark.django_db


def publish_rules(now, **more):
    counting = {"event": {"kind": ["page_viewed"]}}
    rules = [{"code": "pages", "name": "Pages", "points": 20, "count": counting}]
    live = {
        "name": "En boucle",
        "groups": [{"code": "g", "name": "G", "measures": "engagement", "rules": rules, **more}],
        "gates": {
            "mql": {"when": {"score": "engagement", "at_least": 10}},
            "ready": {"when": {"score": "engagement", "at_least": 90}},
        },
    }
    publish(make_draft(document=live, by=None, now=now), by=None, now=now)
    list(rescore_all(now=now))


def view_a_page(lead, now):
    record_event(lead_id=lead.pk, kind="page_viewed", occurred_at=now, now=now)


def passages(lead, since):
    return list(
        Passage.objects.filter(lead=lead, at__gte=since).order_by("id").values_list("verb", flat=True)
    )


def test_f40_points_for_leads_only_lead_up_and_down_once_a_day_at_most(make_lead, now):
    """The worst that can be written: whoever becomes an MQL loses the points that made it one."""
    publish_rules(now, stages=["lead"])
    lead = make_lead()
    for day in range(3):
        at = now + timedelta(days=day)
        for hour in range(4):
            view_a_page(lead, at + timedelta(hours=hour))
            run_until_idle(now=at + timedelta(hours=hour))
        made = [verb for verb in passages(lead, at) if verb != "enter"]
        assert made == ["gate", "cool"]
        assert not Wake.objects.exists()
        assert leads_know_where_they_stand(at) == []
        assert i4_scores_are_what_the_rules_say(at + timedelta(hours=4)) == []


def test_points_for_mqls_hold_an_mql_where_it_is(make_lead, now):
    """The stage tells the score, the score keeps the stage: one passage, and rest."""
    publish_rules(now, stages=["lead", "mql"])
    lead = make_lead()
    view_a_page(lead, now)
    run_until_idle(now=now)
    run_until_idle(now=now + timedelta(days=1))
    assert passages(lead, now) == ["enter", "gate"]


def test_the_score_follows_a_passage_in_the_next_batch(make_lead, now):
    publish_rules(now, stages=["lead"])
    lead = make_lead()
    view_a_page(lead, now)
    assert run_once(now=now).moved == 1
    lead.refresh_from_db()
    assert (lead.stage, lead.score.shown_engagement) == ("mql", 20)
    assert list(Wake.objects.values_list("lead_id", flat=True)) == [lead.pk]
    assert explain(lead, now=now).engagement == 0
    run_once(now=now)
    lead.score.refresh_from_db()
    assert lead.score.engagement == 0


def test_rules_that_do_not_ask_for_the_stage_wake_nobody_twice(make_lead, now):
    publish_rules(now)
    lead = make_lead()
    view_a_page(lead, now)
    assert run_once(now=now).moved == 1
    assert not Wake.objects.exists()
