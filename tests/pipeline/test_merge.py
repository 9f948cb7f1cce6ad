"""Two leads are one person: merged with everything, parted again exactly (fault F47, invariants I7, I13)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from funnel import actions as funnel_actions
from funnel.models import Offer, Opportunity, Passage, Rep, Standing
from leads.actions.agenda import wake
from leads.actions.consent import record_consent, suppress
from leads.actions.events import record_event
from leads.actions.merge import CannotMerge, bring_home, merge, preview, unmerge, unmerge_preview
from leads.actions.people import Identity, recognise, update_profile
from leads.choices import ConsentState, ContactChannel, Origin, Purpose, SuppressionReason
from leads.consent import may_contact
from leads.lead_links import column_of, lead_links
from leads.merging import Why
from leads.models import DuplicateCandidate, Event, Lead, List, ListMembership, Merge, Suppression, Wake
from leads.normalise import normalise_email
from leads.queries import contact_facts, origins
from nurturing.models import Enrolment, Track
from nurturing.queries import sent_to
from pipeline.invariants import CHECKS
from pipeline.run import run_until_idle

pytestmark = pytest.mark.django_db

LATER = timedelta(minutes=5)
# Conclusions: drawn anew after parting. And the agenda, which says only "look".
CONCLUSIONS = {"scoring_leadscore", "scoring_scorechange", "leads_wake", "leads_leadkeys"}


def snapshot(*leads: Lead) -> dict[str, list[Any]]:
    """Every row of every declared table that names one of the leads, as the database has it."""
    ids = [lead.pk for lead in leads]
    found: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:
        for model, link in lead_links():
            table = model._meta.db_table
            if "__" in link.key or not link.key or table in CONCLUSIONS or model is Merge:
                continue
            key = "id" if link.key == "pk" else column_of(model, link.key)
            cursor.execute(f"SELECT to_jsonb(one)::text FROM {table} AS one WHERE one.{key} = ANY(%s)", [ids])
            rows = [json.loads(row[0]) for row in cursor.fetchall()]
            rows = [row for row in rows if row.get("event_id", "")[:6] != "merge:"]
            found[table] = sorted(json.dumps(without_conclusions(row), sort_keys=True) for row in rows)
        cursor.execute("SELECT to_jsonb(one)::text FROM leads_suppression AS one")
        found["suppressions"] = sorted(row[0] for row in cursor.fetchall())
    return found


def differences(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> list[str]:
    """Rows that are not the same, table by table."""
    return [
        f"{table} {sign} {row}"
        for table in before.keys() | after.keys()
        for sign, one, other in (("-", before, after), ("+", after, before))
        for row in one.get(table, [])
        if row not in other.get(table, [])
    ]


def without_conclusions(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("priority", "last_activity_at")}


def hold(*names: str, now: datetime) -> None:
    """Assert that the invariants whose names begin so hold."""
    for name, check in CHECKS.items():
        if not names or name.startswith(names):
            assert check(now) == [], name


@pytest.fixture
def marketer(make_user: Callable[..., User]) -> User:
    return make_user("marketer")


@pytest.fixture
def pair(make_lead: Callable[..., Lead], now: datetime) -> tuple[Lead, Lead]:
    """Marie by her firm's address, and Marie by her own, each with a life."""
    ours = make_lead(email="marie.curie@radium.fr", audience="b2b")
    theirs = make_lead(email="marie.curie@gmail.com", audience="b2c", phone="+33612345678")
    update_profile(
        lead=ours, changes={"first_name": "Marie", "last_name": "Curie"}, origin=Origin.IMPORT, now=now
    )
    update_profile(
        lead=theirs,
        changes={"first_name": "Maria", "last_name": "Curie", "job_title": "Directrice", "interests": ["x"]},
        origin=Origin.FORM,
        now=now - timedelta(days=3),
    )
    for number, lead in enumerate((ours, theirs)):
        record_event(lead_id=lead.pk, kind="form_submitted", occurred_at=now, now=now, event_id=f"f{number}")
    run_until_idle(now=now)
    return Lead.objects.get(pk=ours.pk), Lead.objects.get(pk=theirs.pk)


