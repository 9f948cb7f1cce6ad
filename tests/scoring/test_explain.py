"""Explanations: every point is accounted for, in the reader's language, now and for a past day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from leads.actions.people import update_profile
from leads.choices import Origin
from scoring.actions import load_template, rescore
from scoring.actions.publishing import TEMPLATE_CODES, make_draft, template, vocabulary
from scoring.engine.decay import SCALE, factors, worth
from scoring.engine.explain import Frame, LeadFacts, Occurrence
from scoring.engine.explain import explain as engine_explain
from scoring.engine.parse import parse
from scoring.engine.signatures import SignatureFacts
from scoring.lacking import fitted
from scoring.models import RuleSet
from scoring.programs import NoLiveRules
from scoring.queries import explain, live_rule_set, rule_sentences
from tests.scoring.conftest import counting, document

PARIS = ZoneInfo("Europe/Paris")
PAGE, CONTACT = SignatureFacts(1, "page_viewed"), SignatureFacts(2, "contact_requested", is_intent=True)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def read(made: dict, *moments: str, today: date = date(2026, 3, 12), signature: int = 1):
    found = tuple(Occurrence(n, at(moment), signature) for n, moment in enumerate(moments))
    frame = Frame({1: PAGE, 2: CONTACT}, PARIS, today)
    return engine_explain(parse(made), LeadFacts({}, found), frame)


def shown(explained, measure: str = "engagement") -> list[tuple[str, int, int]]:
    return [(line.kind, line.points, line.decay) for line in explained.lines if line.measure == measure]


def test_lines_tell_what_decay_cap_and_rounding_took_away():
    made = document(counting("page_viewed", 10, half_life=10))
    made["groups"][0]["cap"] = 12.5
    explained = read(made, "2026-03-12T10:00+01:00", "2026-03-02T10:00+01:00")
    assert shown(explained) == [
        ("event", 10000, 0),
        ("event", 5000, -5000),
        ("cap", -2500, 0),
        ("rounding", -500, 0),
    ]
    assert explained.outcome.engagement == 12500
    assert explained.shown("engagement") == 12


def test_lines_tell_what_the_clamp_took_away():
    assert shown(read(document(counting("page_viewed", 60)), *["2026-03-12T10:00+01:00"] * 2))[-1] == (
        "clamp",
        -20000,
        0,
    )
    assert shown(read(document(counting("page_viewed", -60)), "2026-03-12T10:00+01:00"))[-1] == (
        "clamp",
        60000,
        0,
    )


def test_the_newest_occurrences_are_counted_and_named():
    explained = read(
        document(counting("page_viewed", 1, most=2, one_per="day")),
        "2026-03-10T08:00+01:00", "2026-03-11T08:00+01:00",
        "2026-03-11T18:00+01:00", "2026-03-12T08:00+01:00",
    )  # fmt: skip
    assert [line.event_id for line in explained.lines] == [3, 2]


@pytest.mark.parametrize(
    ("moment", "today", "counts"),
    [
        ("2026-03-12T00:30+01:00", date(2026, 3, 12), True),
        ("2026-03-11T23:30+00:00", date(2026, 3, 12), True),
        ("2026-03-11T22:30+00:00", date(2026, 3, 12), False),
        # The night when summer time begins has 23 hours, the one when it ends 25: days are days.
        ("2026-03-28T23:30+01:00", date(2026, 3, 29), False),
        ("2026-03-29T00:30+01:00", date(2026, 3, 29), True),
        ("2026-10-24T22:30+00:00", date(2026, 10, 25), True),
        ("2026-10-25T22:59+00:00", date(2026, 10, 25), True),
        ("2026-10-25T23:01+00:00", date(2026, 10, 26), True),
    ],
)
def test_days_are_calendar_days_of_the_site(moment, today, counts):
    explained = read(document(counting("page_viewed", 5, within_days=1)), moment, today=today)
    assert explained.outcome.engagement == (5000 if counts else 0)


def test_one_an_hour_is_one_hour_on_the_wall():
    """02:30 comes twice on 25 October, and counts once."""
    made = document(counting("page_viewed", 5, one_per="hour"))
    explained = read(made, "2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00", "2026-10-25T03:30+01:00",
                     today=date(2026, 10, 25))  # fmt: skip
    assert explained.outcome.engagement == 10000


def test_one_a_week_follows_iso_weeks():
    made = document(counting("page_viewed", 5, one_per="week"))
    explained = read(made, "2025-12-28T12:00+01:00", "2025-12-29T12:00+01:00", "2026-01-04T12:00+01:00")
    assert explained.outcome.engagement == 10000


def test_decay_halves_exactly_and_ends_at_nothing():
    table = factors(7)
    assert (table[0], table[7], table[14], table[-1]) == (SCALE, SCALE // 2, SCALE // 4, 0)
    assert list(table) == sorted(table, reverse=True)
    assert worth(-1, 1)[:3] == (-1, -1, -1)
    assert worth(-1, 1)[-1] == 0


def test_hot_needs_an_act_of_intent():
    """However much somebody reads, and whatever the table says."""
    made = document(counting("page_viewed", 50), counting("contact_requested", 50))
    enough = {"score": "engagement", "at_least": 40}
    made["temperatures"] = [{"temperature": name, "when": enough} for name in ("hot", "warm")]
    assert read(made, "2026-03-12T10:00+01:00").outcome.temperature == "warm"
    assert read(made, "2026-03-12T10:00+01:00", signature=2).outcome.temperature == "hot"


def test_a_gate_says_what_opened_it_and_keeps_open_below_its_threshold():
    made = document(counting("page_viewed", 10))
    made["gates"]["ready"] = {
        "when": {"score": "engagement", "at_least": 40},
        "keep": {"score": "engagement", "at_least": 20},
        "fast": [{"code": "asked", "when": {"event": {"kind": ["contact_requested"]}}}],
    }
    today = "2026-03-12T10:00+01:00"
    readings = {}
    for pages in (1, 2, 4):
        explained = read(made, *[today] * pages)
        readings[pages] = (explained.ready.value, explained.outcome.ready_gate, explained.outcome.ready_keep)
    assert readings == {1: ("shut", False, False), 2: ("kept", False, True), 4: ("open", True, True)}
    assert [(one.held, one.found) for one in read(made, *[today] * 2).ready.findings] == [(False, 20)]
    asked = read(made, today, signature=2)
    assert (asked.ready.value, asked.outcome.fast_path, asked.outcome.mql_gate) == ("fast", "asked", True)


def test_priority_is_the_sum_of_its_parts():
    made = document(counting("contact_requested", 30), temperatures=[
        {"temperature": "hot", "when": {"score": "engagement", "at_least": 1}}])  # fmt: skip
    explained = read(made, "2026-03-12T10:00+01:00", signature=2)
    assert explained.priority == (("scores", 30), ("temperature", 50), ("fast_path", 0))
    assert explained.outcome.priority == 80


@pytest.mark.django_db
class TestThirdArticle:
    """One white paper → MQL; several e-books, an event or a contact request → ready for sales."""

    @pytest.fixture
    def verdict(self, make_lead, now):
        load_template("agency", by=None, now=now)
        lead = make_lead()
        return lead, lambda: rescore([lead.pk], now=now)[lead.pk]

    def test_nothing_done(self, verdict):
        _, read_it = verdict
        assert (read_it().mql_gate, read_it().ready_gate) == (False, False)

    def test_one_white_paper_makes_an_mql_and_no_more(self, verdict, happen, make_content):
        lead, read_it = verdict
        paper = make_content("white_paper")
        for _ in range(3):  # the same one again changes nothing
            happen(lead, "content_downloaded", content=paper)
            assert (read_it().mql_gate, read_it().ready_gate, read_it().temperature) == (True, False, "cold")

    def test_several_e_books_make_it_ready(self, verdict, happen, make_content):
        lead, read_it = verdict
        happen(lead, "content_downloaded", content=make_content("ebook"))
        assert not read_it().ready_gate
        happen(lead, "content_downloaded", content=make_content("ebook"))
        assert (read_it().ready_gate, read_it().fast_path) == (True, "")

    @pytest.mark.parametrize("kind", ["event_attended", "webinar_attended"])
    def test_an_event_makes_it_ready(self, verdict, happen, kind):
        lead, read_it = verdict
        happen(lead, kind)
        assert (read_it().mql_gate, read_it().ready_gate) == (True, True)

    def test_a_contact_request_makes_it_ready_at_once(self, verdict, happen):
        lead, read_it = verdict
        happen(lead, "contact_requested")
        now_read = read_it()
        assert (now_read.ready_gate, now_read.fast_path, now_read.temperature) == (
            True,
            "contact_request",
            "hot",
        )

    def test_the_newsletter_alone_makes_an_mql(self, verdict, happen):
        lead, read_it = verdict
        happen(lead, "newsletter_subscribed")
        assert (read_it().mql_gate, read_it().ready_gate) == (True, False)


@pytest.mark.django_db
def test_an_explanation_speaks_the_readers_language(make_lead, happen, now):
    load_template("b2b_services", by=None, now=now)
    lead = make_lead(seniority="director")
    happen(lead, "contact_requested", days=3)
    with translation.override("fr"):
        explained = explain(lead, now=now)
    assert [line.text for line in explained.fit_lines] == ["Direction"]
    assert explained.engagement_lines[0].text == "Demande de contact ou appel"
    assert explained.engagement_lines[0].decay < 0
    assert len(explained.reasons) == 2
    with translation.override("en"):
        explained = explain(lead, now=now)
    assert explained.reasons[0].text.startswith("Contact requested, or a call in, once, 3 days ago (+3")
    assert explained.reasons[1].text == "Executive or director (+15)"
    assert "phone" in explained.missing
    assert explained.shown_engagement == sum(line.points for line in explained.engagement_lines) // 1000


@pytest.mark.django_db
def test_a_past_day_is_explained_by_what_was_known_and_live_then(make_lead, happen, publish_document, now):
    sector = {
        "code": "s",
        "name": "s",
        "points": 9,
        "when": {"field": "seniority", "op": "is", "value": "director"},
    }
    publish_document(document(counting("page_viewed", 5), sector), at=now - timedelta(days=20))
    lead = make_lead(seniority="director")
    happen(lead, "page_viewed", days=15, received=now - timedelta(days=15))
    then = explain(lead, at=now - timedelta(days=10))
    assert (then.engagement, then.rules_version) == (14000, live_rule_set().version)

    happen(lead, "page_viewed", days=15, received=now)  # happened then, became known today
    update_profile(lead=lead, changes={"seniority": "staff"}, origin=Origin.SALES, now=now)
    publish_document(document(counting("page_viewed", 7)), at=now)
    again = explain(lead, at=now - timedelta(days=10))
    assert (again.engagement, again.rules_version) == (then.engagement, then.rules_version)
    assert explain(lead, now=now + timedelta(minutes=1)).engagement == 14000
    with pytest.raises(NoLiveRules):
        explain(lead, at=datetime(2020, 1, 1, tzinfo=UTC))


@pytest.mark.django_db
@pytest.mark.parametrize("code", TEMPLATE_CODES)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_rule_and_gate_can_be_read_as_a_sentence(code, language, now):
    draft = make_draft(document=fitted(template(code), vocabulary()), by=None, now=now)
    with translation.override(language):
        said = rule_sentences(draft)
    rules = sum(len(group["rules"]) for group in draft.document["groups"])
    assert len(said) >= rules + 3
    assert all(one.group and one.name and one.sentence for one in said)
    assert not any("%(" in one.sentence for one in said)


@pytest.mark.django_db
def test_sentences_say_counts_windows_and_decay(now):
    made = document(counting("page_viewed", 5, one_per="day", within_days=30, most=3, half_life=10))
    with translation.override("en"):
        said = rule_sentences(make_draft(document=made, by=None, now=now))
    assert (
        said[0].sentence
        == "for each: page viewed, one a day, within 30 days, at most 3, half as much every 10 days"
    )
    assert said[1].sentence == "engagement at least 10"


@pytest.mark.django_db
def test_sentences_name_personas(now):
    with translation.override("en"):
        said = rule_sentences(make_draft(document=template("b2b_services"), by=None, now=now))
    alike = [one.sentence for one in said if "resembles" in one.sentence]
    assert alike == ["resembles Head of an industrial company at 60 % at least"]


@pytest.mark.django_db
def test_a_published_version_is_immutable(now):
    live = RuleSet.objects.get(status="live")
    live.document = document(counting("page_viewed", 1))
    with pytest.raises(Exception, match="Cannot update"):
        live.save()
