"""Reading a table of text as people's programs write it: whatever encoding, whatever delimiter."""

from __future__ import annotations

import codecs
import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from scoring.likelihood.columns import Cell, clean

DELIMITERS = ",;\t|"
MOST_ROWS = 50_000
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAMPLE_BYTES = 256 * 1024


class TableError(ValueError):
    """A file that cannot be read as a table; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file's columns, in its order. ``total`` counts its rows; more than ``MOST_ROWS`` are sampled."""

    columns: dict[str, list[Cell]]
    total: int
    rows: int


def read_table(path: Path) -> Table:
    """The columns of a file with a header. Raises TableError."""
    rows = _rows(_text(path))
    if len(rows) < 2:
        raise TableError(_("The file holds no rows below its header."))
    header, body = _names(rows[0]), rows[1:]
    if len(header) < 2:
        raise TableError(_("The file holds a single column: there is nothing to foretell the outcome from."))
    kept = body if len(body) <= MOST_ROWS else random.Random(0).sample(body, MOST_ROWS)
    cells = {name: [_cell(row, at) for row in kept] for at, name in enumerate(header)}
    return Table(cells, len(body), len(kept))


def _cell(row: Sequence[str], at: int) -> Cell:
    return clean(row[at]) if at < len(row) else None


def _text(path: Path) -> str:
    """Raises TableError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TableError(_("The file cannot be read: %(why)s.") % {"why": error.strerror}) from error
    if data[:4] == b"PK\x03\x04":
        raise TableError(_("This is a workbook or an archive. Save the sheet as CSV first."))
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace").replace("\0", "")
    if b"\0" in data[:1024]:
        raise TableError(_("This is no table of text."))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _rows(text: str) -> list[list[str]]:
    """Rows that hold anything. Raises TableError."""
    csv.field_size_limit(10_000_000)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=_delimiter(text[:_SAMPLE_BYTES]))
    try:
        return [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise TableError(_("The file cannot be read as a table: %(why)s.") % {"why": error}) from error


def _delimiter(sample: str) -> str:
    """The sign that cuts most rows into as many cells as the header has."""
    lines = sample.split("\n")[:60]

    def agreement(sign: str) -> tuple[int, int]:
        rows = [len(row) for row in csv.reader(lines, delimiter=sign) if row]
        width = rows[0] if rows else 0
        return (sum(cells == width for cells in rows[:-1]) if width > 1 else 0, width)

    return max(DELIMITERS, key=agreement)


def _names(header: Sequence[str]) -> list[str]:
    """Each column's own name: unnamed ones by their number, repeated ones numbered."""
    names: list[str] = []
    for at, cell in enumerate(header, start=1):
        name = " ".join(cell.split()) or f"column {at}"
        names.append(name if name not in names else f"{name} ({at})")
    return names