def test_everything_follows_to_the_survivor(pair, marketer, now) -> None:
    ours, theirs = pair
    done = merge(keep=ours, away=theirs, now=now + LATER, by=marketer)
    ours.refresh_from_db()
    theirs.refresh_from_db()
    assert (theirs.merged_into_id, ours.merged_into_id) == (ours.pk, None)
    # A form is believed before a file; who has a value gives it; what both gathered is united.
    assert (ours.first_name, ours.job_title, ours.phone) == ("Maria", "Directrice", "+33612345678")
    assert ours.interests == ["x"]
    assert ours.audience == "b2c"
    assert Event.objects.filter(lead=theirs).count() == 0
    assert {"f0", "f1", f"merge:{done.public_id}"} <= set(
        Event.objects.filter(lead=ours).values_list("event_id", flat=True)
    )
    run_until_idle(now=now + 2 * LATER)
    hold(now=now + 2 * LATER)


def test_the_history_of_the_profile_says_where_each_value_comes_from(pair, marketer, now) -> None:
    ours, theirs = pair
    update_profile(lead=theirs, changes={"city": "Lyon"}, origin=Origin.SALES, now=now + LATER)
    update_profile(lead=ours, changes={"city": "Sceaux"}, origin=Origin.SALES, now=now)
    update_profile(lead=theirs, changes={"last_name": "Skłodowska"}, origin=Origin.IMPORT, now=now + LATER)
    merge(keep=ours, away=theirs, now=now + 2 * LATER, by=marketer)
    ours.refresh_from_db()
    assert ours.city == "Lyon"
    known = origins(ours)
    assert (known["city"].new, known["city"].origin) == ("Lyon", "sales")
    for field in ("first_name", "last_name", "job_title"):
        assert known[field].new == getattr(ours, field), field


def test_the_preview_says_which_value_wins_and_why_and_may_be_overruled(pair, marketer, now) -> None:
    ours, theirs = pair
    told = {choice.name: choice for choice in preview(keep=ours, away=theirs)}
    assert (told["name"].side, told["name"].why) == ("away", Why.TRUSTED)
    assert (told["phone"].side, told["phone"].why) == ("away", Why.ONLY_ONE)
    assert (told["email"].side, told["email"].why) == ("kept", Why.SURVIVOR)
    merge(keep=ours, away=theirs, now=now + LATER, by=marketer, choices={"name": "kept", "email": "away"})
    ours.refresh_from_db()
    theirs.refresh_from_db()
    assert (ours.first_name, ours.email) == ("Marie", "marie.curie@gmail.com")
    # The two exchanged addresses: whoever writes from either is recognised.
    assert theirs.email == "marie.curie@radium.fr"
    for address in (ours.email, theirs.email):
        identity = Identity(email=normalise_email(address))
        found = recognise(identity=identity, profile={}, origin=Origin.FORM, now=now + LATER)
        assert (found.lead.pk, found.created) == (ours.pk, False)


def test_an_email_can_be_taken_over_by_somebody_who_had_none(make_lead, marketer, now) -> None:
    ours = make_lead(email=None, phone="+33612345678")
    theirs = make_lead(email="anne@acier.fr")
    before = snapshot(ours, theirs)
    done = merge(keep=ours, away=theirs, now=now, by=marketer)
    ours.refresh_from_db()
    assert ours.email == "anne@acier.fr"
    unmerge(merge=done, now=now, by=marketer)
    assert differences(before, snapshot(ours, theirs)) == []


def test_unknown_choices_are_refused(pair, marketer, now) -> None:
    for choices in ({"shoe_size": "kept"}, {"name": "both"}):
        with pytest.raises(ValueError, match=r"not a valid|no such field"):
            merge(keep=pair[0], away=pair[1], now=now, by=marketer, choices=choices)


