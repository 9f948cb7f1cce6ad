"""What is said for a decision (reason, note, month, missing information), checked before any lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from funnel.days import today
from funnel.models import Reason
from funnel.refusals import Incomplete
from funnel.research import RESEARCH_FIELDS
from funnel.stages import Verb, wake_date
from leads.normalise import clean_line, clean_text

NOTE_LIMIT = 2000
FARTHEST = timedelta(days=5 * 366)


@dataclass(frozen=True, slots=True)
class Grounds:
    """Checked grounds. ``wake_on``: when the lead is to be worked again, should it be recycled."""

    reason: Reason
    note: str
    wake_on: date
    details: dict[str, object] = field(default_factory=dict)


def settle(
    verb: Verb,
    reason: str | Reason,
    *,
    now: datetime,
    note: str = "",
    month: date | None = None,
    missing_fields: Sequence[str] = (),
) -> Grounds:
    """The grounds of one decision, from what was sent. Raises Incomplete with what is missing or wrong."""
    if not reason:
        raise Incomplete("reason_required", field="reason")
    found = reason if isinstance(reason, Reason) else Reason.objects.filter(code=reason).first()
    if found is None or verb not in found.verbs or not found.is_active:
        raise Incomplete("reason_unknown", field="reason")
    details: dict[str, object] = {}
    if found.needs_fields:
        details["missing_fields"] = _known_fields(missing_fields)
    wake_on = today(now) + timedelta(days=found.cooldown_days)
    if found.needs_month:
        wake_on = _wake_on(month, today(now))
        details["month"] = f"{month:%Y-%m}"
    return Grounds(found, checked_note(note, required=found.needs_note), wake_on, details)


def _wake_on(month: date | None, day: date) -> date:
    """Thirty days before the month; refuses one that is already here, or too far away to mean anything."""
    if month is None:
        raise Incomplete("month_required", field="month")
    if month > day + FARTHEST:
        raise Incomplete("month_too_far", field="month")
    wakes = wake_date(month)
    if wakes <= day:
        raise Incomplete("month_too_near", field="month")
    return wakes


def _known_fields(names: Sequence[str]) -> list[str]:
    unknown = set(names) - set(RESEARCH_FIELDS)
    if unknown:
        raise Incomplete("field_unknown", field="missing_fields", names=", ".join(sorted(unknown)))
    if not names:
        raise Incomplete("fields_required", field="missing_fields")
    return sorted(set(names))


def checked_note(note: str, *, required: bool = False) -> str:
    """A note in its normal form."""
    text = clean_text(note)
    if required and not text:
        raise Incomplete("note_required", field="note")
    if len(text) > NOTE_LIMIT:
        raise Incomplete("note_too_long", field="note", limit=NOTE_LIMIT)
    return text


def checked_line(value: str, name: str, *, limit: int) -> str:
    """One line of text in its normal form."""
    text = clean_line(value)
    if len(text) > limit:
        raise Incomplete("value_too_long", field=name, limit=limit)
    return text
