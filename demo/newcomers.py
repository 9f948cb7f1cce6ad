"""People arriving and telling about themselves: through the same actions as a form of a real site."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from demo.cast import Person
from demo.props import CONSENT_TEXT, NEWSLETTER_CODE
from demo.story import Arrival, Telling
from leads.actions.consent import record_consent
from leads.actions.people import Arrival as Touch
from leads.actions.people import Identity, recognise, update_profile
from leads.choices import ConsentState, Origin, Purpose
from leads.models import Lead, List, ListMembership
from leads.normalise import EmailAddress, normalise_email, normalise_phone
from leads.partitions import month_after


def arrive(arrival: Arrival, person: Person, *, now: datetime) -> Lead:
    """The first contact: the person becomes a lead."""
    return recognise(
        identity=_identity(person),
        profile=_first_words(person, is_talkative=arrival.is_talkative),
        origin=Origin.FORM if arrival.way.landing_page else Origin.SALES,
        now=now,
        arrival=Touch(arrival.way.channel, arrival.way.acquisition, arrival.way.landing_page),
        company=_employer(person),
    ).lead


def tell_more(telling: Telling, person: Person, lead: Lead, *, now: datetime) -> None:
    """A later form: need, budget, when."""
    update_profile(
        lead=lead,
        changes=whole_story(person, month_after(date(now.year, now.month, 1), telling.project_in_months)),
        origin=Origin.FORM,
        now=now,
    )


def subscribe(lead: Lead, *, now: datetime) -> None:
    """The newsletter, with the consent that makes it lawful; who comes back after leaving is back."""
    newsletter = List.objects.get(code=NEWSLETTER_CODE)
    _membership, is_new = ListMembership.objects.get_or_create(
        list=newsletter, lead=lead, defaults={"joined_at": now}
    )
    if is_new and lead.email:
        record_consent(
            lead=lead,
            purpose=Purpose.NEWSLETTER,
            state=ConsentState.GRANTED,
            now=now,
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
