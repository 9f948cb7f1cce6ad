"""Batches, passes, publishing and new events at the same time, on real connections."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from leads.actions.events import record_event
from leads.kinds import SHIPPED
from leads.models import EventKind, Lead
from scoring.actions import NotADraft, bulk, make_draft, publish, rescore, rescore_all
from scoring.models import LeadScore, RuleSet, ScoreChange, ScoringRun
from scoring.queries import explain, live_rule_set
from tests.scoring.conftest import counting, document

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 3, 12, 11, 0, tzinfo=UTC)


class Elsewhere(threading.Thread):
    """Runs something on a connection of its own; ``finish`` waits and raises what it raised."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self.work = work
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self.work()
        except Exception as error:  # noqa: BLE001  # whatever it is, finish() raises it
            self.error = error
        finally:
            connection.close()

    def finish(self) -> None:
        self.join(20)
        assert not self.is_alive()
        if self.error:
            raise self.error


@pytest.fixture
def leads():
    EventKind.objects.count() or pytest.fail(f"{len(SHIPPED)} kinds are missing")
    made = [Lead.objects.create(email=f"l{n}@usine.example", created_at=NOW) for n in range(20)]
    for lead in made:
        happen(lead)
    return made


def happen(lead: Lead) -> None:
    record_event(lead_id=lead.pk, kind="page_viewed", occurred_at=NOW, now=NOW, wakes=False)


def rules(points: int) -> RuleSet:
    return make_draft(document=document(counting("page_viewed", points)), by=None, now=NOW)


def stale(now=NOW) -> list[int]:
    return [s.lead_id for s in LeadScore.objects.select_related("lead") if explain(s.lead, now=now).engagement != s.engagement]  # fmt: skip # noqa: E501


def test_f37_no_batch_ends_with_older_rules_than_the_live_ones(leads):
    """A batch that began before the publishing holds it back until its commit; the pass then redoes it."""
    publish(rules(3), by=None, now=NOW)
    new = rules(7)
    with transaction.atomic():
        rescore([lead.pk for lead in leads], now=NOW)
        publishing = Elsewhere(lambda: publish(new, by=None, now=NOW))
        publishing.join(0.3)
        assert publishing.is_alive()
    publishing.finish()
    assert live_rule_set().pk == new.pk
    list(rescore_all(now=NOW))
    assert set(LeadScore.objects.values_list("rules_version", "engagement")) == {(new.version, 7000)}


def test_f37_publishing_in_the_middle_of_batches_and_a_pass_leaves_no_mixture(leads):
    publish(rules(1), by=None, now=NOW)
    ids = [lead.pk for lead in leads]
    stop = threading.Event()

    def batches() -> None:
        while not stop.is_set():
            rescore(ids, now=NOW)

    workers = [Elsewhere(batches), Elsewhere(batches)]
    for points in (2, 3, 4):
        publish(rules(points), by=None, now=NOW)
        passing = Elsewhere(lambda: list(rescore_all(now=NOW)))
        passing.finish()
        live = live_rule_set()
        assert set(LeadScore.objects.values_list("rules_version", "engagement")) == {
            (live.version, points * 1000)
        }
    stop.set()
    for worker in workers:
        worker.finish()
    for lead in leads:
        versions = list(
            ScoreChange.objects.filter(lead=lead).order_by("id").values_list("rules_version", flat=True)
        )
        assert versions == sorted(versions)


def test_f39_an_event_during_the_pass_over_its_block_is_neither_lost_nor_doubled(leads, monkeypatch):
    """It arrives after the block was read and before it is written; its own batch waits for the pass."""
    publish(rules(5), by=None, now=NOW)
    list(rescore_all(now=NOW))
    tomorrow = NOW + timedelta(days=1)
    batches: list[Elsewhere] = []

    def meanwhile(name: str) -> None:
        if name != "recompute.mid_batch" or batches:
            return
        other = Elsewhere(lambda: happen(leads[0]))
        other.finish()
        batches.append(Elsewhere(lambda: rescore([leads[0].pk], now=tomorrow)))
        batches[0].join(0.3)
        assert batches[0].is_alive()

    monkeypatch.setattr(bulk, "failpoint", meanwhile)
    list(rescore_all(now=tomorrow))
    batches[0].finish()
    assert LeadScore.objects.get(pk=leads[0].pk).engagement == 10000
    assert stale(tomorrow) == []


def test_f39_events_and_passes_at_once_end_where_an_explanation_does(leads):
    publish(rules(1), by=None, now=NOW)

    def arrive(lead: Lead) -> None:
        for _ in range(8):
            with transaction.atomic():
                Lead.objects.select_for_update(no_key=True).get(pk=lead.pk)
                happen(lead)
            with transaction.atomic():
                Lead.objects.select_for_update(no_key=True).get(pk=lead.pk)
                rescore([lead.pk], now=NOW)

    work = [Elsewhere(lambda lead=lead: arrive(lead)) for lead in leads[:4]]
    work += [Elsewhere(lambda: list(rescore_all(now=NOW))) for _ in range(2)]
    for one in work:
        one.finish()
    assert stale() == []
    assert [LeadScore.objects.get(pk=lead.pk).engagement for lead in leads[:5]] == [9000] * 4 + [1000]
    assert not ScoringRun.objects.filter(finished_at=None).exists()


def test_f38_one_draft_is_published_once(leads):
    draft = rules(9)
    outcomes: list[str] = []

    def attempt() -> None:
        try:
            publish(draft, by=None, now=NOW)
            outcomes.append("published")
        except NotADraft:
            outcomes.append("refused")

    for one in [Elsewhere(attempt), Elsewhere(attempt)]:
        one.finish()
    assert sorted(outcomes) == ["published", "refused"]
    assert RuleSet.objects.filter(status="live").count() == 1
