"""Writing a funnel's history: leads known by a reference, their first contact, and what became of them.

Set-wise, a slice of leads in one transaction; whoever is known already is left alone, so it may run twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from funnel.actions.imports import ImportedOutcome, record_outcomes
from funnel.models import Passage
from funnel.stages import Stage, Verb
from leads.actions.events import new_event, record_events
from leads.actions.people import Arrival, Identity
from leads.actions.people_many import Encounter, recognise_many
from leads.choices import Origin
from leads.incoming import NewEvent
from leads.kinds import BY_CODE
from leads.models import Lead, Source
from pipeline.history import Contact, Deal, History

SLICE = 2000
# A day without an hour: noon, so that every time zone nearby agrees on the day and the month.
FIRST_CONTACT_HOUR = time(12)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay wrote: leads made and known before, people made, histories recorded."""

    made: int
    known: int
    people: int
    recorded: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """One lead as the funnel has it now: for the totals."""

    channel: str
    month: str
    is_won: bool


def replay(history: History, *, now: datetime) -> Replayed:
    """Write the history; idempotent. Wakes the new leads, so that the pipeline scores them."""
    people, hired = _people(history.deals.values())
    made = known = recorded = 0
    for contacts in _slices(history.contacts.values()):
        with transaction.atomic():
            new, old = _make_leads(contacts, now=now)
            ids = new | old
            record_events([_first_contact(contact, ids[contact.reference]) for contact in contacts], now=now)
            outcomes = [
                _outcome(contact, history.deals.get(contact.reference), ids[contact.reference], people)
                for contact in contacts
            ]
            recorded += record_outcomes(outcomes, now=now).recorded
        made, known = made + len(new), known + len(old)
    return Replayed(made, known, hired, recorded)


def _slices(contacts: Iterable[Contact]) -> Iterator[list[Contact]]:
    left = iter(contacts)
    while part := list(islice(left, SLICE)):
        yield part


def _people(deals: Iterable[Deal]) -> tuple[dict[str, User], int]:
    """The users who qualified and closed, by their reference, and how many were made; nobody can sign in
    as one of them."""
    names = sorted({name for deal in deals for name in (deal.sdr, deal.rep) if name})
    emails = {name: f"{name.lower()}@replay.invalid" for name in names}
    present = set(User.objects.filter(email__in=emails.values()).values_list("email", flat=True))
    missing = [name for name in names if emails[name] not in present]
    for name in missing:
        User.objects.create_user(
            emails[name], first_name="Sales", last_name=name[:8], role=Role.REP, is_active=False
        )
    by_email = {user.email: user for user in User.objects.filter(email__in=emails.values())}
    return {name: by_email[emails[name]] for name in names}, len(missing)


def _make_leads(contacts: Sequence[Contact], *, now: datetime) -> tuple[dict[str, int], dict[str, int]]:
    """The ids of the leads of these contacts by reference: those made now and those known before."""
    rows = Lead.objects.filter(reference__in=[contact.reference for contact in contacts])
    before = {reference: number for reference, number in rows.values_list("reference", "pk") if reference}
    new = [contact for contact in contacts if contact.reference not in before]
    made = recognise_many(encounters=[_encounter(contact) for contact in new], now=now)
    return {contact.reference: one.lead.pk for contact, one in zip(new, made, strict=True)}, before


def _encounter(contact: Contact) -> Encounter:
    """Somebody who can be scored and counted, but not reached."""
    return Encounter(
        identity=Identity(reference=contact.reference),
        profile={},
        origin=Origin.IMPORT,
        arrival=Arrival(contact.channel, landing_page=contact.landing_page),
        at=_noon(contact.on),
    )


def _first_contact(contact: Contact, lead_id: int) -> NewEvent:
    """The form that the lead filled on its landing page."""
    return new_event(
        lead_id=lead_id,
        kind_id=BY_CODE["form_submitted"].id,
        occurred_at=_noon(contact.on),
        source_id=Source.IMPORT,
        event_id=f"replay:{contact.reference}",
        channel=contact.channel,
        properties={"landing_page": contact.landing_page} if contact.landing_page else {},
    )


def _outcome(contact: Contact, deal: Deal | None, lead_id: int, people: dict[str, User]) -> ImportedOutcome:
    """How far the lead got: every one is an MQL, the won ones went all the way on the day they were won."""
    came = _noon(contact.on)
    if deal is None:
        return ImportedOutcome(lead_id, came, Stage.MQL)
    won = deal.at.replace(tzinfo=_zone())
    return ImportedOutcome(
        lead_id,
        min(came, won),
        Stage.CUSTOMER,
        won,
        accepted_by=people.get(deal.sdr),
        closed_by=people.get(deal.rep),
        product=deal.about.get("business_segment", ""),
    )


def _noon(day: date) -> datetime:
    return datetime.combine(day, FIRST_CONTACT_HOUR, tzinfo=_zone())


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def outcomes(references: Sequence[str]) -> list[Outcome]:
    """These leads as they stand in the funnel now: channel, month of the first contact, won or not."""
    leads = list(Lead.objects.filter(reference__in=references).values_list("pk", "channel", "created_at"))
    won = set(
        Passage.objects.filter(
            lead__reference__in=references, to_stage=Stage.CUSTOMER, verb__in=[Verb.WIN, Verb.CONVERT]
        ).values_list("lead_id", flat=True)
    )
    return [
        Outcome(channel, f"{created_at.astimezone(_zone()):%Y-%m}", number in won)
        for number, channel, created_at in leads
    ]
