"""A file in slices: rows that can be worked on together, and what they look like to the database.

Within a slice no two rows can be the same person, so that it may be worked on as a set with the result of one
row after the other. Rows with one email are folded into the first; where it takes the database to tell
whether two rows are one person, the later one begins the next slice.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from capture.imports.cells import Memory
from capture.imports.reading import Place, Records
from capture.imports.rows import Rejected, Row, RowReader
from leads.choices import Audience
from leads.company_names import CompanyKey

# Columns of the staging table that every import has; those of the profile only where they are mapped.
BASE = (
    *("line", "email", "email_display", "email_flags", "email_mark", "reference", "phone", "phone_raw"),
    *("phone_is_valid", "phone_mark", "audience", "channel", "owner_id", "created_at", "company_key"),
    *("search_text", "told", "by_phone"),
)
TEXTS = (
    *("first_name", "last_name", "language", "address", "postcode", "city", "region", "country"),
    *("company_role", "job_title", "department", "seniority", "need", "pain_point", "budget_range"),
    "landing_page",
)
PROFILE = (*TEXTS, "project_month", "interests", "social", "custom")
_GROWING = frozenset({"interests", "social", "custom"})
FIRST = 500  # rows of the first slice
_NULL = "\\N"
_BETWEEN = "\x1f"  # stands in no cleaned cell
_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_AS_JSON = json.JSONEncoder(ensure_ascii=False, default=date.isoformat).encode


@dataclass(slots=True)
class Slice:
    """Rows to work on together. ``twins``: (line, line of the first row of the same person)."""

    rows: list[Row] = field(default_factory=list)
    told: list[tuple[int, Row]] = field(default_factory=list)  # (line of the head, row that tells more)
    twins: list[tuple[int, int]] = field(default_factory=list)
    rejects: list[tuple[int, str, str]] = field(default_factory=list)
    known: list[int] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    text: str = ""
    place: Place = field(default_factory=lambda: Place(0))

    @property
    def count(self) -> int:
        """How many rows of the file it stands for."""
        return len(self.rows) + len(self.twins) + len(self.rejects) + len(self.known)


@dataclass(slots=True)
class _Keys:
    """Who is in the slice already."""

    emails: dict[str, Row] = field(default_factory=dict)
    references: set[str] = field(default_factory=set)
    phones: dict[str, bool] = field(default_factory=dict)  # whether somebody with it has no email

    def enter(self, row: Row) -> None:
        if row.email:
            self.emails[row.email.key] = row
        if row.reference:
            self.references.add(row.reference)
        if row.phone and row.phone.e164:
            self.phones[row.phone.e164] = self.phones.get(row.phone.e164, False) or row.email is None

    def twin(self, row: Row) -> Row | None:
        """The row that is the same person for certain: the same email, no other reference."""
        head = self.emails.get(row.email.key) if row.email else None
        return head if head is not None and head.reference == row.reference else None

    def may_hold(self, row: Row) -> bool:
        """Whether the database would have to tell if somebody in the slice is this person."""
        if row.email and row.email.key in self.emails:
            return True
        if row.reference and row.reference in self.references:
            return True
        number = row.phone.e164 if row.phone else None
        return number is not None and number in self.phones and (row.email is None or self.phones[number])


class Slicer:
    """Cuts a file into slices; ``size`` may change while it works. Rows marked in ``known`` are left out."""

    def __init__(
        self,
        records: Records,
        reader: RowReader,
        *,
        columns: tuple[str, ...],
        mark: Callable[[str], str],
        overwrite: bool,
        known: bytearray | None = None,
        skips_header: bool = False,
    ) -> None:
        self.size = FIRST
        self._skips_header = skips_header
        self._records, self._reader = records, reader
        self._columns, self._mark, self._overwrite = columns, mark, overwrite
        self._known = known or bytearray()

    def __iter__(self) -> Iterator[Slice]:
        piece, keys = Slice(), _Keys()
        for record in self._records:
            if self._skips_header and not record.problem:
                self._skips_header = False
                continue
            line = record.line
            if line < len(self._known) and self._known[line]:
                piece.known.append(line)
            else:
                try:
                    row = self._reader.read(record)
                except Rejected as rejected:
                    piece.rejects.append((line, rejected.code, rejected.text[:300]))
                else:
                    head = keys.twin(row)
                    if head is None and keys.may_hold(row):
                        yield self._finished(piece)
                        piece, keys = Slice(), _Keys()
                    self._add(piece, keys, row, head)
            piece.place = self._records.after
            if piece.count >= self.size:
                yield self._finished(piece)
                piece, keys = Slice(place=piece.place), _Keys()
        if piece.count:
            yield self._finished(piece)

    def _add(self, piece: Slice, keys: _Keys, row: Row, head: Row | None) -> None:
        if row.has_more:
            piece.told.append((head.line if head else row.line, row))
        if head is None:
            piece.rows.append(row)
        else:
            fold(head, row, overwrite=self._overwrite)
            piece.twins.append((row.line, head.line))
        keys.enter(head or row)

    def _finished(self, piece: Slice) -> Slice:
        piece.text = "".join([self._line(row) for row in piece.rows])
        for (target, code), number in self._reader.warnings.items():
            piece.left_out[f"{target}:{code}"] += number
        self._reader.warnings.clear()
        return piece

    # As COPY takes it --------------------------------------------------------------------------------------
    def _line(self, row: Row) -> str:
        email, phone, profile = row.email, row.phone, row.profile
        number = phone.e164 if phone else None
        memory = self._reader.memory
        company = company_key(row, memory)
        base = (
            str(row.line),
            email.key if email else _NULL,
            _escaped(email.display[:254]) if email else _NULL,
            "{" + ",".join(email.flags) + "}" if email else _NULL,
            self._mark(email.key) if email else _NULL,
            _escaped(row.reference) if row.reference else _NULL,
            number or _NULL,
            _escaped(phone.raw[:60]) if phone else _NULL,
            "f" if phone and number is None else "t",
            self._mark(number) if number else _NULL,
            str(profile.get("audience") or audience_of(row)),
            row.channel or _NULL,
            str(row.owner_id) if row.owner_id else _NULL,
            row.created_at.isoformat() if row.created_at else _NULL,
            _escaped(company) or _NULL,
            _escaped(_searched(row, memory)),
            _escaped(_AS_JSON(self._told(profile, company))),
            "t" if row.by_phone else "f",
        )
        return "\t".join((*base, *[_cell(profile.get(name)) for name in self._columns])) + "\n"

    def _told(self, profile: Mapping[str, object], company: str) -> dict[str, object]:
        """What the history of a new lead will show as its first values."""
        told = {name: profile[name] for name in self._columns if profile.get(name) is not None}
        key = key_of(company) if company else CompanyKey()
        named = key.name or key.domain
        return told | {"company": named} if named else told


def columns_of(fields: set[str]) -> tuple[str, ...]:
    """The columns of the profile that a mapping fills, in their order."""
    return tuple(name for name in PROFILE if name in fields)


def company_key(row: Row, memory: Memory) -> str:
    """The company's domain, "=" and its name where no domain tells it; then, where it is told, its SIREN.
    "" where nothing tells the company."""
    domain = row.company.get("domain") or (memory.company_domain(row.email) if row.email else None)
    name, siren = row.company.get("name", ""), row.company.get("siren")
    text = str(domain) if domain else f"={name}" if name or siren else ""
    return f"{text}{_BETWEEN}{siren}" if siren else text


def key_of(text: str, name: str = "") -> CompanyKey:
    """The key that ``company_key`` wrote as a text; ``name`` is the one that stands beside a domain."""
    head, _between, siren = text.partition(_BETWEEN)
    return CompanyKey(None, siren, head[1:]) if head.startswith("=") else CompanyKey(head, siren, name)


def audience_of(row: Row) -> str:
    """Free mail means a consumer, a company's domain a professional (privacy bar 5.1); else unknown."""
    if row.email is None or "disposable" in row.email.flags:
        return Audience.UNKNOWN.value
    return Audience.B2C.value if row.email.is_free_mail else Audience.B2B.value


