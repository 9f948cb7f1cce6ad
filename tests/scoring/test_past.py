"""The past read set-wise is what an explanation of each moment finds; what came later changes nothing."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from leads.actions.consent import record_consent
from leads.actions.lists import join_list
from leads.actions.verdicts import void_event
from leads.models import Company, Event, Lead, List, ProfileChange
from scoring.actions import make_draft
from scoring.actions.adjustments import adjust_score, withdraw_adjustment
from scoring.engine import explain as engine
from scoring.engine.encoding import encode
from scoring.engine.profiles import Layout
from scoring.facts import read_profiles, some_leads
from scoring.models import RuleSet
from scoring.past import Library, Moment, program_of, read_past, score_past
from scoring.profiles import lead_facts
from scoring.programs import predicate_bits, site_zone
from scoring.queries import parsed
from scoring.replaying import replay
from scoring.traits import ASKED, IDENTIFYING, Trait, traits_of
from tests.scoring.conftest import counting, document

pytestmark = pytest.mark.django_db
KINDS = ("page_viewed", "pricing_viewed", "content_downloaded", "contact_requested")


def asks(code: str, points: int, **when: object) -> dict[str, object]:
    return {"code": code, "name": code, "points": points, "when": when}


@pytest.fixture
def rules(now) -> RuleSet:
    List.objects.create(code="fair", name="Fair", created_at=now)
    fit = [
        asks("buyer", 25, field="company_role", op="is", value="buyer"),
        asks("sector", 30, field="company.sector", op="in", value=["food", "industry"]),
        asks("soon", 15, field="project_month", op="within_months", value=3),
        asks("consent", 7, field="consent.newsletter", op="is", value="given"),
        asks("fair", 9, list="fair"),
        asks("likes", 4, field="interests", op="has", value="quality"),
    ]
    made = document(
        counting("page_viewed", 3, one_per="day", within_days=30),
        counting("pricing_viewed", 8, half_life=10),
        {"code": "silent", "name": "Silent", "points": -5, "when": {"inactive_days": 20}},
    )
    made["groups"].append({"code": "who", "name": "Who", "measures": "fit", "rules": fit})
    return make_draft(document=made, by=None, now=now)


@pytest.fixture
def history(make_lead, happen, now):
    """Leads whose every fact changed at some time within the last sixty days."""

    def make(seed: int) -> list[Lead]:
        rng = random.Random(seed)
        companies = [
            Company.objects.create(name=f"Atelier {n}", sector=rng.choice(("food", "retail")), created_at=now)
            for n in range(3)
        ]
        leads = [make_lead(company=rng.choice([None, *companies])) for _ in range(6)]
        for lead in leads:
            do_things(rng, lead, happen, now)
            learn_things(rng, lead, now)
            say_things(rng, lead, now)
        return leads

    return make


def do_things(rng: random.Random, lead: Lead, happen, now: datetime) -> None:
    """Some arrive days after they happened; some are voided later."""
    for _ in range(rng.randint(0, 12)):
        days = rng.uniform(0, 60)
        received = now - timedelta(days=days * rng.choice((1, 1, 0.3)))
        happen(lead, rng.choice(KINDS), days=days, received=received)
    for event in Event.objects.filter(lead=lead):
        if rng.random() < 0.25:
            later = event.received_at + (now - event.received_at) * rng.random()
            void_event(event=event, reason="A test", now=later)


def learn_things(rng: random.Random, lead: Lead, now: datetime) -> None:
    """The profile, and that of the company, as they became known."""
    changing = {"company_role": "buyer", "project_month": "2026-04-01", "interests": ["quality"]}
    for field, value in changing.items():
        if rng.random() < 0.7:
            at = now - timedelta(days=rng.uniform(0, 60))
            changed(at, lead=lead, field=field, old=getattr(lead, field), new=value)
            setattr(lead, field, date.fromisoformat(value) if field == "project_month" else value)
    lead.save()
    if lead.company and rng.random() < 0.5:
        changed(now - timedelta(days=20), company=lead.company, field="sector", new=lead.company.sector)


def changed(at: datetime, **fields: object) -> None:
    ProfileChange.objects.create(**({"old": "", "origin": "sales", "at": at} | fields))


def say_things(rng: random.Random, lead: Lead, now: datetime) -> None:
    """Consents, a list, points by hand."""
    for state in ("granted", "withdrawn")[: rng.randint(0, 2)]:
        consents(lead, state, now - timedelta(days=rng.uniform(0, 50)))
    if rng.random() < 0.5:
        join_list(lead=lead, joined=List.objects.get(), now=now - timedelta(days=rng.uniform(0, 50)))
    if rng.random() < 0.5:
        made = adjust_score(
            lead=lead,
            measure="fit",
            points=rng.randint(1, 40),
            reason="Met them",
            by=None,
            now=now - timedelta(days=40),
            expires_on=(now - timedelta(days=10)).date(),
        )
        if rng.random() < 0.5:
            withdraw_adjustment(adjustment=made, by=None, now=now - timedelta(days=25))


def consents(lead: Lead, state: str, at: datetime) -> None:
    record_consent(lead=lead, purpose="newsletter", channel="email", state=state, now=at)


def moments_of(leads: list[Lead], now: datetime, seed: int) -> list[Moment]:
    rng = random.Random(seed)
    return [Moment(lead.pk, now - timedelta(days=rng.uniform(0, 65))) for lead in leads for _ in range(4)]


def outcomes(rules: RuleSet, moments: list[Moment]) -> dict[Moment, object]:
    library = Library()
    pasts = list(read_past(moments, parsed(rules).fields(), library))
    program = program_of(rules, library)
    return {
        past.moments[places.start + place]: scores.outcome(place)
        for past in pasts
        for places, scores in score_past(program, past)
        for place in range(places.stop - places.start)
    }


@pytest.mark.parametrize("seed", range(4))
def test_each_moment_is_scored_as_an_explanation_of_that_moment_has_it(rules, history, now, seed):
    leads = {lead.pk: lead for lead in history(seed)}
    moments = moments_of(list(leads.values()), now, seed)
    tree = parsed(rules)
    found = outcomes(rules, moments)
    assert len(found) == len(moments)
    for moment, outcome in found.items():
        lead = Lead.objects.get(pk=moment.lead_id)
        facts, signatures = lead_facts(lead, tree.fields(), at=moment.at)
        day = moment.at.astimezone(site_zone()).date()
        frame = engine.Frame(signatures, site_zone(), day, predicate_bits())
        assert outcome == engine.explain(tree, facts, frame).outcome, moment


@pytest.mark.parametrize("seed", range(4))
def test_nothing_that_came_later_changes_what_is_found(rules, history, happen, now, seed):
    leads = history(seed)
    at = now - timedelta(days=30)
    moments = [Moment(lead.pk, at) for lead in leads]
    before = outcomes(rules, moments)
    for lead in leads:
        # Told later of long ago, voided later, changed later, joined, adjusted and consented later.
        happen(lead, "page_viewed", days=45, received=at + timedelta(minutes=1))
        for event in Event.objects.filter(lead=lead, voided_at=None, received_at__lte=at):
            void_event(event=event, reason="A test", now=at + timedelta(days=1))
        changed(now, lead=lead, field="company_role", old=lead.company_role, new="user")
        Lead.objects.filter(pk=lead.pk).update(company_role="user")
        adjust_score(lead=lead, measure="fit", points=50, reason="Later", by=None, now=at + timedelta(days=2))
        consents(lead, "granted", now)
        join_list(lead=lead, joined=List.objects.get(), now=now)
    assert outcomes(rules, moments) == before


def test_a_lead_offered_twice_is_scored_at_each_moment(rules, make_lead, happen, now):
    lead = make_lead()
    happen(lead, "pricing_viewed", days=20, received=now - timedelta(days=20))
    moments = [Moment(lead.pk, now - timedelta(days=days)) for days in (25, 20, 0)]
    found = outcomes(rules, moments)
    assert [found[moment].engagement for moment in moments] == [0, 8000, 0]  # silent for 20 days: -5 more


def test_no_moments_are_nothing(rules):
    library = Library()
    found = replay(program_of(rules, library), list(read_past([], (), library)))
    assert (len(found.ready), found.cells) == (0, ())


def test_codes_made_here_answer_as_those_of_the_database(rules, make_lead, now):
    """``encode`` and profile_sql give the same words for the present."""
    company = Company.objects.create(name="Usine", sector="food", created_at=now)
    leads = [
        make_lead(company=company, company_role="buyer", interests=["quality", "other"]),
        make_lead(company_role="user", project_month=date(2026, 4, 1)),
        make_lead(project_month=date(2027, 4, 1), interests=["other"]),
        make_lead(project_month=date(2025, 4, 1)),
    ]
    layout, today = Layout(parsed(rules)), now.date()
    places, wanted = read_profiles(layout, some_leads([lead.pk for lead in leads]), today)
    names = parsed(rules).fields()
    here = encode(layout, [lead_facts(lead, names)[0].profile for lead in leads], today)
    for mine, theirs in zip(here.words, wanted.words, strict=True):
        assert np.array_equal(mine, theirs[places])


def test_traits_never_look_at_what_identifies_a_person(make_lead, happen, now):
    assert not IDENTIFYING & set(ASKED)
    lead = make_lead(
        first_name="Camille", city="Lyon", country="FR", seniority="student", company_role="buyer"
    )
    happen(lead, "pricing_viewed", days=3, received=now - timedelta(days=3))
    happen(lead, "contact_requested", days=200, received=now - timedelta(days=200))
    library = Library()
    (past,) = read_past([Moment(lead.pk, now)], ASKED, library)
    (traits,) = traits_of(past, library.facts, ["pricing_viewed", "contact_requested"])
    assert {Trait("is", "seniority", "student"), Trait("did", "pricing_viewed")} <= traits
    assert Trait("did_not", "contact_requested") in traits
    assert not {trait.name for trait in traits} & {*IDENTIFYING, "country", "language", "region"}
