"""Excel workbooks: checked before anything is unpacked, then rewritten as a table of text."""

from __future__ import annotations

import csv
import datetime as dt
import zipfile
from collections.abc import Iterable
from pathlib import Path

import openpyxl
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError
from django.utils.translation import gettext_lazy as _
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.xml import DEFUSEDXML

from capture.imports.reading import LONGEST_CELL, MOST_COLUMNS, Unreadable

# Bar, inputs B22: what a workbook may unpack to, by part and in all.
MOST_RATIO = 100
MOST_BYTES = 500 * 1024 * 1024
MOST_ENTRIES = 2_000
_RATIO_COUNTS_FROM = 1024 * 1024
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def is_workbook(path: Path) -> bool:
    """Whether the content is a ZIP, whatever the file's name says. Raises Unreadable for the old .xls."""
    with path.open("rb") as file:
        head = file.read(4)
    if head == _OLD_EXCEL:
        raise Unreadable(
            "old_excel", _("This is an old Excel file (.xls). Save it as .xlsx or CSV and upload that.")
        )
    return head == _ZIP


def check_workbook(path: Path, *, most_bytes: int = MOST_BYTES) -> None:
    """Refuse what is no workbook or unpacks to too much, by the sizes the archive states.

    Raises Unreadable. (Python's zipfile stops at the stated size, so that lying about it gains nothing.)
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _broken() from error
    total = sum(entry.file_size for entry in entries)
    bombs = any(
        entry.file_size > _RATIO_COUNTS_FROM and entry.file_size > MOST_RATIO * max(1, entry.compress_size)
        for entry in entries
    )
    if bombs or total > most_bytes or len(entries) > MOST_ENTRIES:
        raise Unreadable(
            "workbook_too_large",
            _("This workbook unpacks to too much. Save the sheet as CSV and upload that."),
        )
    if not any(entry.filename == "xl/workbook.xml" for entry in entries):
        raise Unreadable(
            "not_a_workbook", _("This archive is no Excel workbook. Upload a CSV or .xlsx file.")
        )


def _broken() -> Unreadable:
    return Unreadable(
        "workbook_broken", _("This workbook is damaged. Open it, save it again and upload that.")
    )


def to_text(source: Path, target: Path, *, most_bytes: int = MOST_BYTES) -> None:
    """Write the first sheet that is not hidden as UTF-8 with semicolons. Raises Unreadable."""
    check_workbook(source, most_bytes=most_bytes)
    if not DEFUSEDXML:
        raise RuntimeError("openpyxl does not use defusedxml here; see requirements.in")
    opened = source.open("rb")
    try:
        # An open file: given a path, it would believe the name.
        book = openpyxl.load_workbook(opened, read_only=True, data_only=True, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
        if not sheets:
            raise Unreadable("empty", _("This file is empty."))  # noqa: TRY301  # told from the parser's below
        # What the sheet says of its own size may be a lie or a whole empty column: count for ourselves.
        sheets[0].reset_dimensions()
        with target.open("w", encoding="utf-8", newline="") as file:
            written = _write(
                csv.writer(file, delimiter=";", lineterminator="\n"), sheets[0].iter_rows(values_only=True)
            )
        book.close()
    except Unreadable:
        raise
    except (
        InvalidFileException, DefusedXmlException, ParseError, zipfile.BadZipFile,
        KeyError, ValueError, TypeError, AttributeError, OSError, EOFError, IndexError, OverflowError,
    ) as error:  # fmt: skip
        raise _broken() from error
    finally:
        opened.close()
    if not written:
        raise Unreadable("empty", _("This file is empty."))


def _write(writer: object, rows: Iterable[tuple[object, ...]]) -> int:
    written = waiting = 0
    for row in rows:
        cells = [_text(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            waiting += 1
            continue
        if len(cells) > MOST_COLUMNS:
            raise Unreadable(
                "too_many_columns",
                _("This file has %(columns)s columns; at most %(limit)s can be imported. Remove the others.")
                % {"columns": len(cells), "limit": MOST_COLUMNS},
            )
        # Empty rows between others keep the numbers of those below; thousands of them say nothing.
        for _empty in range(min(waiting, 1000)):
            writer.writerow([""])  # type: ignore[attr-defined]  # csv's writers have no public type
        waiting = 0
        writer.writerow(cells)  # type: ignore[attr-defined]
        written += 1
    return written


def _text(value: object) -> str:
    """A cell as somebody would have typed it: 1234.0 is 1234, a day without an hour is a date."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    return str(value)[:LONGEST_CELL].replace("\0", "")
