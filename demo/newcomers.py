"""People arriving and telling about themselves: through the same actions as a form of a real site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from demo.cast import Person
from demo.props import CONSENT_TEXT, NEWSLETTER_CODE
from demo.story import Arrival, Telling
from leads.actions.consent import record_consents
from leads.actions.lists import join_list_at
from leads.actions.people import Arrival as Touch
from leads.actions.people import Identity
from leads.actions.people_many import Encounter
from leads.choices import ConsentState, ContactChannel, Origin, Purpose
from leads.models import ConsentEvent, Lead, List
from leads.normalise import EmailAddress, normalise_email, normalise_phone
from leads.partitions import month_after


def arriving(arrival: Arrival, person: Person, *, at: datetime) -> Encounter:
    """The first contact: the person becomes a lead."""
    return Encounter(
        identity=_identity(person),
        profile=_first_words(person, is_talkative=arrival.is_talkative),
        origin=Origin.FORM if arrival.way.landing_page else Origin.SALES,
        arrival=Touch(arrival.way.channel, arrival.way.acquisition, arrival.way.landing_page),
        company=_employer(person),
        at=at,
    )


def telling_more(telling: Telling, person: Person, *, at: datetime) -> Encounter:
    """A later form: need, budget, when."""
    return Encounter(
        identity=_identity(person),
        profile=whole_story(person, month_after(date(at.year, at.month, 1), telling.project_in_months)),
        origin=Origin.FORM,
        at=at,
    )


def subscribe(subscribers: Mapping[Lead, datetime], *, now: datetime) -> None:
    """The newsletter for these leads, each at a time of its own, with the consent that makes it lawful."""
    if not subscribers:
        return
    joined = {lead.pk: at for lead, at in subscribers.items()}
    new = join_list_at(joined=List.objects.get(code=NEWSLETTER_CODE), times=joined, now=now)
    record_consents(
        [_consent(lead, at) for lead, at in subscribers.items() if lead.pk in new and lead.email], now=now
    )


def _consent(lead: Lead, at: datetime) -> ConsentEvent:
    return ConsentEvent(
        lead=lead,
        purpose=Purpose.NEWSLETTER,
        channel=ContactChannel.EMAIL,
        state=ConsentState.GRANTED,
        at=at,
        text_version=CONSENT_TEXT,
        actor="form",
    )


def _identity(person: Person) -> Identity:
    email = _address(person) if person.email else None
    return Identity(email=email, phone=normalise_phone(person.phone) if person.phone else None)


def _address(person: Person) -> EmailAddress:
    """The demo's consumer mail provider is on no public list, so its addresses are marked here."""
    address = normalise_email(person.email)
    return replace(address, flags=("free",)) if person.uses_free_mail else address


def _first_words(person: Person, *, is_talkative: bool) -> dict[str, object]:
    """What the first form asks for; half of the people fill only what they must."""
    words: dict[str, object] = {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "language": "fr",
    }
    if person.firm or person.is_student:
        words |= {"job_title": person.job_title, "seniority": person.seniority}
    if is_talkative:
        words |= {
            "department": person.department,
            "company_role": person.decision_role,
            "interests": list(person.topics[:2]),
        }
    return words


def whole_story(person: Person, project_month: date) -> dict[str, object]:
    """All that the person can tell about the project."""
    return {
        "department": person.department,
        "company_role": person.decision_role,
        "need": person.need,
        "pain_point": person.pain_point,
        "budget_range": person.budget_range,
        "project_month": project_month,
        "interests": list(person.topics),
    }


def _employer(person: Person) -> dict[str, object]:
    """The company as the form tells it."""
    firm = person.firm
    if firm is None:
        return {}
    return {
        "domain": firm.domain,
        "name": firm.name,
        "sector": firm.sector,
        "headcount": firm.headcount,
        "turnover": firm.turnover,
        "country": "FR",
        "region": firm.region,
        "postcode": firm.postcode,
    }
