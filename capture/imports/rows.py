"""What one row says of one person, by the mapping of its columns; or why it cannot be taken."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from capture.imports import values
from capture.imports.cells import Memory, plain_line
from capture.imports.names import split_name
from capture.imports.reading import Record
from capture.imports.targets import Kind, Target
from leads.choices import Audience, ContactChannel, Purpose
from leads.custom_fields import read_value
from leads.normalise import EmailAddress, InvalidValue, PhoneNumber, clean_text, searchable

GUARDED = "=+-@\t\r\0"
_IN_BRACKETS = re.compile(r"[^<>]*<([^<>]+)>")
# Which words of a file mean which end of a lead's way.
STATES: Mapping[str, str] = {
    word: state
    for state, words in {
        "customer": "won gagne gagnee signe signee client customer closed-won vendu converti cliente",
        "lost": "lost perdu perdue closed-lost sans-suite abandonne",
        "disqualified": "disqualified disqualifie hors-cible unqualified",
        "sql": "sql opportunite opportunity",
        "sal": "sal accepte",
        "mql": "mql",
        "lead": "lead new nouveau open ouvert en-cours prospect contact",
    }.items()
    for word in words.split()
}


class Rejected(ValueError):
    """A row that cannot be taken; the text says what to do, ``code`` is stable."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


@dataclass(frozen=True, slots=True)
class Consent:
    """What the row says of one purpose and channel. A "yes" counts only with its date and proof."""

    purpose: Purpose
    channel: ContactChannel
    is_granted: bool
    at: dt.datetime | None
    proof: str


