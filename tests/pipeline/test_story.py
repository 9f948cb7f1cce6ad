"""The way of a lead from a form to a decision, through the API and the pipeline, at dates of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from itertools import count

import pytest
import time_machine
from django.test import Client

from accounts.actions import create_api_key
from accounts.models import ApiKey, User
from funnel.actions.checklist import confirm
from funnel.actions.decisions import research
from funnel.models import Offer, Passage, Rep
from funnel.queries.standings import passages_of
from funnel.service_levels import UNDO_IN_PAGE
from leads.actions.consent import record_consent
from leads.api import keys
from leads.choices import ConsentState, Purpose
from leads.models import Content, Lead, List, ListMembership, ProfileChange
from nurturing.actions.newsletter import Issue, plan_issue
from nurturing.actions.send import send_due
from nurturing.actions.settings import set_up
from nurturing.archive import ArchiveTransport
from nurturing.models import Message
from nurturing.policy import Preset
from pipeline.run import run_until_idle
from scoring.actions import load_template
from scoring.models import LeadScore

# A Tuesday, half past nine in Paris.
TUESDAY = datetime(2025, 10, 14, 7, 30, tzinfo=UTC)
PERSON = {
    "email": "Nadia.Vilmaret@fonderies-clairval.example",
    "first_name": "Nadia",
    "last_name": "Vilmaret",
    "job_title": "Directrice industrielle",
    "seniority": "director",
    "company_role": "decision_maker",
    "company": {"name": "Fonderies Clairval", "sector": "industry", "headcount": "250_4999"},
}


class Site:
    """A site that posts to the API with its publishable key, and the clock it lives by."""

    def __init__(self) -> None:
        self.client = Client()
        self.now = TUESDAY
        self.archive = ArchiveTransport()
        _key, self.publishable = create_api_key(name="Site", kind=ApiKey.Kind.PUBLISHABLE)
        _key, self.secret = create_api_key(name="CRM", kind=ApiKey.Kind.SECRET)
        self._numbers = count()

    def post(self, path: str, body: dict[str, object], key: str) -> dict[str, object]:
        """The JSON answer of a POST at this site's time."""
        with time_machine.travel(self.now, tick=False):
            answer = self.client.post(
                f"/api/v1/{path}",
                json.dumps(body),
                content_type="application/json",
                headers={"authorization": f"Bearer {key}"},
            )
        return {**json.loads(answer.content), "status": answer.status_code}

    def form(self, kind: str, content: str = "", **person: object) -> Lead:
        """A form on a page; the pipeline has looked at it when this returns."""
        event = {"kind": kind, "event_id": f"form-{next(self._numbers)}"}
        if content:
            event["content"] = content
        answer = self.post("leads/", {**PERSON, **person, "event": event}, self.publishable)
        assert answer["status"] == 202, answer
        self.run()
        return Lead.objects.get(email=str(person.get("email", PERSON["email"])).lower())

    def server_event(self, lead: Lead, kind: str) -> None:
        """An event that a server knows: somebody came to an event, called …"""
        event: dict[str, object] = {
            "event_id": f"server-{next(self._numbers)}",
            "kind": kind,
            "occurred_at": self.now.isoformat(),
            "lead": str(lead.public_id),
        }
        assert self.post("events/", event, self.secret)["status"] == 202
        self.run()

    def decide(self, lead: Lead, verb: str, by: User, **body: object) -> dict[str, object]:
        """A verb of the funnel through the API."""
        answer = self.post(f"leads/{lead.public_id}/{verb}/", {"by": by.email, **body}, self.secret)
        self.later(seconds=UNDO_IN_PAGE.total_seconds())
        return answer

    def run(self) -> None:
        """What the workers do."""
        run_until_idle(now=self.now)

    def letters(self) -> list[str]:
        """The subjects of the letters that leave now, in order."""
        before = len(self.archive.messages)
        send_due(now=self.now, transport=self.archive)
        return [_subject(raw) for _to, raw in self.archive.messages[before:]]

    def later(self, **by: float) -> None:
        """Time passes; what fell due meanwhile is done."""
        self.now += timedelta(**by)
        self.run()


def _subject(raw: bytes) -> str:
    return str(message_from_bytes(raw, policy=policy.default)["subject"])


def _where(lead: Lead) -> str:
    """Stage, and situation for an MQL."""
    lead.standing.refresh_from_db()
    return f"{lead.standing.stage} {lead.standing.situation}".strip()


@pytest.fixture
def site(db: None) -> Site:
    keys.forget()
    set_up(
        sender_name="L’équipe",
        sender_email="bonjour@valbrume.example",
        organisation="Valbrume",
        postal_address="12 quai des Écluses, 69000 Lyon",
    )
    return Site()


@pytest.fixture
def rep(make_user: Callable[..., User]) -> User:
    """A rep with two places."""
    user = make_user("rep", first_name="Inès", last_name="Corvimond")
    Rep.objects.create(user=user, places=2)
    return user


