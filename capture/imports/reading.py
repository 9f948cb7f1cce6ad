"""Reading a table of text as people's programs write it: any encoding, any delimiter, broken rows set aside.

A file is read from the disk, a row at a time, from any byte where a row begins: an import that was
interrupted goes on there. Whatever stands in the file, reading it raises nothing but ``Unreadable``.
"""

from __future__ import annotations

import codecs
import csv
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from capture.imports.headers import looks_like_header

MOST_COLUMNS = 200
LONGEST_CELL = 131_072  # characters
LONGEST_LINE = 1_048_576  # bytes
SAMPLE_ROWS = 100
_SAMPLE_BYTES = 256 * 1024
DELIMITERS = ";,\t|"
# Encodings in which every ASCII byte means itself, so that lines can be cut before they are decoded.
ENCODINGS = ("utf-8", "cp1252", "iso8859_15", "mac_roman")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

csv.field_size_limit(LONGEST_CELL)


class Unreadable(ValueError):
    """A file that is no table; ``code`` is stable, the text says what to do."""

    def __init__(self, code: str, text: str | Promise) -> None:
        super().__init__(code)
        self.code, self.text = code, text

    def __str__(self) -> str:
        return str(self.text)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is to be read. ``start`` is the byte of its first row (after a byte order mark)."""

    encoding: str = "utf-8"
    delimiter: str = ";"
    has_header: bool = True
    start: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """What the first rows say. ``header`` names every column, by its number where the file does not."""

    layout: Layout
    header: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]


@dataclass(slots=True)
class Record:
    """One row. ``line`` counts rows as a spreadsheet does; ``problem`` is the code of why it has no cells."""

    line: int
    cells: list[str]
    problem: str = ""


@dataclass(slots=True)
class Place:
    """Where reading stands: the byte at which the next row begins, and that row's number."""

    offset: int
    line: int = 1


class Records:
    """The rows of a file from a place on, each once; ``place`` moves along.

    A row that opens a quotation mark and never closes it would swallow the rest of the file: it is set
    aside, and reading goes on with the line after its first.
    """

    def __init__(self, path: Path, layout: Layout, columns: int, place: Place) -> None:
        self._file = path.open("rb")
        self._file.seek(place.offset)
        self._decode = _decoder(layout.encoding)
        self._delimiter, self._columns = layout.delimiter, columns
        self.place = place
        self._again: deque[tuple[str, int]] = deque()  # lines given back, with their size in bytes
        self._given: list[tuple[str, int]] = []  # lines of the row being read
        self._too_long = False

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __iter__(self) -> Iterator[Record]:
        rows = csv.reader(self._lines(), delimiter=self._delimiter)
        while True:
            self._given.clear()
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error:
                cells = []
                problem = "quote_open" if self._given_back() else "cell_too_long"
            else:
                problem = self._problem(cells)
            if problem in ("quote_open", "cell_too_long", "line_too_long"):
                cells = []
            if any(cells) or problem:
                yield Record(self.place.line, cells, problem)
            self.place = self.after

    def _lines(self) -> Iterator[str]:
        """Lines with their ends; those given back first."""
        while True:
            if self._again:
                line = self._again.popleft()
            else:
                raw = self._file.readline(LONGEST_LINE)
                if not raw:
                    return
                line = self._cut(raw) if not raw.endswith(b"\n") else (self._decode(raw), len(raw))
            self._given.append(line)
            yield line[0]

    def _cut(self, raw: bytes) -> tuple[str, int]:
        """The last line of the file, or one that is too long: its rest is skipped."""
        if len(raw) < LONGEST_LINE:
            return self._decode(raw), len(raw)
        self._too_long, size = True, len(raw)
        while rest := self._file.readline(LONGEST_LINE):
            size += len(rest)
            if rest.endswith(b"\n"):
                break
        return self._decode(raw[:1000]).replace('"', " ") + "\n", size

    def _problem(self, cells: list[str]) -> str:
        if self._too_long:
            self._too_long = False
            return "line_too_long"
        if len(self._given) > 1 and len(cells) != self._columns and self._given_back():
            return "quote_open"
        if len(cells) > self._columns and any(cell.strip() for cell in cells[self._columns :]):
            return "too_many_cells"
        return ""

    def _given_back(self) -> bool:
        """Give all lines but the first of this row back; whether there were any."""
        self._again.extendleft(reversed(self._given[1:]))
        del self._given[1:]
        return len(self._again) > 0

    @property
    def after(self) -> Place:
        """Where the row after the one just read begins."""
        return Place(self.place.offset + sum(size for _line, size in self._given), self.place.line + 1)

    @property
    def raw(self) -> str:
        """The first line of the row just read, as it stands in the file."""
        return self._given[0][0].rstrip("\r\n") if self._given else ""


def _decoder(encoding: str) -> Callable[[bytes], str]:
    """Bytes of one line to text without NUL, ending in LF at most. What is no UTF-8 in a file of UTF-8 is
    read as Windows wrote it."""

    def decode(raw: bytes) -> str:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            text = raw.decode("cp1252", "replace")
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", " ")
        return text if "\0" not in text else text.replace("\0", "")

    return decode


