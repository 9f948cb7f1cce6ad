"""Loading the demonstration, with fewer leads than it has: what stands in the database afterwards."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import ApiKey, User
from accounts.roles import Role
from capture.choices import RowState
from capture.models import ImportRow, Submission
from demo import keys
from demo.loader import CannotLoad, load
from demo.models import Loading
from demo.people import EMPLOYEES, PASSWORD, hire
from funnel.models import ChecklistAnswer, Offer, Passage
from funnel.queries.counts import stage_counts
from leads.actions.housekeeping import note_heartbeat
from leads.bell import hushed, ring
from leads.models import DuplicateCandidate, Event, Lead, ListMembership, SourceCost, Touch, Wake
from nurturing.models import Message
from pipeline.invariants import breaches
from scoring.models import LeadScore

LEADS = 150


@dataclass
class Facts:
    """What was read off the loaded database."""

    now: datetime
    breaches: list[object] = field(default_factory=list)
    stages: dict[str, int] = field(default_factory=dict)
    verbs: Counter[str] = field(default_factory=Counter)
    offers: Counter[str] = field(default_factory=Counter)
    reasons: set[str] = field(default_factory=set)
    actors: set[str] = field(default_factory=set)
    imported: int = 0
    events: int = 0
    scored: int = 0
    answers: int = 0
    subscribers: int = 0
    waking: int = 0
    sent: list[datetime] = field(default_factory=list)
    unknown: int = 0
    said: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    posts: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows: Counter[int] = field(default_factory=Counter)
    candidates: Counter[str] = field(default_factory=Counter)
    told: set[str] = field(default_factory=set)
    campaigns: set[str] = field(default_factory=set)
    costs: int = 0


@pytest.fixture(scope="module")
def facts(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Facts:
    """The demonstration is played once, looked at, and rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        found = Facts(timezone.now())
        load(now=found.now, say=found.said.append, leads=LEADS)
        _look(found)
        transaction.set_rollback(True)
    return found


def _look(found: Facts) -> None:
    found.breaches = list(breaches(now=found.now))
    found.stages = {stage.value: number for stage, number in stage_counts().stages.items() if number}
    found.verbs = Counter(Passage.objects.values_list("verb", flat=True))
    found.offers = Counter(Offer.objects.values_list("status", flat=True))
    with_reason = Passage.objects.filter(reason__isnull=False)
    found.reasons = set(with_reason.values_list("reason__code", flat=True))
    found.actors = set(Passage.objects.exclude(actor=None).values_list("actor__email", flat=True))
    found.imported = Passage.objects.filter(is_imported=True).count()
    found.events, found.scored = Event.objects.count(), LeadScore.objects.count()
    found.answers, found.waking = ChecklistAnswer.objects.count(), Wake.objects.count()
    found.subscribers = ListMembership.objects.filter(list__is_newsletter=True).count()
    found.sent = list(Message.objects.filter(state="sent").values_list("sent_at", flat=True))
    found.unknown = Message.objects.filter(state__in=["failed", "unknown", "sending"]).count()
    found.posts = Counter(Submission.objects.values_list("state", "form__slug"))
    found.rows = Counter(ImportRow.objects.values_list("state", flat=True))
    found.candidates = Counter(DuplicateCandidate.objects.values_list("state", flat=True))
    found.told = {code for custom in Lead.objects.values_list("custom", flat=True) for code in custom}
    known = Touch.objects.exclude(campaign=None)
    found.campaigns = set(known.values_list("campaign__code", flat=True))
    found.costs = SourceCost.objects.filter(amount__gt=0).count()
    try:
        load(now=found.now, leads=LEADS)
    except CannotLoad as refusal:
        found.refusals.append(str(refusal))


def test_nothing_was_forged_past_the_rules(facts: Facts) -> None:
    assert facts.breaches == []
    assert facts.imported == 0


def test_everybody_stands_somewhere_and_is_scored(facts: Facts) -> None:
    assert sum(facts.stages.values()) == facts.scored == LEADS
    assert {"lead", "mql", "recycled", "customer"} <= set(facts.stages)
    assert facts.events > 15 * LEADS


def test_sales_decided_in_every_way(facts: Facts) -> None:
    assert facts.offers["accepted"] > 5
    assert facts.offers["returned"] > 3
    assert {"accept", "return", "qualify", "win", "lose"} <= set(facts.verbs)
    assert len(facts.reasons) >= 4
    assert {"ines@valbrume.example", "yann@valbrume.example"} <= facts.actors
    assert facts.answers > facts.offers["accepted"]