# Refusals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("refuser", ["kept", "away"])
@pytest.mark.parametrize("first", ["refusal", "consent"])
def test_f47_the_most_restrictive_consent_wins_whoever_said_it_and_whenever(
    pair, marketer, now, refuser, first
) -> None:
    ours, theirs = pair
    says_no, says_yes = (ours, theirs) if refuser == "kept" else (theirs, ours)
    times = (now, now + LATER) if first == "refusal" else (now + LATER, now)
    record_consent(lead=says_no, purpose=Purpose.NURTURING, state=ConsentState.WITHDRAWN, now=times[0])
    record_consent(lead=says_yes, purpose=Purpose.NURTURING, state=ConsentState.GRANTED, now=times[1])
    before = snapshot(ours, theirs)
    done = merge(keep=ours, away=theirs, now=now + 2 * LATER, by=marketer)
    facts = contact_facts([ours.pk], at=now + 2 * LATER)[ours.pk]
    answer = may_contact(facts, channel=ContactChannel.EMAIL, purpose=Purpose.NURTURING)
    assert (answer.allowed, answer.reason) == (False, "consent_withdrawn")
    unmerge(merge=done, now=now + 3 * LATER, by=marketer)
    assert differences(before, snapshot(ours, theirs)) == []


@pytest.mark.parametrize("refuser", ["kept", "away"])
def test_i7_i13_an_address_that_was_unsubscribed_silences_the_other_one(pair, marketer, now, refuser) -> None:
    ours, theirs = pair
    refused = ours if refuser == "kept" else theirs
    suppress(address=refused.email, reason=SuppressionReason.UNSUBSCRIBED, now=now)
    suppress(address=theirs.email, reason=SuppressionReason.HARD_BOUNCE, now=now)
    before = snapshot(ours, theirs)
    done = merge(keep=ours, away=theirs, now=now + LATER, by=marketer)
    facts = contact_facts([ours.pk], at=now + LATER)[ours.pk]
    assert SuppressionReason.UNSUBSCRIBED in facts.suppressions
    # That a mailbox does not exist is said of that mailbox.
    assert SuppressionReason.HARD_BOUNCE not in facts.suppressions
    hold("I13", now=now + LATER)
    unmerge(merge=done, now=now + LATER, by=marketer)
    assert differences(before, snapshot(ours, theirs)) == []


def test_who_left_a_list_as_one_has_left_it_as_both(pair, marketer, now) -> None:
    ours, theirs = pair
    letter = List.objects.create(code="lettre", name="Lettre", is_newsletter=True, created_at=now)
    own = List.objects.create(code="salon", name="Salon", created_at=now)
    ListMembership.objects.create(list=letter, lead=ours, joined_at=now)
    ListMembership.objects.create(list=letter, lead=theirs, joined_at=now - LATER, left_at=now)
    ListMembership.objects.create(list=own, lead=theirs, joined_at=now)
    before = snapshot(ours, theirs)
    done = merge(keep=ours, away=theirs, now=now + LATER, by=marketer)
    rows = {row.list_id: row for row in ListMembership.objects.filter(lead=ours)}
    assert (rows[letter.pk].joined_at, rows[letter.pk].left_at) == (now - LATER, now)
    assert rows[own.pk].left_at is None
    unmerge(merge=done, now=now + LATER, by=marketer)
    assert differences(before, snapshot(ours, theirs)) == []


# Where they stand -----------------------------------------------------------------------------------------


