"""The profile of two leads that became one: its values, their history, and the keys the other one keeps."""

from __future__ import annotations

from typing import Any

from leads.actions.journal import read_row
from leads.actions.merge_tables import Merging
from leads.choices import Origin
from leads.merging import GROUPS, Choice, Side, Told, merged_values
from leads.models import Company, Lead, ProfileChange
from leads.normalise import searchable

# History speaks of the company by its name.
_COMPANY = "company_id"
# Unique: the one merged away gives way before the survivor takes it.
_KEYS = ("email", "reference")


def told(lead_id: int) -> dict[str, Told]:
    """Who told the present value of each field of a lead, as far as its history knows."""
    rows = ProfileChange.objects.filter(lead=lead_id).order_by("field", "-at", "-id").distinct("field")
    return {row.field: Told(row.origin, row.at) for row in rows}


def merge_profiles(merging: Merging, choices: list[Choice]) -> None:
    """Give the survivor its values with their history; the other one points to it and keeps what is left.

    An email that the survivor takes is exchanged for the survivor's own, so that who writes from either is
    still recognised.
    """
    kept, away = read_row(Lead, merging.kept), read_row(Lead, merging.away)
    values = merged_values(kept, away, choices)
    values["search_text"] = searchable(
        *(str(values[name] or "") for name in ("first_name", "last_name", "email", "phone", "reference"))
    )[:600]
    journal = merging.journal
    left = _left_keys(kept, away, values)
    if left:
        journal.change(Lead, merging.away, {"reference": f"merged:{away['public_id']}", "email": None})
    journal.change(Lead, merging.kept, values)
    journal.change(Lead, merging.away, left | {"merged_into_id": merging.kept})
    for number in Lead.objects.filter(merged_into=merging.away).values_list("pk", flat=True):
        journal.change(Lead, number, {"merged_into_id": merging.kept})
    _write_history(merging, kept, away, values, choices)


def _left_keys(kept: dict[str, Any], away: dict[str, Any], values: dict[str, object]) -> dict[str, object]:
    """Unique values for the one merged away, when the survivor takes one of its own; else nothing."""
    if not any(values[name] == away[name] != kept[name] for name in _KEYS):
        return {}
    left = {name: kept[name] if values[name] != kept[name] else away[name] for name in _KEYS}
    # It must be known by something: its own name where nothing else is left.
    return left | {"reference": left["reference"] or f"merged:{away['public_id']}"}


def _write_history(
    merging: Merging,
    kept: dict[str, Any],
    away: dict[str, Any],
    values: dict[str, object],
    choices: list[Choice],
) -> None:
    """One history of both: where its last word on a field is not the value that survived, one more line."""
    sides = {field: choice.side for choice in choices for field in GROUPS[choice.name]}
    origins: dict[Side, dict[str, str]] = {Side.KEPT: {}, Side.AWAY: {}}
    last: dict[str, ProfileChange] = {}
    moved = {pk for entry in merging.journal.entries for pk in _moved_changes(entry, merging)}
    for row in ProfileChange.objects.filter(lead=merging.kept).order_by("at", "pk"):
        last[row.field] = row
        origins[Side.AWAY if row.pk in moved else Side.KEPT][row.field] = row.origin
    names = _company_names(kept, away)
    rows = []
    for column, value in values.items():
        field = column.removesuffix("_id")
        new, before = (names.get(one) if column == _COMPANY else one for one in (value, kept.get(column)))
        known = last[field].new if field in last else before
        if field not in _UNTOLD and known != new:
            origin = origins[sides.get(column, Side.KEPT)].get(field, Origin.DEDUCED)
            rows.append(
                ProfileChange(
                    lead_id=merging.kept, field=field, old=known, new=new, origin=origin, at=merging.now,
                    by_id=merging.by,
                )
            )  # fmt: skip
    merging.journal.added(ProfileChange, [row.pk for row in ProfileChange.objects.bulk_create(rows)])


# What has no history: it is worked out.
_UNTOLD = frozenset({"search_text", "created_at", "last_activity_at", "last_channel"})


def _moved_changes(entry: dict[str, Any], merging: Merging) -> list[int]:
    moved = (
        entry["did"] == "moved" and entry["model"] == "leads.ProfileChange" and entry["old"] == merging.away
    )
    return entry["pks"] if moved else []


def _company_names(*rows: dict[str, Any]) -> dict[object, str]:
    ids = {row[_COMPANY] for row in rows if row[_COMPANY]}
    return dict(Company.objects.filter(pk__in=ids).values_list("pk", "name"))
