"""Reading a funnel's history from two files: who came when and how, and which of them bought. Pure.

The columns are those of the published "Marketing Funnel by Olist" data; rows that cannot be taken are
reported with their line and left out, the others are taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from leads.channels import Channel

LEAD_COLUMNS = frozenset({"mql_id", "first_contact_date", "landing_page_id", "origin"})
DEAL_COLUMNS = frozenset({"mql_id", "sdr_id", "sr_id", "won_date"})
ABOUT_DEAL = ("business_segment", "lead_type", "lead_behaviour_profile", "business_type")
LONGEST_REFERENCE = 120

# The channel of each origin; an origin nobody noted ("unknown", or none) is no channel.
CHANNELS: Mapping[str, str] = {
    "organic_search": Channel.ORGANIC_SEARCH,
    "paid_search": Channel.PAID_SEARCH,
    "social": Channel.SOCIAL,
    "email": Channel.EMAILING,
    "referral": Channel.REFERRAL,
    "direct_traffic": Channel.DIRECT_TRAFFIC,
    "display": Channel.ONLINE_AD,
    "other_publicities": Channel.ONLINE_AD,
    "other": Channel.OTHER,
    "unknown": "",
    "": "",
}


@dataclass(frozen=True, slots=True)
class Contact:
    """One lead's first contact."""

    reference: str
    on: date
    channel: str
    landing_page: str


@dataclass(frozen=True, slots=True)
class Deal:
    """One lead won: when (local time, as written), by whom, what was noted about it."""

    reference: str
    at: datetime
    sdr: str
    rep: str
    about: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that was not taken, or taken with a doubt."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.text}"


@dataclass(slots=True)
class History:
    """What the files say, in their order, by reference."""

    contacts: dict[str, Contact] = field(default_factory=dict)
    deals: dict[str, Deal] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


class BadRow(ValueError):
    """A row that cannot be taken, and why."""


Row = Mapping[str, str | None]


def read(leads: Iterable[Row], deals: Iterable[Row], *, today: date) -> History:
    """The history of both files; rows are counted from 2, the line after the head."""
    history = History()
    for line, row in enumerate(leads, start=2):
        try:
            contact = _contact(row, today)
            _refuse_known(contact.reference, history.contacts)
            history.contacts[contact.reference] = contact
            _doubt_origin(history, line, row)
        except BadRow as problem:
            history.problems.append(Problem("leads", line, str(problem)))
    for line, row in enumerate(deals, start=2):
        try:
            deal = _deal(row, today)
            _refuse_known(deal.reference, history.deals)
            _require_contact(history, deal, line)
            history.deals[deal.reference] = deal
        except BadRow as problem:
            history.problems.append(Problem("deals", line, str(problem)))
    return history


def _text(row: Row, column: str) -> str:
    return " ".join((row.get(column) or "").replace("\x00", " ").split())


def _reference(row: Row) -> str:
    reference = _text(row, "mql_id")
    if not reference:
        raise BadRow("mql_id is empty")
    if len(reference) > LONGEST_REFERENCE:
        raise BadRow(f"mql_id is longer than {LONGEST_REFERENCE} characters")
    return reference


def _refuse_known(reference: str, known: Mapping[str, object]) -> None:
    if reference in known:
        raise BadRow(f"{reference} stands in the file twice; the first row was taken")


def _contact(row: Row, today: date) -> Contact:
    reference, written = _reference(row), _text(row, "first_contact_date")
    try:
        on = date.fromisoformat(written)
    except ValueError:
        raise BadRow(f"first_contact_date {written!r} is not a date like 2018-02-01") from None
    _refuse_impossible(on, today)
    origin = _text(row, "origin")
    return Contact(reference, on, CHANNELS.get(origin, Channel.OTHER), _text(row, "landing_page_id")[:500])


def _doubt_origin(history: History, line: int, row: Row) -> None:
    origin = _text(row, "origin")
    if origin not in CHANNELS:
        history.problems.append(Problem("leads", line, f"origin {origin!r} is not known; taken as other"))


def _deal(row: Row, today: date) -> Deal:
    reference, written = _reference(row), _text(row, "won_date")
    try:
        at = datetime.fromisoformat(written).replace(tzinfo=None)
    except ValueError:
        raise BadRow(f"won_date {written!r} is not a time like 2018-02-26 19:58:54") from None
    _refuse_impossible(at.date(), today)
    about = {column: _text(row, column)[:200] for column in ABOUT_DEAL if _text(row, column)}
    return Deal(reference, at, _text(row, "sdr_id")[:100], _text(row, "sr_id")[:100], about)


def _refuse_impossible(day: date, today: date) -> None:
    if not date(1990, 1, 1) <= day <= today:
        raise BadRow(f"{day} lies in the future or before 1990")


def _require_contact(history: History, deal: Deal, line: int) -> None:
    contact = history.contacts.get(deal.reference)
    if contact is None:
        raise BadRow(f"{deal.reference} is not among the leads")
    if deal.at.date() < contact.on:
        text = (
            f"{deal.reference} was won on {deal.at.date()}, before its first contact on {contact.on}; taken"
        )
        history.problems.append(Problem("deals", line, text))
