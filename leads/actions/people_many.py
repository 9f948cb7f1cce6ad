"""Recognising many people at once: the same result as ``recognise`` for one after the other, set-wise.

Everybody whom the batch may concern is read and locked first, the encounters are worked off in memory in
their order, and what came of them is written at the end: about ten statements however many people.

Locks are taken as ``recognise`` takes them: leads by id, then new leads by their keys, then companies. When
another transaction has just made the same lead or company, the batch is worked off afresh.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Manager, Model

from accounts.models import User
from leads.actions.companies import company_key, complete, new_company
from leads.actions.events import record_events
from leads.actions.people import recognise
from leads.actions.profiles import (
    Arrival,
    Identity,
    Recognised,
    columns_of,
    history_row,
    new_lead,
    profile_event,
    take_over,
)
from leads.actions.registers import (
    CompanyRegister,
    LeadRegister,
    SomebodyWasQuicker,
    read_companies,
    read_leads,
)
from leads.choices import Origin
from leads.company_names import CompanyKey
from leads.erased import WasErased, erased_among
from leads.incoming import NewEvent
from leads.models import Company, Lead, ProfileChange

TRIES = 3
ROWS = 200  # a statement: an UPDATE with a CASE for each row grows with the square


NOWHERE = Arrival()


@dataclass(frozen=True, slots=True)
class Encounter:
    """One person met: what ``recognise`` is told of them. ``at``: when that was, if not now."""

    identity: Identity
    profile: Mapping[str, object]
    origin: Origin
    arrival: Arrival = NOWHERE
    company: Mapping[str, object] = field(default_factory=dict)
    at: datetime | None = None

    @property
    def company_key(self) -> CompanyKey:
        """By what the company is recognised."""
        return company_key(self.identity.email, self.company)


@transaction.atomic
def recognise_many(
    *,
    encounters: Sequence[Encounter],
    now: datetime,
    overwrite: bool = True,
    trusted: bool = True,
    by: User | None = None,
) -> list[Recognised]:
    """Recognise these people in their order, as ``recognise`` does; the results stand in the same order.

    All or nothing. Raises NoIdentity when one of them cannot be recognised by anything, WasErased when one
    had themselves erased.
    """
    for encounter in encounters:
        encounter.identity.require_usable()
    rules = _Rules(now, overwrite, trusted, by)
    for _attempt in range(TRIES):
        try:
            with transaction.atomic():
                return _work_off(encounters, rules)
        except SomebodyWasQuicker:
            continue
    return [_recognise_one(encounter, rules) for encounter in encounters]


@dataclass(frozen=True, slots=True)
class _Rules:
    """What holds for the whole batch: see ``recognise``."""

    now: datetime
    overwrite: bool
    trusted: bool
    by: User | None


def _recognise_one(encounter: Encounter, rules: _Rules) -> Recognised:
    """The slow way, for when others keep being quicker."""
    return recognise(
        identity=encounter.identity,
        profile=encounter.profile,
        origin=encounter.origin,
        arrival=encounter.arrival,
        company=encounter.company,
        now=encounter.at or rules.now,
        overwrite=rules.overwrite,
        trusted=rules.trusted,
        by=rules.by,
    )


def _work_off(encounters: Sequence[Encounter], rules: _Rules) -> list[Recognised]:
    """Raises SomebodyWasQuicker where another transaction made a lead or company meanwhile."""
    if not encounters:
        return []
    batch = _read(encounters, rules)
    results = [batch.meet(encounter) for encounter in encounters]
    batch.write()
    return results


def _read(encounters: Sequence[Encounter], rules: _Rules) -> _Batch:
    leads = read_leads([encounter.identity for encounter in encounters])
    keys = {encounter.company_key for encounter in encounters} - {CompanyKey()}
    companies = read_companies(keys) if keys else CompanyRegister(())
    for lead in leads:
        lead.company = companies.same(lead.company)
    unknown = sum(leads.find(one.identity, trusted=rules.trusted) is None for one in encounters)
    unseen = sum(companies.find(key) is None for key in keys)
    erased = erased_among(emails={address for one in encounters for address in one.identity.addresses})
    numbers = _numbers(Lead, unknown), _numbers(Company, unseen)
    return _Batch(rules, leads, companies, erased, *numbers)


def _numbers(model: type[Model], expected: int) -> Iterator[int]:
    """Fresh ids, ascending, taken when the first is needed: so rows can refer to each other before any is
    written."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [model._meta.db_table, max(1, expected)],
            )
            fresh = sorted(number for (number,) in cursor.fetchall())
        yield from fresh


