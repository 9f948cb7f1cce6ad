"""One slice while it is taken in: staged, compared with the base, written, all in one transaction."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from capture.choices import RowState
from capture.importing.counting import Account
from capture.importing.known import (
    Met,
    free_keys,
    has_become_another,
    is_telling,
    meet,
    named_companies,
    plain,
    read_known,
    write,
)
from capture.importing.opening import Opened
from capture.importing.told import record_told
from capture.imports.rows import Row
from capture.imports.slices import BASE, Slice, company_key
from capture.models import Import
from capture.sql import (
    COPY,
    FATES,
    FORGET,
    JOIN,
    MATCH,
    MET,
    OPPOSED,
    OPPOSING,
    PLAN,
    STAGE,
    STATISTICS,
    TOUCH,
    insert_leads,
)
from leads.actions.events import new_event, record_events
from leads.kinds import BY_CODE
from leads.models import Lead, Source

ROUNDS = 4
BLOCK = 1 << 20  # characters handed to COPY at once


@dataclass(frozen=True, slots=True)
class Run:
    """What the slices of one run share; ``lists`` are those that new leads join."""

    batch: Import
    file: Opened
    now: datetime
    lists: list[int]


@dataclass(slots=True)
class Piece:
    """One slice while it is taken in."""

    run: Run
    piece: Slice
    employers: Mapping[str, int]
    account: Account = field(default_factory=Account)
    fates: list[dict[str, Any]] = field(default_factory=list)
    leads: dict[int, int] = field(default_factory=dict)  # by line

    @transaction.atomic
    def take_in(self) -> None:
        """All of it, and where the next slice begins."""
        batch = Import.objects.select_for_update().get(pk=self.run.batch.pk)
        if batch.next_line > self.piece.place.line:
            return  # somebody else did it
        self.account = Account.of(batch.result)
        self.account.samples = batch.result.get("samples", {})
        if self.piece.rows:
            self._stage()
            self._work()
        self._rest()
        self._tell()
        self._close(batch)

    def _stage(self) -> None:
        columns = ", ".join((*BASE, *self.run.file.columns))
        with connection.cursor() as cursor:
            cursor.execute(PLAN)
            cursor.execute(STAGE)
            cursor.copy_expert(COPY.format(columns=columns), io.StringIO(self.piece.text), BLOCK)
            cursor.copy_expert(
                "COPY import_company FROM STDIN",
                io.StringIO("".join(f"{_copied(key)}\t{pk}\n" for key, pk in self.employers.items())),
                BLOCK,
            )
            cursor.execute(STATISTICS)

    def _work(self) -> None:
        """Round by round: who is known, who is new; whoever was made by others meanwhile is known then."""
        open_rows = {row.line: row for row in self.piece.rows}
        for line in self._opposed():
            self._fate(line, RowState.OPPOSED)
            del open_rows[line]
        self._forget(row.line for row in self.piece.rows if row.line not in open_rows)
        for _round in range(ROUNDS):
            if not open_rows:
                return
            matched = self._matched()
            made = self._make(list(matched), len(open_rows) - len(matched))
            met = self._meet(matched, open_rows)
            for line in (*made, *met):
                del open_rows[line]
            if open_rows:
                self._forget((*made, *met))
        for line in open_rows:
            self._fate(
                line,
                RowState.OPPOSED if line in self._opposed() else RowState.INVALID,
                code="taken",
            )

    def _opposed(self) -> set[int]:
        with connection.cursor() as cursor:
            cursor.execute(OPPOSED, {"opposing": list(OPPOSING), "at": self.run.now})
            return {line for (line,) in cursor.fetchall()}

    def _matched(self) -> dict[int, int]:
        with connection.cursor() as cursor:
            cursor.execute(MATCH)
            return dict(cursor.fetchall())

    def _forget(self, lines: Any) -> None:
        gone = list(lines)
        if gone:
            with connection.cursor() as cursor:
                cursor.execute(FORGET, [gone])

    def _make(self, matched: list[int], expected: int) -> list[int]:
        """New leads; their lines."""
        if not expected:
            return []
        try:
            with transaction.atomic():
                made = self._inserted(matched, wary=False)
        except IntegrityError:
            made = self._inserted(matched, wary=True)
        self.leads |= made
        self.account.count(RowState.NEW, len(made))
        return list(made)

    def _inserted(self, matched: list[int], *, wary: bool) -> dict[int, int]:
        """The new leads by line. Raises IntegrityError, unless ``wary``, when others make one meanwhile."""
        batch = self.run.batch
        with connection.cursor() as cursor:
            cursor.execute(
                insert_leads(wary=wary),
                {
                    "matched": matched,
                    "batch": batch.pk,
                    "channel": batch.channel,
                    "acquisition": batch.acquisition,
                    "at": batch.started_at,
                    "by": batch.created_by_id,
                    "lists": self.run.lists,
                    "campaign": batch.campaign_id,
                },
            )
            return dict(cursor.fetchall())

    def _meet(self, matched: Mapping[int, int], rows: Mapping[int, Row]) -> list[int]:
        """Rows of known leads, in their order; the lines that are done."""
        if not matched:
            return []
        known = read_known(matched.values(), locked=True)
        before = self._met_before(known)
        employers = self._employers(rows[line] for line in matched)
        taken = free_keys([rows[line] for line in matched])
        met: dict[int, Met] = {}
        done = []
        for line in sorted(matched):
            lead = known.get(matched[line])
            if lead is None:
                continue  # erased or merged away meanwhile: look again
            one = met.setdefault(lead.pk, Met(lead))
            if has_become_another(one):
                continue  # in the next round
            is_again = bool(one.changes) or lead.pk in before
            employer = employers.get(company_key(rows[line], self.run.file.reader.memory))
            changes = meet(one, rows[line], self.run.batch, employer, taken)
            before.add(lead.pk)
            self._met(line, one, changes, is_again)
            done.append(line)
        write(met, self.run.batch, now=self.run.now)
        self._join(list(met))
        return done

    def _met(self, line: int, one: Met, changes: list[Any], is_again: bool) -> None:
        telling = [change for change in changes if is_telling(change)]
        state = RowState.TWIN if is_again else RowState.CHANGED if telling else RowState.SAME
        self.leads[line] = one.lead.pk
        before = {change.field: [plain(change.old), plain(change.new)] for change in changes}
        self._fate(line, state, lead=one.lead.pk, before=before or None)
        self.account.fields.update(change.field for change in telling)
        self.account.told["owners_kept"] += one.owner_kept

    def _met_before(self, known: Mapping[int, Lead]) -> set[int]:
        with connection.cursor() as cursor:
            cursor.execute(MET, [list(known), self.run.batch.pk])
            return {lead for (lead,) in cursor.fetchall()}

    def _employers(self, rows: Any) -> dict[str, Any]:
        memory = self.run.file.reader.memory
        keys = {company_key(row, memory) for row in rows} & self.employers.keys()
        companies = named_companies(self.employers[key] for key in keys)
        return {key: companies.get(self.employers[key]) for key in keys}

    def _join(self, leads: list[int]) -> None:
        """Known leads came by this source too, and join the list; who had left it stays away."""
        batch = self.run.batch
        values = {"leads": leads, "at": batch.started_at, "channel": batch.channel}
        with connection.cursor() as cursor:
            cursor.execute(TOUCH, values | {"campaign": batch.campaign_id})
            if batch.joins_id and leads:
                cursor.execute(JOIN, values | {"lists": [batch.joins_id]})

    # What made no lead ----------------------------------------------------------------------------------
    def _fate(
        self, line: int, state: RowState, *, lead: int | None = None, before: Any = None,
        code: str = "", reason: str = "",
    ) -> None:  # fmt: skip
        self.account.count(state)
        if code:
            self.account.codes[code] += 1
        self.fates.append(
            {"line": line, "state": state, "lead_id": lead, "before": before, "code": code, "reason": reason}
        )

    def _rest(self) -> None:
        for line, head in self.piece.twins:
            lead = self.leads.get(head)
            self._fate(line, RowState.TWIN if lead else RowState.OPPOSED, lead=lead)
        for line, code, text in self.piece.rejects:
            self._fate(line, RowState.INVALID, code=code, reason=text)
        for line in self.piece.known:
            self._fate(line, RowState.KNOWN)
        if self.fates:
            with connection.cursor() as cursor:
                cursor.execute(FATES, {"batch": self.run.batch.pk, "fates": json.dumps(self.fates)})

    # Besides ----------------------------------------------------------------------------------------
    def _tell(self) -> None:
        told = [(self.leads[head], row) for head, row in self.piece.told if head in self.leads]
        file, now = self.run.file, self.run.now
        if told:
            self.account.told.update(
                record_told(told, self.run.batch, kinds=file.kinds, contents=file.contents, now=now)
            )
        if self.run.batch.track_code:
            self._start_track()

    def _start_track(self) -> None:
        """The event that lets these leads into a track; only where the import was asked to."""
        batch, now = self.run.batch, self.run.now
        record_events(
            [
                new_event(
                    lead_id=lead,
                    kind_id=BY_CODE["list_joined"].id,
                    occurred_at=now,
                    source_id=Source.ECLUSE,
                    event_id=f"import:{batch.public_id}:{line}",
                    properties={"track": batch.track_code, "import": batch.file_name},
                    wakes=False,
                )
                for line, lead in self.leads.items()
            ],
            now=now,
        )

    def _close(self, batch: Import) -> None:
        """Where the next slice begins, and the account, in the transaction that did the rows."""
        self.account.left_out.update(self.piece.left_out)
        batch.result = self.account.as_json()
        batch.next_offset, batch.next_line = self.piece.place.offset, self.piece.place.line
        batch.save(update_fields=["result", "next_offset", "next_line"])


def _copied(key: str) -> str:
    return key.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
