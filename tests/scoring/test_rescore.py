"""Rescoring writes what explaining says, and only what differs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from leads.actions.events import new_event, record_events
from leads.kinds import BY_CODE
from leads.models import NOT_COUNTED, Company, Content, Event, Verdict, Wake
from leads.models.lists import List, ListMembership
from scoring.actions import load_template, rescore, rescore_all
from scoring.models import LeadScore, RuleSet, ScoreChange, ScoringRun
from scoring.queries import explain, live_rule_set
from tests.scoring.conftest import counting, document

pytestmark = pytest.mark.django_db
KINDS = (
    "page_viewed", "content_downloaded", "pricing_viewed", "contact_requested", "webinar_attended",
    "email_opened", "meeting_missed", "unsubscribed", "video_watched", "newsletter_subscribed",
)  # fmt: skip


def read_all(now):
    return list(rescore_all(now=now))[-1]


@pytest.fixture
def many_leads(make_lead, make_content, now):
    """Forty leads of all sorts with a year of events, some of them at night, some by machines."""
    sectors = ["industry", "retail", "", "public"]
    companies = [
        Company.objects.create(
            name=f"C{n}",
            sector=sectors[n % 4],
            headcount=["50_249", "1_9"][n % 2],
            turnover="10m_50m" if n % 3 else "",
            country="FR" if n % 2 else "",
            created_at=now,
        )
        for n in range(6)
    ]
    contents = [make_content(kind) for kind in ("ebook", "white_paper", "case_study", "price_list")]
    leads = [
        make_lead(
            company=companies[n % 6] if n % 5 else None,
            seniority=["executive", "manager", "student", ""][n % 4],
            company_role=["decision_maker", "user", ""][n % 3],
            budget_range=["20k_50k", "5k_20k", ""][n % 3],
            project_month=(now + timedelta(days=40 * (n % 7))).date().replace(day=1) if n % 2 else None,
            audience=["b2b", "b2c", "unknown"][n % 3],
            first_name="Ana" if n % 2 else "",
            need="Une pompe\nneuve" if n % 4 else "",
            interests=["energie"] if n % 3 else [],
            custom={"taille": n} if n % 2 else {},
        )
        for n in range(40)
    ]
    record_events(
        [
            new_event(
                lead_id=lead.pk,
                kind_id=BY_CODE[KINDS[(n * 7 + step * 3) % len(KINDS)]].id,
                occurred_at=now - timedelta(hours=(n * 53 + step * 31) % 9000, seconds=step),
                source_id=2,
                event_id=f"{n}-{step}",
                properties={"pages": step} if step % 2 else {},
                content_id=contents[step % 4].pk if step % 3 == 0 else None,
                channel=["seo", ""][step % 2],
                verdict=Verdict.MACHINE if step % 11 == 0 else Verdict.UNKNOWN,
            )
            for n, lead in enumerate(leads)
            for step in range(n % 13)
        ],
        now=now,
    )
    return leads


def stored(lead):
    score = LeadScore.objects.get(pk=lead.pk)
    return {name: getattr(score, name) for name in (
        "fit", "engagement", "grade", "level", "phase", "temperature", "completeness", "mql_gate", "mql_keep",
        "ready_gate", "ready_keep", "priority")}  # fmt: skip


def explained(lead, **when):
    outcome = explain(lead, **when).outcome
    return {name: getattr(outcome, name) for name in (
        "fit", "engagement", "grade", "level", "phase", "temperature", "completeness", "mql_gate", "mql_keep",
        "ready_gate", "ready_keep", "priority")}  # fmt: skip


@pytest.mark.parametrize("template", ["b2b_services", "agency"])
def test_what_is_stored_is_what_is_explained(many_leads, now, template):
    load_template(template, by=None, now=now)
    verdicts = rescore([lead.pk for lead in many_leads], now=now)
    for lead in many_leads:
        assert stored(lead) == explained(lead, now=now)
        verdict = verdicts[lead.pk]
        assert (verdict.fit, verdict.priority) == (stored(lead)["fit"], stored(lead)["priority"])
        assert verdict.changed
        assert verdict.band_changed
    assert LeadScore.objects.values("grade").distinct().count() > 1
    assert LeadScore.objects.values("engagement").distinct().count() > 5


def test_a_pass_over_all_stores_the_same(many_leads, now):
    progress = read_all(now)
    assert (progress.leads, progress.changed, progress.woken) == (40, 40, 40)
    whole = {lead.pk: stored(lead) for lead in many_leads}
    verdicts = rescore([lead.pk for lead in many_leads], now=now)
    assert not any(verdict.changed or verdict.band_changed for verdict in verdicts.values())
    assert whole == {lead.pk: explained(lead, now=now) for lead in many_leads}


def test_unchanged_rows_are_not_written(many_leads, now):
    read_all(now)
    before = row_versions()
    later = now + timedelta(minutes=5)
    assert read_all(later).changed == 0
    rescore([lead.pk for lead in many_leads], now=later)
    assert row_versions() == before
    assert ScoreChange.objects.count() == 40


def test_scores_are_updated_in_place_unless_a_lead_is_hot(make_lead, happen, publish_document, now):
    """No index holds what changes with every score, so that a pass over everybody writes no index entries."""
    warmth = [{"temperature": "hot", "when": {"score": "engagement", "at_least": 20}}]
    publish_document(document(counting("contact_requested", 40, half_life=30), temperatures=warmth))
    cold, hot = make_lead(), make_lead()
    happen(cold, "contact_requested", days=100)
    happen(hot, "contact_requested")
    read_all(now)
    with connection.cursor() as cursor:
        before = updates(cursor)
        assert read_all(now + timedelta(days=1)).changed == 2
        after = updates(cursor)
    assert [after[n] - before[n] for n in (0, 1)] == [2, 1]
    assert LeadScore.objects.get(pk=cold.pk).hot_priority is None
    assert LeadScore.objects.get(pk=hot.pk).hot_priority == LeadScore.objects.get(pk=hot.pk).priority


def updates(cursor):
    """How many rows this transaction updated so far, and how many of them in place."""
    cursor.execute(
        "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables WHERE relname = 'scoring_leadscore'"
    )
    return cursor.fetchone()


def row_versions():
    with connection.cursor() as cursor:
        cursor.execute("SELECT lead_id, ctid::text, xmin::text FROM scoring_leadscore ORDER BY 1")
        return cursor.fetchall()


def test_the_first_score_and_each_change_are_remembered(make_lead, happen, publish_document, now):
    publish_document(document(counting("page_viewed", 5), counting("contact_requested", 40)))
    lead = make_lead()
    happen(lead, "page_viewed")
    rescore([lead.pk], now=now)
    happen(lead, "contact_requested")
    verdict = rescore([lead.pk], now=now)[lead.pk]
    changes = ScoreChange.objects.filter(lead=lead).order_by("id")
    assert [(one.engagement, one.level, one.cause) for one in changes] == [
        (5000, 4, "event"),
        (45000, 3, "event"),
    ]
    newest = Event.objects.filter(lead=lead).order_by("-id").first()
    assert changes[1].event_id == newest.pk
    assert (verdict.mql_gate, verdict.ready_gate, verdict.band_changed) == (True, True, True)


def test_a_pass_wakes_only_whose_band_changed(make_lead, happen, publish_document, now):
    """One lead cools below its gate overnight, the other one loses points only."""
    publish_document(
        document(counting("page_viewed", 1), counting("webinar_attended", 16, half_life=1, most=1))
    )
    cooling, steady = make_lead(), make_lead()
    for lead, pages in ((cooling, 0), (steady, 22)):
        happen(lead, "webinar_attended")
        for _ in range(pages):
            happen(lead, "page_viewed")
    read_all(now)
    Wake.objects.all().delete()
    progress = read_all(now + timedelta(days=2))
    assert (progress.changed, progress.woken) == (2, 1)
    assert list(Wake.objects.values_list("lead_id", flat=True)) == [cooling.pk]
    assert set(ScoreChange.objects.filter(at__gt=now).values_list("cause", flat=True)) == {"midnight"}


def test_a_voided_event_no_longer_counts(make_lead, happen, publish_document, now):
    publish_document(document(counting("page_viewed", 5)))
    lead = make_lead()
    happen(lead, "page_viewed")
    happen(lead, "page_viewed")
    rescore([lead.pk], now=now)
    later = now + timedelta(hours=1)
    first = Event.objects.filter(lead=lead).order_by("id").first()
    Event.objects.filter(pk=first.pk).update(voided_at=later, signature_id=NOT_COUNTED)
    assert rescore([lead.pk], now=later)[lead.pk].engagement == 5000
    assert explain(lead, now=later).engagement == 5000
    # What was known then still counts for then.
    assert explain(lead, at=now).engagement == 10000


def test_machines_and_opened_mails_never_score(make_lead, happen, publish_document, now):
    publish_document(document({"code": "any", "name": "any", "points": 5,
                               "count": {"event": {"channel": ["newsletter", "emailing"]}}}))  # fmt: skip
    lead = make_lead()
    happen(lead, "email_opened", channel="newsletter")
    event = new_event(lead_id=lead.pk, kind_id=1, occurred_at=now, source_id=0, event_id="m", properties={},
                      channel="newsletter", verdict=Verdict.MACHINE)  # fmt: skip
    record_events([event], now=now)
    assert rescore([lead.pk], now=now)[lead.pk].engagement == 0
    assert explain(lead, now=now).engagement == 0
    happen(lead, "page_viewed", channel="newsletter")
    assert rescore([lead.pk], now=now)[lead.pk].engagement == 5000


def test_f34_a_late_event_counts_as_if_it_had_come_in_time(make_lead, happen, publish_document, now):
    publish_document(document(counting("page_viewed", 10, half_life=7, most=2, one_per="day")))
    punctual, late = make_lead(), make_lead()
    for lead, order in ((punctual, (20, 9, 2)), (late, (2, 20, 9))):
        for days in order:
            happen(lead, "page_viewed", days=days)
            rescore([lead.pk], now=now)
    assert stored(punctual) == stored(late)
    assert stored(late)["engagement"] > 0


def test_f42_nights_skipped_or_doubled_change_nothing(make_lead, happen, publish_document, now):
    publish_document(
        document(counting("page_viewed", 37, half_life=3), counting("pricing_viewed", 50, half_life=11))
    )
    nightly, seldom = make_lead(), make_lead()
    for lead in (nightly, seldom):
        happen(lead, "page_viewed")
        happen(lead, "pricing_viewed", days=4)
    for day in range(6):
        for _ in range(2):
            rescore([nightly.pk], now=now + timedelta(days=day))
    rescore([seldom.pk], now=now + timedelta(days=5))
    assert stored(nightly)["engagement"] == stored(seldom)["engagement"] > 0


def test_f35_an_imported_event_of_last_year_has_decayed(make_lead, happen, publish_document, now):
    publish_document(document(counting("page_viewed", 64, half_life=100)))
    lead = make_lead()
    happen(lead, "page_viewed", days=400)
    assert rescore([lead.pk], now=now)[lead.pk].engagement == 4000


def test_new_rules_are_seen_by_the_next_batch(make_lead, happen, publish_document, now):
    publish_document(document(counting("page_viewed", 5)))
    lead = make_lead()
    happen(lead, "page_viewed")
    first = rescore([lead.pk], now=now)[lead.pk]
    publish_document(document(counting("page_viewed", 20)))
    second = rescore([lead.pk], now=now)[lead.pk]
    assert (first.engagement, second.engagement) == (5000, 20000)
    assert second.rules_version == first.rules_version + 1
    assert ScoreChange.objects.filter(lead=lead).order_by("-id").first().cause == "publish"


def test_f37_a_pass_begins_again_under_newly_published_rules(make_lead, publish_document, now):
    publish_document(document(counting("page_viewed", 5)))
    make_lead()
    far = make_lead(pk=100_000)
    assert far.pk >> 14
    passing = rescore_all(now=now)
    assert next(passing).leads == 1
    publish_document(document(counting("page_viewed", 20)))
    list(passing)
    # The pass that publishing asked for replaces the interrupted one.
    read_all(now)
    live = live_rule_set().version
    assert set(LeadScore.objects.values_list("rules_version", flat=True)) == {live}
    assert not ScoringRun.objects.filter(finished_at=None).exists()


def test_an_interrupted_pass_goes_on_where_it_stopped(make_lead, publish_document, now):
    publish_document(document(counting("page_viewed", 5)))
    make_lead()
    make_lead(pk=100_000)
    first = next(rescore_all(now=now))
    assert (first.leads, first.is_finished) == (1, False)
    rest = list(rescore_all(now=now))
    assert [(one.leads, one.is_finished) for one in rest] == [(2, False), (2, True)]


def test_edited_content_is_read_anew(make_lead, make_content, happen, publish_document, now):
    rule = {"code": "e", "name": "e", "points": 5,
            "count": {"event": {"kind": ["content_downloaded"], "content_type": ["ebook"]}}}  # fmt: skip
    publish_document(document(rule))
    lead, piece = make_lead(), make_content("ebook")
    happen(lead, "content_downloaded", content=piece)
    assert rescore([lead.pk], now=now)[lead.pk].engagement == 5000
    Content.objects.filter(pk=piece.pk).update(type="webinar")
    assert rescore([lead.pk], now=now)[lead.pk].engagement == 0


def test_questions_about_properties_are_answered_for_the_past_too(make_lead, happen, publish_document, now):
    lead = make_lead()
    happen(lead, "page_viewed", properties={"pages": 5})
    happen(lead, "page_viewed", properties={"pages": 1})
    rule = {"code": "p", "name": "p", "points": 5, "count": {"event": {
        "properties": [{"path": "pages", "op": "at_least", "value": 3}]}}}  # fmt: skip
    publish_document(document(rule))
    assert rescore([lead.pk], now=now)[lead.pk].engagement == 5000
    happen(lead, "page_viewed", properties={"pages": 9})
    assert rescore([lead.pk], now=now)[lead.pk].engagement == 10000 == explain(lead, now=now).engagement


def test_lists_and_custom_fields_count(make_lead, publish_document, now):
    chosen = List.objects.create(code="salon", name="Salon", created_at=now)
    publish_document(document(
        {"code": "a", "name": "a", "points": 5, "when": {"list": "salon"}},
        {"code": "b", "name": "b", "points": 7,
         "when": {"field": "custom.taille", "op": "at_least", "value": 10}},
    ))  # fmt: skip
    member, big, left = make_lead(), make_lead(custom={"taille": 12}), make_lead()
    ListMembership.objects.create(list=chosen, lead=member, joined_at=now)
    ListMembership.objects.create(list=chosen, lead=left, joined_at=now, left_at=now)
    verdicts = rescore([member.pk, big.pk, left.pk], now=now)
    assert [verdicts[lead.pk].engagement for lead in (member, big, left)] == [5000, 7000, 0]
    assert [explain(lead, now=now).engagement for lead in (member, big, left)] == [5000, 7000, 0]


def test_leads_that_are_gone_are_left_out(make_lead, now):
    here, gone = make_lead(), make_lead(erased_at=now)
    merged = make_lead(merged_into=here)
    assert set(rescore([here.pk, gone.pk, merged.pk, 10**9], now=now)) == {here.pk}
    assert rescore([], now=now) == {}
    read_all(now)
    assert set(LeadScore.objects.values_list("lead_id", flat=True)) == {here.pk}


def test_an_installation_begins_with_the_shipped_rules(db):
    assert RuleSet.objects.get(status="live").name == "Services B2B"


def test_many_signatures_are_learnt_on_the_way(make_lead, make_content, happen, publish_document, now):
    publish_document(document(counting("content_downloaded", 1)))
    lead = make_lead()
    for number in range(40):
        happen(lead, "content_downloaded", content=make_content("ebook"))
        assert rescore([lead.pk], now=now)[lead.pk].engagement == 1000 * (number + 1)


def test_history_keeps_what_people_see_not_every_thousandth(make_lead, happen, publish_document, now):
    publish_document(document(counting("page_viewed", 20, half_life=365)))
    lead = make_lead()
    happen(lead, "page_viewed")
    days = [rescore([lead.pk], now=now + timedelta(days=day))[lead.pk].engagement for day in range(60)]
    assert len(set(days)) == 60
    kept = ScoreChange.objects.filter(lead=lead).order_by("id").values_list("engagement", flat=True)
    assert [points // 1000 for points in kept] == [20, 19, 18, 17]
