"""Where a lead stands and what it consents to: asked of the database and of the plain reader alike."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from funnel.stages import Stage
from leads.actions.consent import record_consent
from leads.choices import CONSENTED, ConsentState, ContactChannel, Origin, Purpose
from leads.models import Lead, ProfileChange
from scoring.actions import rescore
from scoring.choices import Consent
from scoring.choices import Stage as StageWords
from scoring.engine.fields import CONSENTS, PURPOSES, STAGES
from scoring.engine.parse import parse
from scoring.engine.reading import RuleError
from scoring.queries import explain
from scoring.sentences import condition_sentence
from tests.scoring.conftest import counting, document
from tests.scoring.test_rescore import explained, stored

pytestmark = pytest.mark.django_db


def fit_document(*questions):
    """Each question is worth another power of two."""
    rules = [
        {"code": f"r{n}", "name": "r", "points": 2**n, "when": question}
        for n, question in enumerate(questions)
    ]
    live = document(*rules)
    live["groups"][0]["measures"] = "fit"
    return live


def consent(word, purpose="newsletter"):
    return {"field": f"consent.{purpose}", "op": "is", "value": word}


def test_the_words_are_those_of_the_funnel_and_of_the_ledger():
    assert STAGES == tuple(Stage) == tuple(StageWords.values)
    # Whether somebody may be passed on says nothing about what they are interested in.
    assert {*PURPOSES, Purpose.TRANSFER} == {code for code, _label in CONSENTED}
    assert tuple(Consent.values) == CONSENTS


def test_the_last_word_about_a_purpose_counts_whatever_its_channel(make_lead, publish_document, now):
    publish_document(
        fit_document(
            consent("given"), consent("withdrawn"), consent("unknown"), consent("given", "sales"),
            {"field": "consent.newsletter", "op": "not_in", "value": ["given", "unknown"]},
            {"field": "consent.tracking", "op": "is_set"},
        ),
        at=now - timedelta(days=30),
    )  # fmt: skip
    silent, given, withdrawn, denied, other = leads = [make_lead() for _ in range(5)]

    def says(lead, state, days, channel=ContactChannel.EMAIL, purpose=Purpose.NEWSLETTER):
        at = now - timedelta(days=days)
        record_consent(lead=lead, purpose=purpose, state=state, channel=channel, now=at)

    says(given, ConsentState.WITHDRAWN, 9)
    says(given, ConsentState.GRANTED, 5)
    says(withdrawn, ConsentState.GRANTED, 5)
    says(withdrawn, ConsentState.WITHDRAWN, 3, channel=ContactChannel.PHONE)
    says(denied, ConsentState.DENIED, 2)
    says(other, ConsentState.GRANTED, 2, purpose=Purpose.SALES)
    rescore([lead.pk for lead in leads], now=now)
    for lead in leads:
        assert stored(lead) == explained(lead, now=now)
    shown = {lead: explain(lead, now=now).shown_fit for lead in leads}
    assert shown == {silent: 36, given: 33, withdrawn: 50, denied: 50, other: 44}
    assert explain(withdrawn, at=now - timedelta(days=4)).shown_fit == 33
    assert explain(withdrawn, at=now - timedelta(days=6)).shown_fit == 36


def test_a_group_may_be_for_some_stages_only(make_lead, happen, publish_document, now):
    live = document(counting("page_viewed", 7))
    live["groups"][0]["stages"] = ["lead", "recycled"]
    publish_document(live)
    leads = [make_lead() for _ in STAGES]
    for lead, stage in zip(leads, STAGES, strict=True):
        happen(lead, "page_viewed", days=1)
        Lead.objects.filter(pk=lead.pk).update(stage=stage)
        lead.refresh_from_db()
    rescore([lead.pk for lead in leads], now=now)
    assert [stored(lead) for lead in leads] == [explained(lead, now=now) for lead in leads]
    counted = {lead.stage for lead in leads if explain(lead, now=now).shown_engagement}
    assert counted == {"lead", "recycled"}


def test_the_past_is_read_by_the_stage_of_the_time(make_lead, publish_document, now):
    publish_document(
        fit_document(*({"field": "stage", "op": "is", "value": one} for one in ("lead", "mql", "sal"))),
        at=now - timedelta(days=30),
    )
    lead = make_lead(created_at=now - timedelta(days=30))
    passed = (("lead", "mql", 20), ("mql", "lead", 10), ("lead", "mql", 10), ("mql", "sal", 1))
    ProfileChange.objects.bulk_create(
        ProfileChange(
            lead=lead, field="stage", old=old, new=new, origin=Origin.DEDUCED, at=now - timedelta(days=day)
        )
        for old, new, day in passed
    )
    Lead.objects.filter(pk=lead.pk).update(stage="sal")
    lead.refresh_from_db()
    told = {day: explain(lead, at=now - timedelta(days=day)).shown_fit for day in (25, 15, 5, 0)}
    assert told == {25: 1, 15: 2, 5: 2, 0: 4}


@pytest.mark.parametrize(
    ("field", "value"), [("stage", "mq1"), ("consent.newsletter", "granted"), ("stage", ["lead", "won"])],
    ids=["stage", "consent", "one-of-several"],
)  # fmt: skip
def test_b58_a_word_that_the_field_cannot_hold_is_refused(field, value):
    operator = "in" if isinstance(value, list) else "is"
    with pytest.raises(RuleError) as refused:
        parse(fit_document({"field": field, "op": operator, "value": value}))
    assert refused.value.path == "$.groups[0].rules[0].when.value"


def test_b58_an_unknown_purpose_or_stage_is_refused():
    with pytest.raises(RuleError):
        parse(fit_document(consent("given", "transactional")))
    live = document(counting("page_viewed", 1))
    live["groups"][0]["stages"] = ["visitor"]
    with pytest.raises(RuleError) as refused:
        parse(live)
    assert refused.value.path == "$.groups[0].stages[0]"


def test_they_are_told_in_words():
    tree = parse(fit_document({"all": [consent("given"), {"field": "stage", "op": "is", "value": "mql"}]}))
    (rule,) = tree.groups[0].rules
    with translation.override("en"):
        words = condition_sentence(rule.when)
    assert words == "Consent to the newsletter: Given and Stage: MQL"


def test_what_is_switched_off_is_checked_and_never_counted(make_lead, happen, publish_document, now):
    lead = make_lead(seniority="manager")
    happen(lead, "page_viewed", days=1)
    happen(lead, "pricing_viewed", days=1)
    live = document(counting("page_viewed", 5), counting("pricing_viewed", 20) | {"enabled": False})
    off = {"field": "seniority", "op": "is_set"}
    rules = [{"code": "off", "name": "off", "points": 50, "when": off}]
    live["groups"].append({"code": "g2", "name": "g2", "measures": "fit", "enabled": False, "rules": rules})
    tree = parse(live)
    assert "seniority" not in tree.fields()
    assert {match.kinds for match in tree.matches()} == {("page_viewed",)}
    publish_document(live)
    rescore([lead.pk], now=now)
    assert stored(lead) == explained(lead, now=now)
    told = explain(lead, now=now)
    assert (told.shown_fit, told.shown_engagement) == (0, 5)
    rules[0]["when"] = {"field": "nonsense", "op": "is_set"}
    with pytest.raises(RuleError):
        parse(live)