def test_the_further_stage_survives_with_its_rep_and_history(make_rep, make_sal, pair, marketer, now) -> None:
    make_rep(places=3)
    sal = make_sal()
    ours, theirs = pair[0], sal.lead
    before = snapshot(ours, theirs)
    done = merge(keep=ours, away=theirs, now=now + LATER, by=marketer)
    standing = Standing.objects.get(lead=ours)
    ours.refresh_from_db()
    assert (standing.stage, standing.rep_id) == ("sal", sal.rep_id)
    assert ours.owner_id == sal.rep_id
    assert Passage.objects.filter(lead=ours, merged_from=theirs.pk).count() > 2
    own = list(Passage.objects.filter(lead=ours, merged_from=None).order_by("id"))
    assert (own[-1].verb, own[-1].from_stage, own[-1].to_stage) == ("merge", "lead", "sal")
    assert Offer.objects.get(lead=ours).status == "accepted"
    hold("I8", "I9", "I13", "tallies", now=now + LATER)
    unmerge(merge=done, now=now + 2 * LATER, by=marketer)
    assert differences(before, snapshot(ours, theirs)) == []
    run_until_idle(now=now + 2 * LATER)
    hold(now=now + 2 * LATER)


def test_of_two_open_offers_one_stays(make_rep, make_offer, marketer, now) -> None:
    make_rep(places=3)
    one, other = make_offer(), make_offer()
    ours, theirs = one.lead, other.lead
    before = snapshot(ours, theirs)
    done = merge(keep=ours, away=theirs, now=now + LATER, by=marketer)
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.status, other.status) == ("open", "withdrawn")
    hold("I8", "I9", "I13", "tallies", now=now + LATER)
    unmerge(merge=done, now=now + LATER, by=marketer)
    assert differences(before, snapshot(ours, theirs)) == []
    hold("I8", "I9", "I13", "tallies", now=now + LATER)


def test_what_sales_did_with_both_is_kept_in_cycles_of_its_own(make_rep, make_sql, marketer, now) -> None:
    make_rep(places=5)
    one, other = make_sql(), make_sql()
    funnel_actions.win(lead=other.lead, by=other.rep.user, now=now, amount=Decimal(9000))
    before = snapshot(one.lead, other.lead)
    done = merge(keep=one.lead, away=other.lead, now=now + LATER, by=marketer)
    standing = Standing.objects.get(lead=one.lead)
    assert (standing.stage, standing.cycle) == ("customer", 2)
    deals = Opportunity.objects.filter(lead=one.lead).order_by("cycle")
    assert [(deal.cycle, deal.outcome) for deal in deals] == [(1, ""), (2, "won")]
    hold("I8", "I9", "I13", "tallies", now=now + LATER)
    unmerge(merge=done, now=now + LATER, by=marketer)
    assert differences(before, snapshot(one.lead, other.lead)) == []


def test_the_survivor_that_is_further_keeps_its_cycle_in_front(make_rep, make_sql, marketer, now) -> None:
    make_rep(places=5)
    one, other = make_sql(), make_sql()
    before = snapshot(one.lead, other.lead)
    done = merge(keep=one.lead, away=other.lead, now=now + LATER, by=marketer)
    assert Standing.objects.get(lead=one.lead).cycle == 2
    assert set(Opportunity.objects.filter(lead=one.lead).values_list("cycle", flat=True)) == {1, 2}
    hold("I8", "I9", "I13", "tallies", now=now + LATER)
    unmerge(merge=done, now=now + LATER, by=marketer)
    assert differences(before, snapshot(one.lead, other.lead)) == []


def test_parting_asks_for_the_place_that_somebody_else_has_now(make_rep, make_sal, marketer, now) -> None:
    rep = make_rep(places=2)
    one, other = make_sal(), make_sal()
    done = merge(keep=one.lead, away=other.lead, now=now + LATER, by=marketer)
    make_sal()
    before = snapshot(one.lead, other.lead)
    with pytest.raises(CannotMerge) as refused:
        unmerge(merge=done, now=now + LATER, by=marketer)
    assert refused.value.code == "no_place"
    assert differences(before, snapshot(one.lead, other.lead)) == []
    Rep.objects.filter(pk=rep.pk).update(places=3)
    unmerge(merge=done, now=now + LATER, by=marketer)
    hold("I9", now=now + LATER)


