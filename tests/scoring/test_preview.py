"""A preview counts exactly what publishing would do, and does nothing."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection

from leads.models import Wake
from scoring.actions import make_draft, publish, rescore_all
from scoring.engine.signatures import PropertyPredicate
from scoring.models import LeadScore, ScoreChange
from scoring.preview import NOT_SCORED, preview
from tests.scoring.conftest import counting, document

pytestmark = pytest.mark.django_db


@pytest.fixture
def some_leads(make_lead, happen):
    leads = [make_lead() for _ in range(12)]
    for number, lead in enumerate(leads):
        for _ in range(number):
            happen(lead, "page_viewed")
        if number % 3 == 0:
            happen(lead, "webinar_attended", days=number)
    return leads


@pytest.fixture
def draft(db, now):
    def make(*rules: dict):
        return make_draft(document=document(*rules), by=None, now=now)

    return make


def all_of(found) -> object:
    *_, last = found
    return last


def cells() -> dict[int, str]:
    return {one.lead_id: str(one).split(": ")[1] for one in LeadScore.objects.all()}


def gates(name: str) -> set[int]:
    return set(LeadScore.objects.filter(**{name: True}).values_list("lead_id", flat=True))


def test_it_foretells_what_publishing_does(some_leads, publish_document, draft, now):
    publish_document(document(counting("page_viewed", 5)))
    list(rescore_all(now=now))
    other = draft(counting("page_viewed", 1), counting("webinar_attended", 42))
    foretold = all_of(preview(other, now=now))
    before, mql, ready = cells(), gates("mql_gate"), gates("ready_gate")

    publish(other, by=None, now=now)
    list(rescore_all(now=now))
    assert foretold.moves == Counter((before[pk], cell) for pk, cell in cells().items())
    assert foretold.moving == sum(before[pk] != cell for pk, cell in cells().items()) > 0
    for gate, had, has in (
        (foretold.mql, mql, gates("mql_gate")),
        (foretold.ready, ready, gates("ready_gate")),
    ):
        assert (gate.before, gate.after) == (len(had), len(has))
        assert (gate.entering, gate.leaving) == (len(has - had), len(had - has))
    assert (foretold.leads, foretold.expected, foretold.progress) == (12, 12, 1)


def test_it_writes_nothing_and_leaves_the_live_rules_alone(some_leads, publish_document, draft, now):
    live = publish_document(document(counting("page_viewed", 5)))
    list(rescore_all(now=now))
    kept = (row_versions(), ScoreChange.objects.count(), Wake.objects.count())
    all_of(preview(draft(counting("page_viewed", 50)), now=now))
    assert (row_versions(), ScoreChange.objects.count(), Wake.objects.count()) == kept
    assert list(rescore_all(now=now))[-1].changed == 0
    assert set(LeadScore.objects.values_list("rules_version", flat=True)) == {live.version}


def row_versions():
    with connection.cursor() as cursor:
        cursor.execute("SELECT lead_id, ctid::text, xmin::text FROM scoring_leadscore ORDER BY 1")
        return cursor.fetchall()


def test_who_was_never_scored_moves_in_from_nowhere(some_leads, draft, now):
    found = all_of(preview(draft(counting("page_viewed", 5)), now=now))
    assert {before for before, _ in found.moves} == {NOT_SCORED}
    assert found.mql.entering == found.mql.after == 10


def test_a_sample_reads_every_nth_lead(some_leads, draft, now):
    found = all_of(preview(draft(counting("page_viewed", 5)), now=now, every=4))
    assert (found.leads, found.expected) == (3, 3)


def test_a_base_without_leads_has_no_counts(draft, now):
    assert list(preview(draft(counting("page_viewed", 5)), now=now)) == []


def test_new_questions_about_properties_are_named(some_leads, draft, now):
    asks = {"kind": ["page_viewed"], "properties": [{"path": "pages", "op": "at_least", "value": 3}]}
    rule = {"code": "deep", "name": "Deep", "points": 5, "count": {"event": asks}}
    found = all_of(preview(draft(rule), now=now))
    assert found.unanswered == (PropertyPredicate("pages", "at_least", 3),)
    assert found.mql.after == 0
