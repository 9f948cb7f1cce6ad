"""A dry run: the whole file through the same reading, matching and comparing; no lead is written."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from capture.choices import RowState
from capture.importing.counting import Account
from capture.importing.known import Met, free_keys, has_become_another, is_telling, meet, plain, read_known
from capture.importing.opening import Opened, opened
from capture.imports.ahead import Ahead
from capture.imports.rows import Row
from capture.imports.slices import BASE, Slice, company_key, key_of
from capture.models import Import, ImportRow
from capture.sql import COPY, MATCH, OPPOSED, OPPOSING, PLAN, STAGE
from leads.actions.profiles import Change
from leads.actions.registers import read_companies
from leads.models import Company

SLICE = 5000
MOST_REASONS = 100_000  # rejected rows whose reason is kept


def check(batch: Import, *, now: datetime) -> Account:
    """What a run would do now. Rejected rows are kept with their reason, as far as there is room."""
    ImportRow.objects.filter(batch=batch).delete()
    with opened(batch, now=now, from_start=True) as file:
        file.slicer.size = SLICE
        checker = _Checker(batch, file, now)
        ahead = Ahead(file.slicer, language=batch.language)
        try:
            for piece in ahead:
                checker.take(piece)
        finally:
            ahead.close()
    return checker.account


@dataclass(slots=True)
class _Seen:
    """Who stood in the file so far, by hashes: people who would be made by then."""

    emails: set[int] = field(default_factory=set)
    references: set[int] = field(default_factory=set)
    phones: set[int] = field(default_factory=set)
    bare_phones: set[int] = field(default_factory=set)  # of somebody without an email
    leads: set[int] = field(default_factory=set)

    def holds(self, row: Row) -> bool:
        """Whether an earlier row made this person."""
        number = row.phone.e164 if row.phone else None
        phones = self.bare_phones if row.email else self.phones
        return bool(
            (row.email and hash(row.email.key) in self.emails)
            or (row.reference and hash(row.reference) in self.references)
            or (number and hash(number) in phones)
        )

    def enter(self, row: Row) -> None:
        if row.email:
            self.emails.add(hash(row.email.key))
        if row.reference:
            self.references.add(hash(row.reference))
        if row.phone and row.phone.e164:
            self.phones.add(hash(row.phone.e164))
            if row.email is None:
                self.bare_phones.add(hash(row.phone.e164))


@dataclass(slots=True)
class _Checker:
    batch: Import
    file: Opened
    now: datetime
    account: Account = field(default_factory=Account)
    seen: _Seen = field(default_factory=_Seen)
    reasons: int = 0

    def take(self, piece: Slice) -> None:
        """Count one slice."""
        fates: list[ImportRow] = []
        opposed, matched = self._look_up(piece)
        rows = {row.line: row for row in piece.rows}
        met = self._compare({line: lead for line, lead in matched.items() if line not in opposed}, rows)
        for line, row in rows.items():
            if line in opposed:
                self._reject(fates, line, RowState.OPPOSED, "opposed")
            elif line not in met:
                self._new(row)
        for line, head in piece.twins:
            if head in opposed:
                self._reject(fates, line, RowState.OPPOSED, "opposed")
            else:
                self.account.count(RowState.TWIN)
        for line, code, text in piece.rejects:
            self._reject(fates, line, RowState.INVALID, code, text)
        self.account.count(RowState.KNOWN, len(piece.known))
        self.account.left_out.update(piece.left_out)
        self._count_told(piece, opposed)
        ImportRow.objects.bulk_create(fates, batch_size=2000)
        self._say_how_far()

    @transaction.atomic
    def _look_up(self, piece: Slice) -> tuple[set[int], dict[int, int]]:
        """The rows of people who objected, and the leads of those who are known."""
        if not piece.rows:
            return set(), {}
        with connection.cursor() as cursor:
            cursor.execute(PLAN)
            cursor.execute(STAGE)
            columns = ", ".join((*BASE, "new_id", *self.file.columns))
            text = _with_numbers(piece.text)
            cursor.copy_expert(COPY.format(columns=columns), io.StringIO(text))
            cursor.execute("ANALYZE import_row")
            cursor.execute(OPPOSED, {"opposing": list(OPPOSING), "at": self.now})
            opposed = {line for (line,) in cursor.fetchall()}
            cursor.execute(MATCH)
            return opposed, dict(cursor.fetchall())

    def _compare(self, matched: Mapping[int, int], rows: Mapping[int, Row]) -> set[int]:
        """What the rows of known people would change; the lines of these rows."""
        known = read_known(matched.values(), locked=False)
        taken = free_keys([rows[line] for line in matched])
        employers = self._employers([rows[line] for line in matched])
        met: dict[int, Met] = {}
        done: set[int] = set()
        for line in sorted(matched):
            lead = known.get(matched[line])
            if lead is None:
                continue
            one = met.setdefault(lead.pk, Met(lead))
            if has_become_another(one):
                continue
            employer = employers.get(company_key(rows[line], self.file.reader.memory))
            telling = [c for c in meet(one, rows[line], self.batch, employer, taken) if is_telling(c)]
            is_again = lead.pk in self.seen.leads
            state = RowState.TWIN if is_again else RowState.CHANGED if telling else RowState.SAME
            self.account.count(state)
            self.account.fields.update(change.field for change in telling)
            self.account.told["owners_kept"] += one.owner_kept
            self.seen.leads.add(lead.pk)
            self.seen.enter(rows[line])
            if state is RowState.CHANGED:
                self._show_change(line, one, telling)
            done.add(line)
        return done

    def _employers(self, rows: list[Row]) -> dict[str, Company | None]:
        """The company each row would lead to; one that would be made has no number yet."""
        memory = self.file.reader.memory
        keys = {key: row for row in rows if (key := company_key(row, memory))}
        wanted = {text: key_of(text) for text in keys}
        register = read_companies(set(wanted.values()))
        found: dict[str, Company | None] = {}
        for text, row in keys.items():
            sought = wanted[text]
            name = str(row.company.get("name") or sought.name or sought.domain or "")
            found[text] = register.find(sought) or (Company(name=name) if name else None)
        return found

    def _show_change(self, line: int, one: Met, changes: list[Change]) -> None:
        self.account.sample(
            "changed",
            line=line,
            name=one.lead.display_name,
            lead=str(one.lead.public_id),
            changes=[[c.field, _shown(c.old), _shown(c.new)] for c in changes[:12]],
        )

    def _new(self, row: Row) -> None:
        if self.seen.holds(row):
            self.account.count(RowState.TWIN)
        else:
            self.account.count(RowState.NEW)
            profile = row.profile
            name = f"{profile.get('first_name', '')} {profile.get('last_name', '')}".strip()
            email, phone = (row.email.key if row.email else ""), (row.phone.raw if row.phone else "")
            self.account.sample(
                "new", line=row.line, name=name, email=email, phone=phone or row.reference or "",
                company=str(row.company.get("name", "")),
            )  # fmt: skip
        self.seen.enter(row)

    def _reject(self, fates: list[ImportRow], line: int, state: RowState, code: str, text: str = "") -> None:
        self.account.count(state)
        self.account.codes[code] += 1
        self.account.sample(state.name.lower(), line=line, reason=text)
        if self.reasons < MOST_REASONS:
            self.reasons += 1
            fates.append(ImportRow(batch=self.batch, line=line, state=state, code=code, reason=text))

    def _count_told(self, piece: Slice, opposed: set[int]) -> None:
        for head, row in piece.told:
            if head in opposed:
                continue
            proven = [c for c in row.consents if not c.is_granted or (c.at and c.proof)]
            self.account.told["consents"] += len(proven)
            self.account.told["consents_without_proof"] += len(row.consents) - len(proven)
            self.account.told["events"] += row.happening is not None
            self.account.told["outcomes"] += row.ending is not None

    def _say_how_far(self) -> None:
        """For the page that waits."""
        Import.objects.filter(pk=self.batch.pk).update(report=self.batch.report | {"rows": self.account.rows})


def _with_numbers(text: str) -> str:
    """The rows with 0 for the number of a lead: a check must not use numbers up."""
    width = len(BASE)
    lines = []
    for line in text.split("\n")[:-1]:
        cells = line.split("\t")
        lines.append("\t".join([*cells[:width], "0", *cells[width:]]))
    return "".join(f"{line}\n" for line in lines)


def _shown(value: object) -> object:
    return value.name if isinstance(value, Company) else plain(value)
