"""The companies that the rows of a slice name: found or made before the leads, completed, noted."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from capture.imports.cells import Memory
from capture.imports.rows import Row
from capture.imports.slices import company_key, key_of
from capture.models import Import, ImportedCompany
from capture.sql import HISTORY
from leads.actions.companies import COMPANY_FIELDS, complete, new_company
from leads.actions.profiles import Change
from leads.actions.registers import read_companies
from leads.company_names import CompanyKey
from leads.models import Company

MOST_REMEMBERED = 200_000


@dataclass(slots=True)
class Companies:
    """Finds and makes companies for one import; remembers those of which the file says nothing more."""

    batch: Import
    memory: Memory
    known: dict[str, tuple[int, str]] = field(default_factory=dict)  # id and name

    def resolve(self, rows: list[Row], *, now: datetime) -> dict[str, int]:
        """The company of each key in these rows, made where it is new; in a short transaction of its own.

        So nobody waits for a company until a whole slice is written; one that is made for a slice which
        then fails is found when the slice is done again.
        """
        wanted: dict[str, list[dict[str, object]]] = {}
        for row in rows:
            if key := company_key(row, self.memory):
                details = wanted.setdefault(key, [])
                # A name says nothing new of a company that is known and keeps its own.
                if len(row.company) > 1 or (row.company and (self.batch.overwrite or key not in self.known)):
                    details.append(row.company)
        missing = {key: told for key, told in wanted.items() if self._says_more(key, told)}
        if missing:
            self._resolve(missing, now)
        return {key: self.known[key][0] for key in wanted if key in self.known}

    def _says_more(self, key: str, told: list[dict[str, object]]) -> bool:
        """Whether the company is not known yet, or the file may tell something new of it."""
        if key not in self.known:
            return True
        name = self.known[key][1]
        return any(
            details.keys() - {"name", "domain"}
            or (self.batch.overwrite and details.get("name", name) != name)
            for details in told
        )

    def forget(self) -> None:
        """Ask the database again: one of them may be gone."""
        self.known.clear()

    @transaction.atomic
    def _resolve(self, missing: dict[str, list[dict[str, object]]], now: datetime) -> None:
        keys = {key: _key(key, told) for key, told in missing.items()}
        register = read_companies(set(keys.values()))
        fresh: dict[str, Company] = {}
        for text, key in keys.items():
            if register.find(key) is None and (key.domain or key.name):
                fresh[text] = new_company(key.domain, key.name, at=now)
                register.enter(fresh[text], siren=key.siren)
        self._insert(list(fresh.values()))
        if fresh:
            register = read_companies(set(keys.values()))
        self._complete({text: register.find(key) for text, key in keys.items()}, missing, fresh, now)

    def _insert(self, companies: list[Company]) -> None:
        """Those with a domain that somebody else made meanwhile are theirs."""
        companies.sort(key=lambda company: (company.domain or "", company.name))
        Company.objects.bulk_create(companies, ignore_conflicts=True)

    def _complete(
        self,
        found: dict[str, Company | None],
        told: dict[str, list[dict[str, object]]],
        fresh: dict[str, Company],
        now: datetime,
    ) -> None:
        if len(self.known) > MOST_REMEMBERED:
            self.known.clear()
        changed: list[Company] = []
        notes: list[ImportedCompany] = []
        history: list[dict[str, object]] = []
        for text, company in found.items():
            if company is None:
                continue  # a SIREN alone makes no company
            changes = self._changes(company, told[text], is_new=text in fresh)
            self.known[text] = (company.pk, company.name)
            if changes:
                changed.append(company)
                history += [
                    {"company_id": company.pk, "field": one.field, "old": one.old, "new": one.new}
                    for one in changes
                ]
            if changes or text in fresh:
                before = {one.field: [one.old, one.new] for one in changes}
                notes.append(
                    ImportedCompany(batch=self.batch, company=company, is_new=text in fresh, before=before)
                )
        self._write(changed, notes, history, now)

    def _changes(self, company: Company, told: list[dict[str, object]], *, is_new: bool) -> list[Change]:
        """What these rows tell of the company, one after the other."""
        changes: list[Change] = []
        for number, details in enumerate(told):
            values = {name: value for name, value in details.items() if name in COMPANY_FIELDS}
            changes += complete(
                company, values, is_new=is_new and number == 0, overwrite=self.batch.overwrite
            )
            custom = details.get("custom")
            if isinstance(custom, dict):
                changes += self._custom(company, custom)
        return changes

    def _custom(self, company: Company, told: dict[str, object]) -> list[Change]:
        old = dict(company.custom)
        taken = {
            code: value
            for code, value in told.items()
            if old.get(code) != value and (self.batch.overwrite or code not in old)
        }
        if not taken:
            return []
        company.custom = old | taken
        return [Change("custom", old, company.custom)]

    def _write(
        self,
        changed: list[Company],
        notes: list[ImportedCompany],
        history: list[dict[str, object]],
        now: datetime,
    ) -> None:
        fields = sorted({*COMPANY_FIELDS, "custom", "search_text", "name_key"})
        Company.objects.bulk_update(changed, fields, batch_size=200)
        ImportedCompany.objects.bulk_create(notes)
        if history:
            with connection.cursor() as cursor:
                values = {
                    "changes": json.dumps(history),
                    "at": self.batch.started_at,
                    "by": self.batch.created_by_id,
                }
                cursor.execute(HISTORY, values)


def _key(text: str, told: list[dict[str, object]]) -> CompanyKey:
    """As the register knows companies, with the name a new one would be given."""
    return key_of(text, next((str(details["name"]) for details in told if details.get("name")), ""))