@pytest.fixture
def library(db: None) -> list[Content]:
    """Two white papers, an e-book and a case study to send next."""
    pieces = (
        ("white_paper", "Maintenance prédictive", "tofu", True),
        ("white_paper", "Le coût d’un arrêt", "tofu", True),
        ("ebook", "Choisir sa GMAO", "tofu", True),
        ("case_study", "Une laiterie", "tofu", False),
    )
    return [
        Content.objects.create(
            code=f"piece-{number}",
            title=title,
            summary="En deux mots.",
            type=kind,
            band=band,
            is_gated=is_gated,
            topics=["maintenance"],
            url=f"https://www.valbrume.example/{number}",
            created_at=TUESDAY,
        )
        for number, (kind, title, band, is_gated) in enumerate(pieces)
    ]


def _offered(site: Site, **person: object) -> tuple[Lead, Offer]:
    """A lead that asked for contact, on the rep's table."""
    lead = site.form("contact_requested", **person)
    return lead, Offer.objects.open().get(lead=lead)


# From the form to the customer ---------------------------------------------------------------------------


def test_a_white_paper_sets_off_one_fitted_letter(site: Site, library: list[Content]) -> None:
    lead = site.form("content_downloaded", "piece-0")
    assert LeadScore.objects.get(lead=lead).engagement > 0
    assert lead.company is not None
    assert lead.company.name == "Fonderies Clairval"
    letters = site.letters()
    assert len(letters) == 1
    message = Message.objects.get(lead=lead, state="sent")
    assert message.content in library[1:]
    site.run()
    assert site.letters() == []
    site.later(hours=2)
    assert site.letters() == []


def test_from_a_form_to_a_customer(site: Site, library: list[Content], rep: User) -> None:
    lead = site.form("content_downloaded", "piece-0")
    site.later(days=2)
    lead, offer = _offered(site)
    assert offer.rep_id == rep.pk

    research(offer=offer, by=rep, now=site.now, fields={"budget_range": "20k_50k"})
    found = ProfileChange.objects.get(lead=lead, field="budget_range")
    assert (found.new, found.origin, found.by) == ("20k_50k", "sales", rep)

    assert site.decide(lead, "accept", rep)["stage"] == "sal"
    lead.refresh_from_db()
    assert lead.owner == rep

    opportunity = {"product": "Surveillance", "expected_amount": "38000.00", "expected_close": "2025-12-19"}
    refused = site.decide(lead, "qualify", rep, **opportunity)
    assert (refused["status"], refused["code"]) == (409, "checklist_incomplete")
    assert {error["field"] for error in refused["errors"]} == {
        "checklist.budget",
        "checklist.decision_process",
        "checklist.authority",
    }

    site.later(days=3)
    for item in ("budget", "decision_process", "authority"):
        confirm(lead=lead, item=item, by=rep, now=site.now, value="Confirmé", evidence="Appel")
    assert site.decide(lead, "qualify", rep, **opportunity)["stage"] == "sql"
    site.later(days=30)
    assert site.decide(lead, "won", rep, amount="36500.00")["stage"] == "customer"
    assert lead.opportunities.get().amount == Decimal("36500.00")

    assert [passage.to_stage for passage in passages_of(lead)][-4:] == ["mql", "sal", "sql", "customer"]
    assert [passage.verb for passage in passages_of(lead)][-4:] == ["offer", "accept", "qualify", "win"]


def test_sales_are_left_alone_with_their_lead(site: Site, library: list[Content], rep: User) -> None:
    lead, _offer = _offered(site)
    site.decide(lead, "accept", rep)
    site.later(hours=1)
    site.form("content_downloaded", "piece-0")
    assert site.letters() == []
    assert not Message.objects.filter(lead=lead, state="sent").exists()


# Rejected ------------------------------------------------------------------------------------------------


def test_too_far_away_wakes_thirty_days_before_march(site: Site, library: list[Content], rep: User) -> None:
    lead, _offer = _offered(site)
    site.later(hours=2)
    answer = site.decide(lead, "return", rep, reason="project_far", wake_month="2026-03")
    assert (answer["stage"], answer["wake_on"]) == ("recycled", "2026-01-30")
    lead.refresh_from_db()
    assert (lead.owner, lead.former_owner) == (None, None)

    site.later(minutes=5)
    assert len(site.letters()) == 1
    assert Message.objects.get(lead=lead, state="sent").template.code == "incubation_start"

    site.now = datetime(2026, 1, 29, 12, tzinfo=UTC)
    site.run()
    assert _where(lead) == "recycled"
    site.now = datetime(2026, 1, 29, 23, 1, tzinfo=UTC)  # one minute into 30 January in Paris
    site.run()
    woken = Passage.objects.get(lead=lead, verb="wake")
    assert (woken.from_stage, woken.to_stage, woken.cycle) == ("recycled", "lead", 2)