# What is said to them -------------------------------------------------------------------------------------


def test_f47_mail_in_flight_to_the_other_one_counts_for_the_caps_of_the_survivor(
    pair, make_message, marketer, now
) -> None:
    ours, theirs = pair
    flying = make_message(
        theirs, state="sending", data_started_at=now, claimed_at=now, lease_until=now + LATER
    )
    planned = make_message(theirs)
    merge(keep=ours, away=theirs, now=now + LATER, by=marketer)
    flying.refresh_from_db()
    planned.refresh_from_db()
    assert (flying.lead_id, planned.lead_id) == (ours.pk, ours.pk)
    assert flying.send_key.startswith(f"{ours.pk}/")
    sent = sent_to([ours.pk], now=now + LATER, only_left=True)[ours.pk]
    assert sent != sent_to([theirs.pk], now=now + LATER, only_left=True)[theirs.pk]


def test_what_both_were_to_get_is_sent_once(pair, make_message, marketer, now) -> None:
    ours, theirs = pair
    first = make_message(ours, send_key=f"{ours.pk}/newsletter.lettre/2026-03")
    second = make_message(theirs, send_key=f"{theirs.pk}/newsletter.lettre/2026-03")
    track = (
        Track.objects.get(code="welcome") if Track.objects.filter(code="welcome") else Track.objects.first()
    )
    Enrolment.objects.filter(lead__in=pair).delete()
    one = Enrolment.objects.create(track=track, lead=ours, entry_key="event:1", entered_at=now)
    other = Enrolment.objects.create(track=track, lead=theirs, entry_key="event:1", entered_at=now)
    before = snapshot(ours, theirs)
    done = merge(keep=ours, away=theirs, now=now + LATER, by=marketer)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state, second.reason) == ("planned", "cancelled", "merged")
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.ended_at, other.ending, other.lead_id) == (None, "merged", ours.pk)
    unmerge(merge=done, now=now + LATER, by=marketer)
    assert differences(before, snapshot(ours, theirs)) == []


# Parting again --------------------------------------------------------------------------------------------


def test_parting_after_later_changes_leaves_those_with_the_survivor_and_says_so(pair, marketer, now) -> None:
    ours, theirs = pair
    done = merge(keep=ours, away=theirs, now=now + LATER, by=marketer)
    update_profile(
        lead=Lead.objects.get(pk=ours.pk), changes={"job_title": "PDG"}, origin=Origin.SALES, now=now
    )
    record_event(
        lead_id=ours.pk,
        kind="quote_requested",
        occurred_at=now,
        now=now + 2 * LATER,
        source=4,
        event_id="late",
    )
    told = unmerge_preview(merge=done, now=now + 3 * LATER, by=marketer)
    assert Merge.objects.get().undone_at is None
    parted = unmerge(merge=done, now=now + 3 * LATER, by=marketer)
    assert (told.left, told.events_since) == (parted.left, parted.events_since)
    assert [left for left in parted.left if left.columns] == [parted.left[0]]
    assert parted.left[0].columns == ("job_title",)
    assert parted.events_since == 1
    ours.refresh_from_db()
    theirs.refresh_from_db()
    assert (ours.first_name, ours.job_title) == ("Marie", "PDG")
    assert (theirs.first_name, theirs.job_title, theirs.merged_into_id) == ("Maria", "Directrice", None)
    assert Event.objects.get(event_id="late").lead_id == ours.pk
    assert Event.objects.get(event_id="f1").lead_id == theirs.pk
    assert Event.objects.get(event_id=f"merge:{done.public_id}").voided_at is not None
    run_until_idle(now=now + 4 * LATER)
    hold(now=now + 4 * LATER)


