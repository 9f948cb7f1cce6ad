"""Publishing survives a kill -9: the pass goes on where it stopped, and no score mixes two versions (F37)."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from leads.actions.events import record_event
from leads.models import Lead
from scoring.actions import make_draft, publish, rescore_all
from scoring.models import HeldWake, LeadScore, RuleSet, ScoreChange, ScoringRun
from scoring.queries import explain
from scoring.sql import BLOCK_SIZE
from tests.faults.conftest import Start
from tests.scoring.conftest import counting, document

pytestmark = pytest.mark.django_db(transaction=True)


def live(points: int) -> RuleSet:
    now = timezone.now()
    draft = make_draft(document=document(counting("page_viewed", points)), by=None, now=now)
    return publish(draft, by=None, now=now)


def test_f37_a_pass_killed_in_mid_block_is_taken_up_where_it_stopped(
    make_lead: Callable[..., Lead], start: Start
) -> None:
    now = timezone.now()
    live(5)
    # In three blocks of ids.
    leads = [make_lead(pk=block * BLOCK_SIZE + number) for block in (1, 2, 3) for number in range(4)]
    for lead in leads:
        for hour in (1, 2, 3):
            at = now - timedelta(hours=hour)
            record_event(lead_id=lead.pk, kind="page_viewed", occurred_at=at, now=now, wakes=False)
    list(rescore_all(now=now))
    before = dict(LeadScore.objects.values_list("lead_id", "rules_version"))

    published = live(20)
    next(rescore_all(now=timezone.now()))  # one block is committed
    dying = start("manage.py", "rescore_all", FAILPOINTS="recompute.mid_batch=kill9")
    assert dying.wait(90) == -signal.SIGKILL
    versions = dict(LeadScore.objects.values_list("lead_id", "rules_version"))
    assert [versions[lead.pk] for lead in leads] == [published.version] * 4 + [before[leads[0].pk]] * 8

    assert start("manage.py", "rescore_all").wait(90) == 0
    run = ScoringRun.objects.get(rules_version=published.version)
    assert (run.leads, run.changed, run.held) == (12, 12, 12)  # each lead once
    assert run.finished_at is not None
    assert set(LeadScore.objects.values_list("rules_version", "engagement")) == {(published.version, 60_000)}
    assert all(explain(lead, now=timezone.now()).engagement == 60_000 for lead in leads)
    changes = ScoreChange.objects.filter(rules_version=published.version)
    assert sorted(changes.values_list("lead_id", flat=True)) == [lead.pk for lead in leads]
    assert HeldWake.objects.count() == 12
