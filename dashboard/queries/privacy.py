"""The register of requests, one of them, and what is held about the person."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import islice

from django.db.models import Field, QuerySet
from django.utils.functional import Promise
from django.utils.text import capfirst

from accounts.keyset import Order
from dashboard.privacy_words import table_in_words
from leads.actions.privacy import people_at
from leads.fingerprint import fingerprint
from leads.held import Held, held_about, whole_person
from leads.lead_links import OnErase
from leads.models import Lead, PrivacyAct, PrivacyRequest
from leads.privacy import SOON, RequestState
from scoring.api import score_body
from scoring.programs import NoLiveRules
from scoring.queries import explain

NEWEST = Order("newest", "", "created_at")
ROWS_SHOWN, MOST_URGENT = 20, 200


@dataclass(frozen=True)
class Table:
    """One table of what is held: its name, how many rows, some of them, what erasing does to it."""

    code: str
    name: str
    number: int
    rows: list[list[tuple[str, object]]]
    erase: OnErase


@dataclass(frozen=True)
class RequestPage:
    """One request; ``people`` are those to choose from while nobody was chosen."""

    row: PrivacyRequest
    lead: Lead | None
    is_erased: bool
    days_left: int
    acts: list[PrivacyAct]
    people: list[Lead]
    tables: list[Table]


def register(state: str, address: str) -> QuerySet[PrivacyRequest]:
    """The requests in a state ("" for all), or all of one email or phone in its normal form."""
    rows = PrivacyRequest.objects.select_related("lead")
    if address:
        return rows.filter(fingerprint=fingerprint(address))
    return rows.filter(state=state) if state in RequestState.values else rows


def most_urgent() -> list[PrivacyRequest]:
    """The requests to answer, the nearest deadline first."""
    return list(register(RequestState.OPEN, "").order_by("due_on", "id")[:MOST_URGENT])


def urgency(row: PrivacyRequest, today: dt.date) -> str:
    """late, soon, or nothing to worry about."""
    if not row.is_open or row.due_on - today > SOON:
        return ""
    return "late" if row.due_on < today else "soon"


def request_page(row: PrivacyRequest, *, today: dt.date, rows_shown: int = 0) -> RequestPage:
    """One request with what is held; ``rows_shown`` rows of each table."""
    lead = row.lead if row.lead and row.lead.erased_at is None else None
    return RequestPage(
        row=row,
        lead=lead,
        is_erased=bool(row.lead and row.lead.erased_at),
        days_left=(row.due_on - today).days,
        acts=list(row.acts.select_related("by")),
        people=[] if row.lead or not row.is_open or not row.address else list(people_at(row.address)[:10]),
        tables=[_table(held, rows_shown) for held in held_about(whole_person(lead))] if lead else [],
    )


def _table(held: Held, rows_shown: int) -> Table:
    newest = islice(held.values(newest_first=True), rows_shown)
    shown = [_in_words(held, row) for row in newest]
    return Table(held.table, table_in_words(held.table), held.rows.count(), shown, held.erase)


def _in_words(held: Held, row: dict[str, object]) -> list[tuple[str, object]]:
    """The columns that say something, by their labels; a code by its words."""
    fields = [(held.model._meta.get_field(name), value) for name, value in row.items() if not _empty(value)]
    return [(_label(field), _words(field, value)) for field, value in fields]


def _words(field: object, value: object) -> object:
    choices = dict(getattr(field, "flatchoices", None) or ())
    return choices.get(value, value) if isinstance(value, str | int) else value


def _empty(value: object) -> bool:
    return value is None or value in ("", [], {})


def _label(field: object) -> str:
    """The name of a column in words, where it has one."""
    assert isinstance(field, Field)
    named = isinstance(field.verbose_name, Promise)
    return capfirst(str(field.verbose_name)) if named else field.name


def bundle(lead: Lead, *, now: dt.datetime) -> dict[str, object]:
    """Everything about a person for a file of JSON, the reasons of the score included (art. 15.1 h, 20)."""
    leads = whole_person(lead)
    return {
        "person": str(lead.public_id),
        "made_at": now,
        "score": _score(lead, now),
        "held": {held.table: list(held.values()) for held in held_about(leads)},
    }


def _score(lead: Lead, now: dt.datetime) -> dict[str, object] | None:
    try:
        return score_body(explain(lead, now=now))
    except NoLiveRules:
        return None