def test_there_is_something_to_decide_today(facts: Facts) -> None:
    assert facts.offers["open"] > 0


def test_the_past_was_written_to_an_archive_and_nothing_is_left_to_conclude(facts: Facts) -> None:
    assert facts.sent
    assert all(sent_at < facts.now for sent_at in facts.sent)
    assert facts.unknown == 0
    assert facts.waking == 0
    assert facts.subscribers > 0


def test_forms_were_filled_by_people_and_by_machines(facts: Facts) -> None:
    accepted = {form for (state, form), number in facts.posts.items() if state == "accepted" and number}
    states = {state for state, _form in facts.posts}
    assert {"contact", "la-lettre-de-latelier"} <= accepted
    assert {"accepted", "spam"} <= states <= {"accepted", "spam", "rejected", "awaiting"}
    assert {"equipement_principal"} <= facts.told


def test_badges_were_imported_with_their_errors(facts: Facts) -> None:
    assert facts.rows == {RowState.NEW: 3, RowState.TWIN: 1, RowState.INVALID: 3}


def test_one_pair_was_joined_and_another_waits_for_somebody_to_decide(facts: Facts) -> None:
    assert facts.candidates["merged"] == 1
    assert facts.candidates["open"] >= 1


def test_campaigns_brought_people_and_cost_something(facts: Facts) -> None:
    assert len(facts.campaigns) >= 6
    assert facts.costs > 60


def test_progress_is_told_month_by_month(facts: Facts) -> None:
    assert len(facts.said) in {12, 13}
    assert facts.said[-1].split(": ")[1].startswith(f"{LEADS} leads")


def test_leads_that_are_there_are_not_mixed_with_the_demonstration(facts: Facts) -> None:
    assert facts.refusals == ["This database holds leads already. Begin with an empty one, or with --reset."]


def test_the_loading_leaves_the_connection_as_it_was(facts: Facts) -> None:
    assert connection.features.uses_savepoints is True


# The commands --------------------------------------------------------------------------------------------


def _run(name: str, **options: object) -> str:
    out = io.StringIO()
    call_command(name, **options, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_loading_twice_does_nothing(now: datetime) -> None:
    Loading.objects.create(seed=1, begun_at=now, finished_at=now)
    assert _run("load_demo") == "The demonstration is loaded.\n"
    assert not Lead.objects.exists()


@pytest.mark.django_db
def test_production_is_refused(settings: object) -> None:
    settings.PRODUCTION = True  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="never loaded in production"):
        call_command("load_demo")
    with pytest.raises(CannotLoad, match="never loaded in production"):
        load(now=timezone.now())
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_running_worker_is_in_the_way() -> None:
    note_heartbeat(name="pipeline@here", now=timezone.now() - timedelta(seconds=30))
    with pytest.raises(CommandError, match="A worker is running"):
        call_command("load_demo")


@pytest.mark.django_db
def test_somebody_s_own_leads_are_never_emptied(make_lead: object) -> None:
    make_lead()  # type: ignore[operator]
    with pytest.raises(CommandError, match="not emptied"):
        call_command("load_demo", reset=True)
    assert Lead.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("is_demo", [True, False])
def test_passwords_exist_in_demo_mode_only(settings: object, is_demo: bool) -> None:
    settings.DEMO = is_demo  # type: ignore[attr-defined]
    users = hire()
    assert {user.check_password(PASSWORD) for user in users.values()} == {is_demo}
    roles = Counter(user.role for user in users.values())
    assert roles == {Role.MARKETER: 1, Role.REP: 2, Role.MANAGER: 1, Role.ADMIN: 1}
    told = _run("demo_credentials")
    assert (PASSWORD in told) == is_demo
    assert all(employee.email in told for employee in EMPLOYEES)


@pytest.mark.django_db
def test_loading_rings_no_bell(django_capture_on_commit_callbacks: object) -> None:
    with django_capture_on_commit_callbacks() as rung:  # type: ignore[operator]
        with hushed():
            ring()
        assert rung == []
        ring()
    assert len(rung) == 1


@pytest.mark.django_db
def test_credentials_say_what_to_do_first() -> None:
    assert "load_demo" in _run("demo_credentials")


@pytest.mark.django_db
def test_the_publishable_key_is_always_the_same_and_works() -> None:
    key = keys.make()
    assert keys.value() == keys.value() == key.public_value
    assert key.kind == ApiKey.Kind.PUBLISHABLE
    assert ApiKey.objects.get_from_key(keys.value()) == key
