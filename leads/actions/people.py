"""Recognising people, and completing what is known about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import User
from leads.actions.companies import resolve_company
from leads.actions.events import record_events
from leads.actions.profiles import (
    PROFILE_FIELDS,
    Arrival,
    Change,
    Identity,
    NoIdentity,
    Recognised,
    columns_of,
    history_row,
    identity_changes,
    new_lead,
    profile_event,
    take_over,
    without_email,
)
from leads.choices import Origin
from leads.erased import WasErased, erased_among
from leads.models import Lead, ProfileChange
from leads.normalise import company_domain

__all__ = [
    "PROFILE_FIELDS",
    "Arrival",
    "Identity",
    "NoIdentity",
    "Recognised",
    "WasErased",
    "recognise",
    "resolve_company",
    "update_profile",
]


@transaction.atomic
def recognise(
    *,
    identity: Identity,
    profile: Mapping[str, object],
    origin: Origin,
    now: datetime,
    arrival: Arrival | None = None,
    company: Mapping[str, object] | None = None,
    overwrite: bool = True,
    trusted: bool = True,
    came_back: bool = False,
    by: User | None = None,
) -> Recognised:
    """Find the lead of this identity or make it, then complete its profile; its row is locked.

    An email is the strongest sign, then the outside reference, then the phone: a known phone with an
    unknown email is the same person only where that lead has no email yet and the caller is trusted (a
    switchboard has many people). With ``overwrite`` off only empty fields are filled.
    Raises NoIdentity when there is nothing to recognise anybody by, and WasErased for somebody who had
    themselves erased, unless they ``came_back``: confirmed their address themselves. Many at once:
    ``recognise_many``.
    """
    identity.require_usable()
    arrival = arrival or Arrival()
    found = _find(identity, trusted=trusted)
    if found is None and not came_back:
        _refuse_erased(identity)
    lead, created = (found, False) if found else _create(identity, arrival, now=now)
    changes = _identity_changes(lead, identity) | dict(profile)
    if arrival.channel and not created:
        Lead.objects.filter(pk=lead.pk).update(last_channel=arrival.channel)
    if company or not _is_known_employer(lead, identity):
        employer = resolve_company(
            identity.email, company or {}, now=now, origin=origin, by=by, overwrite=overwrite
        )
        if employer and (lead.company_id is None or (overwrite and lead.company_id != employer.pk)):
            changes["company"] = employer
    taken = take_over(lead, changes, overwrite=overwrite)
    _keep(lead, taken, origin=origin, now=now, by=by, wakes=True)
    return Recognised(lead, created)


def _is_known_employer(lead: Lead, identity: Identity) -> bool:
    """Whether the address says no more of the company than what is known: a found lead has ``domain``."""
    domain = company_domain(identity.email) if identity.email else None
    return domain is None or domain == getattr(lead, "domain", None)


def _refuse_erased(identity: Identity) -> None:
    """Raises WasErased when one of the addresses belongs to somebody who had themselves erased."""
    emails = [identity.email.key] if identity.email else []
    phones = [identity.phone.e164] if identity.phone and identity.phone.e164 else []
    if erased_among(emails=emails, phones=phones):
        raise WasErased


def _find(identity: Identity, *, trusted: bool) -> Lead | None:
    """The lead that is this person with its company's ``domain``, its row locked, following merges."""
    living = Lead.objects.filter(erased_at=None).annotate(domain=F("company__domain"))
    present = living.select_for_update(of=("self",), no_key=True)
    lead = None
    if identity.email:
        lead = present.filter(email=identity.email.key).first()
    if lead is None and identity.reference:
        lead = present.filter(reference=identity.reference).first()
    if lead is None and identity.phone and identity.phone.e164:
        same_phone = present.filter(phone=identity.phone.e164, merged_into=None).order_by("id")
        if not identity.email:
            lead = same_phone.first()
        elif trusted:
            lead = same_phone.filter(email=None).first()
    while lead is not None and lead.merged_into_id:
        lead = present.get(pk=lead.merged_into_id)
    return lead


def _create(identity: Identity, arrival: Arrival, *, now: datetime) -> tuple[Lead, bool]:
    """A new lead; or the one that a concurrent request made a moment before."""
    lead = new_lead(identity, arrival, at=now)
    try:
        with transaction.atomic():
            lead.save(force_insert=True)
    except IntegrityError:
        found = _find(identity, trusted=True)
        if found is None:
            raise
        return found, False
    return lead, True


def _identity_changes(lead: Lead, identity: Identity) -> dict[str, object]:
    """What the lead learns of its identity; a value that another lead holds stays theirs."""
    changes = identity_changes(lead, identity)
    others = Lead.objects.exclude(pk=lead.pk)
    if "email" in changes and others.filter(email=changes["email"]).exists():
        changes = without_email(changes)
    if "reference" in changes and others.filter(reference=changes["reference"]).exists():
        del changes["reference"]
    return changes


@transaction.atomic
def update_profile(
    *,
    lead: Lead,
    changes: Mapping[str, object],
    origin: Origin,
    now: datetime,
    by: User | None = None,
    overwrite: bool = True,
    wakes: bool = True,
) -> list[ProfileChange]:
    """Take over what differs, keep its history, record ``profile_changed`` and wake the lead.

    What is taken over and what only grows: see ``profiles.take_over``. Returns the changes, which may be
    none.
    """
    taken = take_over(lead, changes, overwrite=overwrite)
    return _keep(lead, taken, origin=origin, now=now, by=by, wakes=wakes)


def _keep(
    lead: Lead, taken: list[Change], *, origin: Origin, now: datetime, by: User | None, wakes: bool
) -> list[ProfileChange]:
    """Write what was taken over, its history, and the event that tells of it."""
    if not taken:
        return []
    lead.save(update_fields=columns_of(taken))
    rows = [history_row(lead, change, origin=origin, at=now, by=by) for change in taken]
    ProfileChange.objects.bulk_create(rows)
    record_events([profile_event(lead.pk, taken, origin=origin, at=now, wakes=wakes)], now=now)
    return rows
