"""Taking a file in, a slice of rows a transaction, from where it stopped.

One import works at a time, whichever process: their slices may name the same people. Everybody else may write
meanwhile: a slice is as large as can be done in a fraction of a second, and whoever makes or changes the same
person at the same moment is waited for or found.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import DatabaseError, connection, transaction

from capture.choices import Notice
from capture.importing.companies import Companies
from capture.importing.opening import Opened, opened
from capture.importing.piece import Piece, Run
from capture.imports.ahead import Ahead
from capture.imports.slices import Slice
from capture.models import Import
from leads.failpoints import failpoint
from leads.first_notice import code_of, name_of
from leads.models import List

IMPORT_LOCK = 0x6563_6C01
# How long a slice may take: others wait at most that long for a row it holds (bar: F70).
LONGEST_SLICE = 0.7
SMALLEST, LARGEST = 1000, 10_000
TRIES = 4
# Locks that met, and what somebody else made or removed at the same moment: another try finds it.
PASSING = {"40P01", "40001", "55P03", "23503", "23505"}


class Busy(Exception):
    """Another import is at work."""


@contextmanager
def the_only_one() -> Iterator[None]:
    """Nobody else imports meanwhile. Raises Busy."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [IMPORT_LOCK])
        if not cursor.fetchone()[0]:
            raise Busy
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [IMPORT_LOCK])


def run(batch: Import, *, now: datetime, until: float) -> bool:
    """Take in rows until the end of the file or the monotonic clock says ``until``; whether it is the end."""
    with opened(batch, now=now, from_start=False) as file:
        worker = _Worker(batch, file, now)
        ahead = Ahead(file.slicer, language=batch.language)
        try:
            for piece in ahead:
                worker.take(piece)
                failpoint("import.after_chunk")
                if time.monotonic() > until:
                    return False
        finally:
            ahead.close()
    return True


@dataclass(slots=True)
class _Worker:
    """Takes one slice after the other in."""

    batch: Import
    file: Opened
    now: datetime
    companies: Companies = field(init=False)
    run: Run = field(init=False)

    def __post_init__(self) -> None:
        self.companies = Companies(self.batch, self.file.reader.memory)
        self.run = Run(self.batch, self.file, self.now, self._lists())

    def _lists(self) -> list[int]:
        """The list to join; and that of people who are still to be told where their data comes from."""
        found = [self.batch.joins_id] if self.batch.joins_id else []
        if self.batch.notice == Notice.FIRST_MAIL:
            source = self.batch.notice_source
            told = List.objects.get_or_create(
                code=code_of(source), defaults={"name": name_of(source), "created_at": self.now}
            )
            found.append(told[0].pk)
        return found

    def take(self, piece: Slice) -> None:
        """One slice, tried again when it met somebody else's lock; makes the next one longer or shorter."""
        for attempt in range(TRIES):
            try:
                employers = self.companies.resolve(piece.rows, now=self.now)
                began = time.monotonic()
                Piece(self.run, piece, employers).take_in()
                break
            except (DatabaseError, transaction.TransactionManagementError) as error:
                if _code(error) not in PASSING or attempt == TRIES - 1:
                    raise
                self.companies.forget()
                time.sleep(0.05 * 2**attempt)
        self._resize(len(piece.rows) or 1, time.monotonic() - began)

    def _resize(self, rows: int, seconds: float) -> None:
        wanted = int(rows * LONGEST_SLICE / max(seconds, 0.001))
        size = self.file.slicer.size
        self.file.slicer.size = max(SMALLEST, min(LARGEST, wanted, size * 2))


def _code(error: Exception) -> str:
    return str(getattr(error.__cause__, "pgcode", "") or "")