@dataclass(slots=True)
class _Batch:
    """The batch while it is worked off: what is known, and what there is to write."""

    rules: _Rules
    leads: LeadRegister
    companies: CompanyRegister
    erased: set[str]
    lead_ids: Iterator[int]
    company_ids: Iterator[int]
    new_leads: dict[int, Lead] = field(default_factory=dict)
    new_companies: dict[int, Company] = field(default_factory=dict)
    changed_leads: defaultdict[Lead, set[str]] = field(default_factory=lambda: defaultdict(set))
    changed_companies: defaultdict[Company, set[str]] = field(default_factory=lambda: defaultdict(set))
    history: list[ProfileChange] = field(default_factory=list)
    events: list[NewEvent] = field(default_factory=list)

    def meet(self, encounter: Encounter) -> Recognised:
        """One encounter, in memory: see ``recognise``."""
        rules, at = self.rules, encounter.at or self.rules.now
        found = self.leads.find(encounter.identity, trusted=rules.trusted)
        if found is None and self.erased & set(encounter.identity.addresses):
            raise WasErased
        lead = found or self._make_lead(encounter, at)
        changes = self.leads.identity_changes(lead, encounter.identity) | dict(encounter.profile)
        if found and encounter.arrival.channel:
            lead.last_channel = encounter.arrival.channel
            self.changed_leads[lead].add("last_channel")
        employer = self._employer(encounter, at)
        if employer and (lead.company_id is None or (rules.overwrite and lead.company_id != employer.pk)):
            changes["company"] = employer
        taken = take_over(lead, changes, overwrite=rules.overwrite)
        if taken:
            self.changed_leads[lead] |= columns_of(taken)
            self.history += [
                history_row(lead, one, origin=encounter.origin, at=at, by=rules.by) for one in taken
            ]
            self.events.append(profile_event(lead.pk, taken, origin=encounter.origin, at=at))
            self.leads.enter(lead)
        return Recognised(lead, found is None)

    def _make_lead(self, encounter: Encounter, at: datetime) -> Lead:
        lead = new_lead(encounter.identity, encounter.arrival, at=at)
        lead.pk = next(self.lead_ids)
        self.leads.enter(lead)
        self.new_leads[lead.pk] = lead
        return lead

    def _employer(self, encounter: Encounter, at: datetime) -> Company | None:
        """The company of the encounter, completed: see ``resolve_company``."""
        key = encounter.company_key
        if not any(key):
            return None
        company = self.companies.find(key)
        if company is None and not (key.domain or key.name):
            return None
        if is_new := company is None:
            company = new_company(key.domain, key.name, at=at)
            company.pk = next(self.company_ids)
            self.companies.enter(company, siren=key.siren)
            self.new_companies[company.pk] = company
        changes = complete(company, encounter.company, is_new=is_new, overwrite=self.rules.overwrite)
        if changes:
            # What it has just learned may be by what the next one is recognised.
            self.companies.enter(company, siren=key.siren if is_new else "")
            self.changed_companies[company] |= {change.field for change in changes} | {
                "search_text",
                "name_key",
            }
            self.history += [
                history_row(company, one, origin=encounter.origin, at=at, by=self.rules.by) for one in changes
            ]
        return company

    def write(self) -> None:
        """New leads in the order of their keys, so that two batches wait for each other instead of locking
        up; then companies, changes, history and events."""
        new_leads = sorted(self.new_leads.values(), key=lambda one: (one.email or "", one.reference or ""))
        new_companies = sorted(self.new_companies.values(), key=lambda one: one.domain or "")
        _insert(Lead.objects, new_leads)
        _insert(Company.objects, new_companies)
        _update(Lead.objects, _but(self.changed_leads, self.new_leads))
        _update(Company.objects, _but(self.changed_companies, self.new_companies))
        ProfileChange.objects.bulk_create(self.history, batch_size=ROWS * 10)
        if self.events:
            record_events(self.events, now=self.rules.now)


M = TypeVar("M", bound=Model)


def _but(changed: Mapping[M, set[str]], new: Mapping[int, M]) -> dict[M, set[str]]:
    """What changed of those that were there before."""
    return {row: fields for row, fields in changed.items() if row.pk not in new}


def _insert(manager: Manager[M], rows: Sequence[M]) -> None:
    if not rows:
        return
    manager.bulk_create(rows, ignore_conflicts=True, batch_size=ROWS * 10)
    if manager.filter(pk__in=[row.pk for row in rows]).count() < len(rows):
        raise SomebodyWasQuicker


def _update(manager: Manager[M], changed: Mapping[M, set[str]]) -> None:
    if changed:
        rows = sorted(changed, key=lambda row: row.pk)
        manager.bulk_update(rows, set().union(*changed.values()), batch_size=ROWS)