def test_the_gates_stay_shut_while_in_incubation_but_for_a_strong_event(
    site: Site, library: list[Content], rep: User
) -> None:
    lead, _offer = _offered(site)
    site.decide(lead, "return", rep, reason="project_far", wake_month="2026-03")
    site.later(days=4)
    site.form("content_downloaded", "piece-0")
    site.form("content_downloaded", "piece-1")
    assert _where(lead) == "recycled"
    site.later(days=1)
    site.form("quote_requested")
    assert _where(lead) == "mql offered"


def test_no_need_ends_with_a_reason(site: Site, library: list[Content], rep: User) -> None:
    lead, offer = _offered(site)
    answer = site.decide(lead, "disqualify", rep, reason="no_need", note="Atelier fermé.")
    assert answer["stage"] == "disqualified"
    offer.refresh_from_db()
    assert (offer.status, offer.reason.code) == ("disqualified", "no_need")
    passage = passages_of(lead)[-1]
    assert (passage.verb, passage.reason.code, passage.note) == ("disqualify", "no_need", "Atelier fermé.")
    site.later(days=1)
    site.form("content_downloaded", "piece-0")
    assert _where(lead) == "disqualified"
    assert site.letters() == []


def test_a_decision_needs_its_reason(site: Site, rep: User) -> None:
    lead, _offer = _offered(site)
    assert site.decide(lead, "return", rep, reason="project_far")["status"] == 400
    assert site.decide(lead, "disqualify", rep, reason="bad_mood")["status"] == 400
    assert _where(lead) == "mql offered"


# The third article's example, word for word -----------------------------------------------------------------


@pytest.fixture
def agency(site: Site, library: list[Content], make_user: Callable[..., User]) -> Site:
    """The agency's rules and its promise: the monthly letter "mais jamais aucune autre sollicitation"."""
    load_template("agency", by=make_user("marketer"), now=site.now)
    set_up(preset=Preset.DISCRET.value)
    return site


def _send_monthly_letter(site: Site, lead: Lead, library: list[Content]) -> list[str]:
    journal = List.objects.create(
        code="journal", name="Journal mensuel", is_newsletter=True, created_at=TUESDAY
    )
    ListMembership.objects.create(list=journal, lead=lead, joined_at=site.now)
    record_consent(lead=lead, purpose=Purpose.NEWSLETTER, state=ConsentState.GRANTED, now=site.now)
    site.run()
    plan_issue(Issue("journal", "2025-10", "Le journal d’octobre", (library[3],)), now=site.now)
    return site.letters()


def test_one_white_paper_makes_an_mql_who_gets_the_monthly_letter_and_nothing_else(
    agency: Site, library: list[Content], rep: User
) -> None:
    lead = agency.form("content_downloaded", "piece-0")
    assert _where(lead) == "mql marketing"
    agency.later(days=3)
    assert agency.letters() == []
    assert not Offer.objects.exists()
    assert len(_send_monthly_letter(agency, lead, library)) == 1
    agency.later(days=20)
    assert agency.letters() == []
    assert set(Message.objects.filter(state="sent").values_list("purpose", flat=True)) == {"newsletter"}


def test_several_e_books_make_a_sal_to_decide(agency: Site, rep: User) -> None:
    lead = agency.form("content_downloaded", "piece-1")
    agency.later(days=6)
    agency.form("content_downloaded", "piece-2")
    assert _where(lead) == "mql offered"
    assert lead.standing.label in {"SAL to decide", "SAL à décider"}


def test_the_same_e_book_twice_is_not_several(agency: Site, rep: User) -> None:
    lead = agency.form("content_downloaded", "piece-2")
    agency.later(days=6)
    agency.form("content_downloaded", "piece-2")
    assert _where(lead) == "mql marketing"


@pytest.mark.parametrize("kind", ["event_attended", "webinar_attended"])
def test_attending_an_event_makes_a_sal_to_decide(agency: Site, rep: User, kind: str) -> None:
    lead = agency.form("form_submitted")
    assert _where(lead) == "lead"
    agency.later(days=1)
    agency.server_event(lead, kind)
    assert _where(lead) == "mql offered"


def test_a_contact_request_makes_a_sal_to_decide_at_once(agency: Site, rep: User) -> None:
    lead, offer = _offered(agency)
    assert _where(lead) == "mql offered"
    assert offer.offered_at == agency.now
    assert not Message.objects.exists()


def test_a_full_house_keeps_the_next_one_waiting(agency: Site, rep: User) -> None:
    leads = [
        agency.form("contact_requested", email=f"p{number}@atelier-{number}.example", company={})
        for number in range(3)
    ]
    assert sorted(_where(lead) for lead in leads) == ["mql offered", "mql offered", "mql ready"]
    waiting = next(lead for lead in leads if _where(lead) == "mql ready")
    first = next(lead for lead in leads if lead != waiting)
    agency.later(hours=1)
    agency.decide(first, "disqualify", rep, reason="no_need")
    assert _where(waiting) == "mql offered"