@dataclass(frozen=True, slots=True)
class Happening:
    """A past event that the row tells of; ``kind`` and ``content`` as they stand there."""

    kind: str
    at: dt.datetime
    content: str
    note: str


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of the lead elsewhere."""

    state: str
    at: dt.datetime | None
    amount: Decimal | None
    product: str
    reason: str


@dataclass(slots=True)
class Row:
    """A row that can be taken. ``profile`` and ``company`` hold what was given, nothing empty."""

    line: int
    email: EmailAddress | None = None
    phone: PhoneNumber | None = None
    reference: str | None = None
    profile: dict[str, object] = field(default_factory=dict)
    company: dict[str, object] = field(default_factory=dict)
    channel: str = ""
    owner_id: int | None = None
    created_at: dt.datetime | None = None
    consents: tuple[Consent, ...] = ()
    happening: Happening | None = None
    ending: Ending | None = None
    # Not where a later row of the same person brought the number: by then they were known by their email.
    by_phone: bool = True

    @property
    def has_more(self) -> bool:
        """Whether it says more than a profile."""
        return bool(self.consents or self.happening or self.ending)


@dataclass(frozen=True, slots=True)
class Reading:
    """How cells are understood, and what names in them mean."""

    now: dt.datetime
    zone: ZoneInfo
    language: str = "fr"
    region: str = "FR"
    owners: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)


_PROBLEMS: Mapping[str, Callable[[], str]] = {
    "quote_open": lambda: _("A quotation mark is opened and never closed. Close it, or double it."),
    "cell_too_long": lambda: _("A cell is longer than 131,072 characters. Shorten it."),
    "line_too_long": lambda: _("The line is longer than 1 MB. Shorten it."),
    "too_many_cells": lambda: _("There are more cells than columns. Put quotation marks around text that "
                                "holds the separator."),
}  # fmt: skip


class RowReader:
    """Reads the records of one file. Counts in ``warnings`` the values it left out, by (target, code)."""

    def __init__(self, targets: Sequence[Target | None], reading: Reading) -> None:
        self.memory = Memory()
        self.warnings: Counter[tuple[str, str]] = Counter()
        self._reading = reading
        self._columns: list[tuple[int, Target, Callable[[str], object]]] = []
        self._identity: dict[str, int] = {}
        for place, target in enumerate(targets):
            if target is None:
                continue
            if target.kind in (Kind.EMAIL, Kind.PHONE):
                self._identity[target.code] = place
            else:
                self._columns.append((place, target, self._reader(target)))

    def read(self, record: Record) -> Row:
        """The row. Raises Rejected."""
        if record.problem:
            raise Rejected(record.problem, _PROBLEMS[record.problem]())
        row, cells = Row(record.line), record.cells
        row.email, row.phone = self._email(cells), self._phone(cells)
        extras: dict[str, object] = {}
        for place, target, read in self._columns:
            raw = cells[place] if place < len(cells) else ""
            if raw:
                raw = plain_line(raw) if target.kind is not Kind.TEXT else clean_text(raw)
            if raw:
                self._take(row, extras, target, read, _unguarded(raw))
        if extras:
            self._finish(row, extras)
        if not (row.email or row.reference or (row.phone and row.phone.e164)):
            raise Rejected("no_identity", self._no_identity(row))
        return row

    def _no_identity(self, row: Row) -> str:
        if row.phone:
            return _("This phone number cannot exist, and there is no email. Correct one of them.")
        return _("There is no email, phone or reference. Fill one of them.")

    # Who it is ---------------------------------------------------------------------------------------------
    def _cell(self, cells: Sequence[str], code: str) -> str:
        place = self._identity.get(code)
        raw = cells[place].strip() if place is not None and place < len(cells) else ""
        return _unguarded(raw) if raw else ""

    def _email(self, cells: Sequence[str]) -> EmailAddress | None:
        raw = self._cell(cells, "lead.email") or self._cell(cells, "lead.email_2")
        if not raw:
            return None
        if found := _IN_BRACKETS.fullmatch(raw):
            raw = found[1]
        try:
            return self.memory.email(raw.removeprefix("mailto:"))
        except InvalidValue:
            raise Rejected(
                "email_invalid", _("The email “%(email)s” is not valid. Correct it or empty the cell.")
                % {"email": raw[:80]},
            ) from None  # fmt: skip

    def _phone(self, cells: Sequence[str]) -> PhoneNumber | None:
        raw = self._cell(cells, "lead.phone") or self._cell(cells, "lead.phone_2")
        if not raw:
            return None
        phone = self.memory.phone(raw[:200], self._reading.region)
        if phone.e164 is None:
            self.warnings["lead.phone", "phone_invalid"] += 1
        return phone

    # What is known -----------------------------------------------------------------------------------------
    def _take(
        self, row: Row, extras: dict[str, object], target: Target, read: Callable[[str], object], raw: str
    ) -> None:
        try:
            value = read(raw)
        except InvalidValue as error:
            if target.code.startswith(("consent.", "event.", "outcome.")) or error.code == "too_long":
                raise Rejected(error.code, f"{target.label} – {error}") from None
            self.warnings[target.code, error.code] += 1
            return
        if value is None or value in ("", [], {}):
            return
        self._keep(row, extras, target, value)

    def _keep(self, row: Row, extras: dict[str, object], target: Target, value: object) -> None:
        about, _dot, name = target.code.partition(".")
        if target.kind is Kind.NAME:
            self._keep_name(row, str(value))
        elif target.kind is Kind.LINK:
            row.profile["social"] = value
        elif about == "lead":
            self._keep_lead(row, name, value)
        elif about == "company":
            row.company[name] = value
        elif about in ("custom", "company_custom"):
            holder = row.profile if about == "custom" else row.company
            holder.setdefault("custom", {})[name] = value  # type: ignore[index]
        elif about == "owner":
            row.owner_id = int(str(value))
        else:
            extras[target.code] = value

    def _keep_lead(self, row: Row, name: str, value: object) -> None:
        if name == "reference":
            row.reference = str(value)
        elif name == "channel":
            row.channel = str(value)
        elif name == "created_at":
            assert isinstance(value, dt.datetime)
            row.created_at = value
        elif not (name == "audience" and value == Audience.UNKNOWN):
            row.profile[name] = value

    def _keep_name(self, row: Row, full: str) -> None:
        first, last = split_name(full)
        for name, value in (("first_name", first), ("last_name", last)):
            if len(value) > 100:
                raise Rejected("too_long", _("The name is longer than 100 characters. Shorten it."))
            if value and name not in row.profile:
                row.profile[name] = value

    def _finish(self, row: Row, extras: Mapping[str, object]) -> None:
        """Consents, the event and the outcome, from their columns."""
        at, proof = extras.get("consent.at"), str(extras.get("consent.proof", ""))
        row.consents = tuple(
            Consent(Purpose(code.split(".")[1]), ContactChannel(code.split(".")[2]), bool(value),
                    at if isinstance(at, dt.datetime) else None, proof)
            for code, value in extras.items()
            if code.startswith("consent.") and code not in ("consent.at", "consent.proof")
        )  # fmt: skip
        row.happening = self._happening(extras)
        row.ending = self._ending(row, extras)

    def _happening(self, extras: Mapping[str, object]) -> Happening | None:
        kind, at = extras.get("event.kind"), extras.get("event.at")
        if kind is None:
            return None
        if not isinstance(at, dt.datetime):
            raise Rejected("event_without_date", _("An event needs its date. Fill it, or empty the event."))
        return Happening(
            str(kind), at, str(extras.get("event.content", "")), str(extras.get("event.note", ""))
        )

    def _ending(self, row: Row, extras: Mapping[str, object]) -> Ending | None:
        state, at, amount = (extras.get(f"outcome.{name}") for name in ("state", "at", "amount"))
        if state is None:
            return None
        if state in ("sal", "sql") and row.owner_id is None:
            raise Rejected(
                "outcome_without_owner", _("A lead with sales needs its owner. Fill the owner's column.")
            )
        return Ending(
            str(state),
            at if isinstance(at, dt.datetime) else None,
            amount if isinstance(amount, Decimal) else None,
            str(extras.get("outcome.product", "")),
            str(extras.get("outcome.reason", "")),
        )

    # How cells are read -----------------------------------------------------------------------------
    def _reader(self, target: Target) -> Callable[[str], object]:  # noqa: PLR0911  # a table of kinds
        language, reading = self._reading.language, self._reading
        match target.kind:
            case Kind.DATE:
                return partial(values.moment, language=language, zone=reading.zone, now=reading.now)
            case Kind.MONTH:
                return partial(values.month, language=language)
            case Kind.AMOUNT:
                return partial(values.amount, language=language)
            case Kind.CHOICE:
                codes = values.vocabulary(target.field, target.choices)
                return partial(values.choice, target.field, codes)
            case Kind.CUSTOM:
                assert target.definition is not None
                definition = target.definition
                return lambda raw: read_value(definition, raw, language=language)
            case Kind.OWNER:
                return self._owner
        if target.code in ("event.kind", "outcome.state", "outcome.reason"):
            return partial(self._named, target.code)
        return _SIMPLE.get(target.kind) or partial(_within, target)

    def _owner(self, raw: str) -> int:
        found = self._reading.owners.get(searchable(raw))
        if found is None:
            raise InvalidValue("owner_unknown", _("No active colleague has this name or email."))
        return found

    def _named(self, code: str, raw: str) -> str:
        word = searchable(raw)
        if code == "event.kind":
            if word not in self._reading.kinds:
                raise InvalidValue("unknown_kind", _("This kind of event is not known."))
            return word
        if code == "outcome.state":
            state = STATES.get(word.replace(" ", "-"))
            if state is None:
                raise InvalidValue("unknown_state", _("Write won, lost, MQL, SAL, SQL, customer or lead."))
            return state
        if word not in self._reading.reasons:
            self.warnings[code, "unknown_reason"] += 1
            return ""
        return self._reading.reasons[word]


_SIMPLE: Mapping[Kind, Callable[[str], object]] = {
    Kind.COUNTRY: values.country,
    Kind.LANGUAGE: values.language_code,
    Kind.WORDS: values.words,
    Kind.LINK: values.linkedin,
    Kind.DOMAIN: values.domain,
    Kind.SIREN: values.siren,
    Kind.ANSWER: values.answer,
}


def _within(target: Target, raw: str) -> str:
    if len(raw) > target.limit:
        raise InvalidValue("too_long", _("At most %(limit)s characters.") % {"limit": target.limit})
    return raw


def _unguarded(raw: str) -> str:
    """Without the apostrophe that an export puts before what a spreadsheet would calculate (bar: B40)."""
    return raw[1:] if raw[0] == "'" and len(raw) > 1 and raw[1] in GUARDED else raw


def guarded(cell: str) -> str:
    """A cell as an export writes it: no spreadsheet takes it for a formula (ASVS 1.2.10)."""
    return f"'{cell}" if cell and cell[0] in GUARDED else cell
