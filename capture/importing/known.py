"""Rows of people who are known: what they change, worked out on the leads themselves."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import connection

from capture.imports.rows import Row
from capture.models import Import
from capture.sql import HISTORY, update
from leads.actions.events import record_events
from leads.actions.profiles import (
    Change,
    Identity,
    columns_of,
    identity_changes,
    profile_event,
    take_over,
    without_email,
)
from leads.choices import Origin
from leads.models import Company, Lead

_RELATIONS = {"company": "company_id", "owner": "owner_id"}
_IDENTITY = frozenset({"email", "phone", "reference"})


@dataclass(slots=True)
class Met:
    """A known lead and what the file changed in it."""

    lead: Lead
    changes: list[Change] = field(default_factory=list)
    columns: set[str] = field(default_factory=set)
    owner_kept: bool = False


def plain(value: object) -> object:
    """A value as JSON keeps it; a company by its id, so that it can be given back."""
    if value is None or type(value) is str:  # nearly all of them
        return value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value.pk if isinstance(value, Company) else value


def read_known(lead_ids: Iterable[int], *, locked: bool) -> dict[int, Lead]:
    """The leads that are still there, by id; locked in the order of their ids."""
    leads = Lead.objects.filter(pk__in=set(lead_ids)).order_by("pk")
    if locked:
        leads = leads.select_for_update(no_key=True)
    known = {lead.pk: lead for lead in leads if lead.erased_at is None and lead.merged_into_id is None}
    companies = named_companies(lead.company_id for lead in known.values())
    for lead in known.values():
        if lead.company_id is not None:
            lead.company = companies.get(lead.company_id)
    return known


def named_companies(ids: Iterable[int | None]) -> dict[int, Company]:
    """These companies by id, with no more than their names."""
    return Company.objects.only("name").in_bulk({pk for pk in ids if pk is not None})


def free_keys(rows: Collection[Row]) -> tuple[set[str], set[str]]:
    """Those emails and references of these rows that some lead holds."""
    emails = {row.email.key for row in rows if row.email}
    references = {row.reference for row in rows if row.reference}
    return (
        {e for e in Lead.objects.filter(email__in=emails).values_list("email", flat=True) if e},
        {r for r in Lead.objects.filter(reference__in=references).values_list("reference", flat=True) if r},
    )


def meet(
    met: Met,
    row: Row,
    batch: Import,
    employer: Company | None,
    taken: tuple[set[str], set[str]],
) -> list[Change]:
    """Take over what the row tells of a known lead, as ``recognise`` does. ``taken``: emails and references
    that are somebody's. An owner is only given to a lead that has none."""
    lead = met.lead
    identity = Identity(row.email, row.phone, row.reference)
    changes = identity_changes(lead, identity)
    if row.email and "email" in changes and row.email.key in taken[0]:
        changes = without_email(changes)
    if row.reference in taken[1]:
        changes.pop("reference", None)
    changes |= row.profile
    if employer and (lead.company_id is None or (batch.overwrite and lead.company_id != employer.pk)):
        changes["company"] = employer
    made = take_over(lead, changes, overwrite=batch.overwrite)
    met.columns |= columns_of(made)
    made += _plain_changes(met, row, batch)
    met.changes += made
    return made


def has_become_another(met: Met) -> bool:
    """Whether an earlier row gave the lead something that people are recognised by.

    Colleagues share a switchboard: the first of them gets a lead that was known by that number only; whether
    the next one is the same person, only another look at the database can tell.
    """
    return any(change.field in _IDENTITY for change in met.changes)


def _plain_changes(met: Met, row: Row, batch: Import) -> list[Change]:
    """The owner and the last channel: not part of the profile's history."""
    lead, made = met.lead, []
    channel = row.channel or batch.channel
    if channel and lead.last_channel != channel:
        made.append(Change("last_channel", lead.last_channel, channel))
        lead.last_channel = channel
    if row.owner_id and lead.owner_id is None:
        made.append(Change("owner", None, row.owner_id))
        lead.owner_id = row.owner_id
    elif row.owner_id and lead.owner_id != row.owner_id:
        met.owner_kept = True
    met.columns |= {change.field for change in made}
    return made


def is_telling(change: Change) -> bool:
    """Whether a change is one of the profile, which people see."""
    return change.field != "last_channel"


def write(met: Mapping[int, Met], batch: Import, *, now: datetime) -> None:
    """Write what changed, its history and the events that say so."""
    changed = [one for one in met.values() if one.changes]
    if not changed:
        return
    names = sorted(set().union(*(one.columns for one in changed)))
    columns = tuple(_RELATIONS.get(name, name) for name in names)
    rows = [
        {"id": one.lead.pk} | {column: plain(getattr(one.lead, column)) for column in columns}
        for one in changed
    ]
    history = [
        {"lead_id": one.lead.pk, "field": change.field, "old": _told(change.old), "new": _told(change.new)}
        for one in changed
        for change in one.changes
        if change.field not in ("last_channel", "owner")
    ]
    with connection.cursor() as cursor:
        cursor.execute(update("leads_lead", columns), {"rows": json.dumps(rows)})
        values = {"changes": json.dumps(history), "at": batch.started_at, "by": batch.created_by_id}
        cursor.execute(HISTORY, values)
    telling = [(one, [change for change in one.changes if is_telling(change)]) for one in changed]
    record_events(
        [
            profile_event(one.lead.pk, changes, origin=Origin.IMPORT, at=now, wakes=False)
            for one, changes in telling
            if changes
        ],
        now=now,
    )


def _told(value: object) -> object:
    """As history shows it: a company by its name."""
    return value.name if isinstance(value, Company) else plain(value)