def _searched(row: Row, memory: Memory) -> str:
    profile = row.profile
    return memory.searched(
        str(profile.get("first_name", "")),
        str(profile.get("last_name", "")),
        row.email.key if row.email else None,
        row.phone.e164 if row.phone else None,
        row.reference,
    )[:600]


def _escaped(text: str) -> str:
    """A text as COPY wants it."""
    if "\\" in text or "\n" in text or "\t" in text or "\r" in text:
        return _SPECIAL.sub(lambda found: _ESCAPES[found[0]], text)
    return text


def _cell(value: object) -> str:
    if value is None:
        return _NULL
    if isinstance(value, str):
        return _escaped(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        quoted = ",".join(json.dumps(word, ensure_ascii=False) for word in value)
        return _escaped("{" + quoted + "}")
    return _escaped(json.dumps(value, ensure_ascii=False))


def fold(head: Row, row: Row, *, overwrite: bool) -> None:
    """Add what a later row of the same person says, as if it had been told afterwards."""
    for name, value in row.profile.items():
        head.profile[name] = _combined(name, head.profile.get(name), value, overwrite)
    for name, value in row.company.items():
        head.company[name] = _combined(name, head.company.get(name), value, overwrite)
    if row.phone and (head.phone is None or not head.phone.is_valid):
        head.phone, head.by_phone = row.phone, False
    head.owner_id = head.owner_id or row.owner_id
    head.created_at = head.created_at or row.created_at
    head.channel = head.channel or row.channel


def _combined(name: str, old: Any, new: Any, overwrite: bool) -> object:
    if old is None:
        return new
    if name in _GROWING:
        return old + [one for one in new if one not in old] if isinstance(old, list) else old | new
    return new if overwrite else old
