"""New rules move leads at a pace: held, then let go, the best first, and never more an hour than allowed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.models import Wake
from scoring.actions import make_draft, publish, rescore, rescore_all
from scoring.actions.holding import allowance, release_held
from scoring.actions.publishing import NotADraft, NotArchived, OutOfDate, publish_as_seen, roll_back
from scoring.models import HeldWake, LeadScore, RuleSet, ScoringRun
from scoring.queries import live_rule_set
from tests.scoring.conftest import counting, document

pytestmark = pytest.mark.django_db


@pytest.fixture
def scored(make_lead, happen, publish_document, now):
    """Thirty leads, scored by rules under which nobody is an MQL."""
    publish_document(document(counting("page_viewed", 1)))
    leads = [make_lead() for _ in range(30)]
    for number, lead in enumerate(leads):
        for _ in range(1 + number // 3):
            happen(lead, "page_viewed")
    list(rescore_all(now=now))
    Wake.objects.all().delete()
    return leads


def draft(points: float, now) -> RuleSet:
    return make_draft(document=document(counting("page_viewed", points)), by=None, now=now)


def test_what_new_rules_move_is_held_and_let_go_the_best_first(scored, settings, now):
    settings.PUBLISHED_LEADS_AN_HOUR = 300
    publish(draft(10, now), by=None, now=now)
    last = list(rescore_all(now=now))[-1]
    held = dict(HeldWake.objects.values_list("lead_id", "priority"))
    assert len(held) == last.woken == ScoringRun.objects.first().held == 30
    assert not Wake.objects.exists()

    assert release_held(now=now) == 5
    woken = set(Wake.objects.values_list("lead_id", flat=True))
    assert min(held[lead] for lead in woken) >= max(held[lead] for lead in held.keys() - woken)
    assert HeldWake.objects.count() == 25


def test_all_are_let_go_in_the_end_and_none_twice(scored, settings, now):
    settings.PUBLISHED_LEADS_AN_HOUR = 300
    publish(draft(10, now), by=None, now=now)
    list(rescore_all(now=now))
    gone = [release_held(now=now + timedelta(minutes=minute)) for minute in range(8)]
    assert gone == [5, 5, 5, 5, 5, 5, 0, 0]
    assert sorted(Wake.objects.values_list("lead_id", flat=True)) == [lead.pk for lead in scored]


def test_without_a_limit_nobody_waits(scored, settings, now):
    settings.PUBLISHED_LEADS_AN_HOUR = 0
    publish(draft(10, now), by=None, now=now)
    list(rescore_all(now=now))
    assert not HeldWake.objects.exists()
    assert Wake.objects.count() == 30


def test_what_time_changes_is_never_held(scored, now):
    list(rescore_all(now=now + timedelta(days=1)))
    assert not HeldWake.objects.exists()


def test_who_does_something_is_concluded_on_at_once_and_not_held(scored, happen, now):
    publish(draft(10, now), by=None, now=now)
    happen(scored[0], "page_viewed")
    assert rescore([scored[0].pk], now=now)[scored[0].pk].mql_gate
    list(rescore_all(now=now))
    assert scored[0].pk not in set(HeldWake.objects.values_list("lead_id", flat=True))


@given(st.integers(1, 100_000), st.lists(st.integers(0, 90), max_size=80))
def test_never_more_than_allowed_within_an_hour(per_hour, gaps):
    """Whenever the worker looks (minutes between looks), however often."""
    released: list[tuple[int, int]] = []
    minute = 0
    for gap in gaps:
        minute += gap
        recent = sum(number for at, number in released if at > minute - 60)
        released.append((minute, allowance(per_hour, recent)))
        within = sum(number for at, number in released if at > minute - 60)
        assert 0 <= within <= per_hour


def test_f38_what_was_not_seen_is_not_published(scored, now):
    live, mine = live_rule_set(), draft(10, now)
    with pytest.raises(OutOfDate):
        publish_as_seen(mine, revision=mine.revision - 1, instead_of=live.version, by=None, now=now)
    theirs = draft(20, now)
    publish(theirs, by=None, now=now)
    with pytest.raises(OutOfDate):
        publish_as_seen(mine, revision=mine.revision, instead_of=live.version, by=None, now=now)
    assert live_rule_set() == theirs
    done = publish_as_seen(mine, revision=mine.revision, instead_of=theirs.version, by=None, now=now)
    assert live_rule_set() == done


def test_a_draft_that_was_thrown_away_is_not_published(scored, now):
    mine = draft(10, now)
    RuleSet.objects.filter(pk=mine.pk).update(discarded_at=now)
    with pytest.raises(NotADraft):
        publish(mine, by=None, now=now)


def test_going_back_is_a_new_version_that_says_the_same(scored, now):
    first = live_rule_set()
    second = publish(draft(10, now), by=None, now=now)
    list(rescore_all(now=now))
    first.refresh_from_db()
    back = roll_back(first, instead_of=second.version, by=None, now=now)
    assert (back.document, back.based_on, back.version) == (first.document, first, second.version + 1)
    list(rescore_all(now=now))
    assert set(LeadScore.objects.values_list("rules_version", flat=True)) == {back.version}
    assert LeadScore.objects.filter(mql_gate=True).count() == 3
    with pytest.raises(NotArchived):
        roll_back(back, instead_of=back.version, by=None, now=now)
    with pytest.raises(OutOfDate):
        roll_back(second.__class__.objects.get(pk=second.pk), instead_of=first.version, by=None, now=now)