def normal_form(path: Path) -> str:
    """Rewrite a file of UTF-16 or with line ends of old Macintoshes so that lines can be cut at LF.

    Gives the encoding the file has now. Raises Unreadable for a file that is empty or no text.
    """
    with path.open("rb") as file:
        sample = file.read(_SAMPLE_BYTES)
    if not sample.strip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n,;"):
        raise Unreadable("empty", _("This file is empty."))
    encoding = _encoding_of(path, sample)
    if encoding.startswith("utf_16") or encoding == "utf-16":
        _rewrite(path, encoding)
        return "utf-8"
    if sample.count(b"\0") > len(sample) // 50:
        raise Unreadable(
            "not_text", _("This is no text file. Save it as CSV or as an Excel workbook (.xlsx).")
        )
    if b"\n" not in sample and b"\r" in sample:
        _rewrite(path, encoding)
        return "utf-8"
    return encoding


def _encoding_of(path: Path, sample: bytes) -> str:
    for mark, encoding in _BOMS:
        if sample.startswith(mark):
            return encoding
    if b"\0" not in sample and _is_utf8(path):
        return "utf-8"
    best = from_bytes(sample[:65_536], cp_isolation=["utf_8", "utf_16", "cp1252"]).best()
    if best is not None and best.encoding.startswith("utf_16"):
        return best.encoding
    return _utf16_without_mark(sample) or "cp1252"


def _utf16_without_mark(sample: bytes) -> str:
    """Western text in UTF-16 has a zero in nearly every second byte."""
    half = max(1, len(sample) // 2)
    if sample[1::2].count(0) > 0.8 * half:
        return "utf_16_le"
    return "utf_16_be" if sample[::2].count(0) > 0.8 * half else ""


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _rewrite(path: Path, encoding: str) -> None:
    """The same text in UTF-8 with LF."""
    other = path.with_suffix(".utf8")
    with (
        path.open(encoding=encoding, errors="replace", newline=None) as old,
        other.open("w", encoding="utf-8", newline="\n") as new,
    ):
        while block := old.read(1 << 20):
            new.write(block)
    other.replace(path)


def preview(path: Path, *, encoding: str, delimiter: str = "", has_header: bool | None = None) -> Preview:
    """How the file is to be read, guessed where not given, and its first rows.

    Raises Unreadable for a table of too many columns, or one without any row of data.
    """
    with path.open("rb") as file:
        sample = file.read(_SAMPLE_BYTES)
    start = len(codecs.BOM_UTF8) if sample.startswith(codecs.BOM_UTF8) else 0
    text = _decoder(encoding)(sample[start:])
    layout = Layout(encoding, delimiter or _delimiter(text), has_header=True, start=start)
    rows = _first_rows(path, layout)
    width = max((len(row) for row in rows), default=0)
    if width > MOST_COLUMNS:
        raise Unreadable(
            "too_many_columns",
            _("This file has %(columns)s columns; at most %(limit)s can be imported. Remove the others.")
            % {"columns": width, "limit": MOST_COLUMNS},
        )
    with_header = looks_like_header(rows[0], rows[1:]) if has_header is None and rows else bool(has_header)
    samples = rows[1:] if with_header else rows
    if not samples:
        raise Unreadable("no_rows", _("This file has no row of data, only headings."))
    header = rows[0] if with_header else []
    layout = Layout(encoding, layout.delimiter, with_header, start)
    return Preview(layout, _names(header, width), tuple(tuple(row) for row in samples))


def _first_rows(path: Path, layout: Layout) -> list[list[str]]:
    """Up to a hundred rows that can be read; their width is not known yet."""
    records = Records(path, layout, MOST_COLUMNS * 50, Place(layout.start))
    rows: list[list[str]] = []
    try:
        for record in records:
            if not record.problem:
                rows.append(record.cells)
            if len(rows) > SAMPLE_ROWS:
                break
    finally:
        records.close()
    return rows


def _names(header: Sequence[str], width: int) -> tuple[str, ...]:
    """A name for each column: its heading, cut; its number where it has none."""
    padded = [*header, *[""] * (width - len(header))]
    return tuple(
        " ".join(name.split())[:120] or str(_("Column %(number)s") % {"number": place})
        for place, name in enumerate(padded, start=1)
    )


def _delimiter(text: str) -> str:
    """The one of ``; , tab |`` that csv.Sniffer finds; where it finds none, the most frequent one in the
    first line. A file of one column may have none at all."""
    lines = text.splitlines()[:30]
    try:
        return csv.Sniffer().sniff("\n".join(lines)[:20_000], DELIMITERS).delimiter
    except csv.Error:
        first = lines[0] if lines else ""
        counts = {delimiter: first.count(delimiter) for delimiter in DELIMITERS}
        return max(counts, key=lambda delimiter: counts[delimiter])