def test_a_merge_of_a_survivor_is_undone_before_its_own(pair, make_lead, marketer, now) -> None:
    ours, theirs = pair
    third = make_lead()
    wake([third.pk])
    run_until_idle(now=now)
    before = snapshot(ours, theirs, third)
    first = merge(keep=ours, away=theirs, now=now + LATER, by=marketer)
    second = merge(keep=third, away=ours, now=now + LATER, by=marketer)
    theirs.refresh_from_db()
    assert theirs.merged_into_id == third.pk
    hold("I13", now=now + LATER)
    with pytest.raises(CannotMerge) as refused:
        unmerge(merge=first, now=now + LATER, by=marketer)
    assert refused.value.code == "later_merge"
    unmerge(merge=second, now=now + LATER, by=marketer)
    unmerge(merge=first, now=now + LATER, by=marketer)
    assert differences(before, snapshot(ours, theirs, third)) == []
    with pytest.raises(CannotMerge) as refused:
        unmerge(merge=first, now=now + LATER, by=marketer)
    assert refused.value.code == "undone"


def test_nobody_is_merged_with_themselves_or_twice(pair, make_lead, marketer, now) -> None:
    ours, theirs = pair
    with pytest.raises(CannotMerge, match="same"):
        merge(keep=ours, away=ours, now=now, by=marketer)
    merge(keep=ours, away=theirs, now=now, by=marketer)
    with pytest.raises(CannotMerge, match="merged"):
        merge(keep=make_lead(), away=theirs, now=now, by=marketer)


def test_the_other_pairs_of_the_one_merged_away_are_the_survivors_now(pair, make_lead, marketer, now) -> None:
    ours, theirs = pair
    third, fourth = make_lead(), make_lead()
    for low, high, state in ((ours, theirs, "open"), (theirs, third, "not_same"), (theirs, fourth, "open")):
        decided = now if state != "open" else None
        DuplicateCandidate.objects.create(
            low=low, high=high, score=80, state=state, found_at=now, decided_at=decided
        )
    DuplicateCandidate.objects.create(low=ours, high=third, score=70, found_at=now)
    before = snapshot(ours, theirs, third, fourth)
    done = merge(keep=ours, away=theirs, now=now + LATER, by=marketer)
    states = {(one.low_id, one.high_id): one.state for one in DuplicateCandidate.objects.all()}
    assert states == {
        (ours.pk, theirs.pk): "merged",
        (ours.pk, third.pk): "not_same",
        (ours.pk, fourth.pk): "open",
    }
    unmerge(merge=done, now=now + LATER, by=marketer)
    assert differences(before, snapshot(ours, theirs, third, fourth)) == []


def test_f47_what_arrives_for_a_merged_lead_a_moment_too_late_follows(pair, marketer, now) -> None:
    ours, theirs = pair
    merge(keep=ours, away=theirs, now=now + LATER, by=marketer)
    record_event(
        lead_id=theirs.pk, kind="quote_requested", occurred_at=now, now=now + LATER, event_id="stray"
    )
    record_consent(lead=theirs, purpose=Purpose.NURTURING, state=ConsentState.WITHDRAWN, now=now + LATER)
    run_until_idle(now=now + LATER)
    assert Event.objects.get(event_id="stray").lead_id == ours.pk
    facts = contact_facts([ours.pk], at=now + 2 * LATER)[ours.pk]
    assert facts.consents[Purpose.NURTURING, ContactChannel.EMAIL].state == "withdrawn"
    assert not Wake.objects.exists()
    hold("I13", "I4", now=now + 2 * LATER)
    assert bring_home([ours.pk], now=now) == [ours.pk]


def test_a_merge_that_dies_in_the_middle_leaves_nothing_behind(pair, marketer, now, monkeypatch) -> None:
    ours, theirs = pair
    before = snapshot(ours, theirs)
    monkeypatch.setattr("leads.failpoints._ACTIONS", {"merge.mid": "raise"})
    with pytest.raises(RuntimeError, match=r"merge\.mid"):
        merge(keep=ours, away=theirs, now=now, by=marketer)
    monkeypatch.undo()
    assert differences(before, snapshot(ours, theirs)) == []
    assert not Suppression.objects.exists()
