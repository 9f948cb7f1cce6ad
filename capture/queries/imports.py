"""Reading imports: the list, the steps of the wizard, the account in words, the rows and their leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from capture.choices import ImportState, RowState
from capture.importing.opening import targets_here
from capture.importing.rejects import reason_in_words
from capture.models import Import, ImportRow
from leads.models import Lead

AT_WORK = frozenset(
    {ImportState.CHECKING, ImportState.QUEUED, ImportState.RUNNING, ImportState.REVERTING, ImportState.WAKING}
)
STEPS = (
    ("upload", lazy("File")),
    ("columns", lazy("Columns")),
    ("options", lazy("Options")),
    ("check", lazy("Check")),
    ("done", lazy("Import")),
)
TONES = {
    RowState.NEW: "good",
    RowState.CHANGED: "accent",
    RowState.SAME: "line",
    RowState.TWIN: "line",
    RowState.INVALID: "bad",
    RowState.OPPOSED: "warn",
    RowState.KNOWN: "line",
}
KEPT_BECAUSE: Mapping[str, str | Promise] = {
    "gone": lazy("merged or erased meanwhile"),
    "merged": lazy("another lead was merged into it"),
    "active": lazy("it did something since"),
    "changed": lazy("its profile was changed since"),
    "imported_again": lazy("another import brought it too"),
    "written_to": lazy("it was written to"),
    "in_track": lazy("it is in a track"),
    "in_sales": lazy("sales or marketing decided on it"),
    "consented": lazy("it gave or withdrew a consent since"),
    "linked": lazy("something else refers to it"),
}
TOLD: Mapping[str, str | Promise] = {
    "consents": lazy("Consents written down"),
    "consents_without_proof": lazy("Consents without date or proof, left out"),
    "events": lazy("Past events"),
    "contents_unknown": lazy("Events whose content is not known"),
    "outcomes": lazy("Outcomes"),
    "outcomes_left": lazy("Outcomes of leads that are in the funnel already, left out"),
    "owners_kept": lazy("Leads that keep their present owner"),
}


@dataclass(frozen=True, slots=True)
class Count:
    """One kind of row: how many, in which tone, and which code filters by it."""

    code: str
    label: str | Promise
    number: int
    tone: str


def listed_imports() -> QuerySet[Import]:
    """All imports, the newest first, with who brought them."""
    return Import.objects.select_related("created_by", "campaign")


def counts_of(account: Mapping[str, Any]) -> list[Count]:
    """The rows of an account by what became of them, the empty kinds left out."""
    counts = account.get("counts", {})
    return [
        Count(state.name.lower(), state.label, int(counts[state.name.lower()]), TONES[state])
        for state in RowState
        if counts.get(state.name.lower())
    ]


def told_of(account: Mapping[str, Any]) -> list[tuple[str | Promise, int]]:
    """What came with the rows besides profiles."""
    told = account.get("told", {})
    return [(label, int(told[code])) for code, label in TOLD.items() if told.get(code)]


def left_out(account: Mapping[str, Any]) -> list[tuple[str, int]]:
    """The values that were not understood, by target."""
    known = targets_here()
    found: dict[str, int] = {}
    for name, number in account.get("left_out", {}).items():
        target = known.get(name.partition(":")[0])
        label = str(target.label) if target else name
        found[label] = found.get(label, 0) + int(number)
    return sorted(found.items(), key=lambda item: -item[1])


def fields_of(account: Mapping[str, Any]) -> list[tuple[str, int]]:
    """How often each field of known leads changes, by its name."""
    return [
        (field_label(name), int(number))
        for name, number in sorted(account.get("fields", {}).items(), key=lambda item: -item[1])
    ]


def field_label(name: str) -> str:
    """A lead's field in words."""
    if name == "owner":
        return _("Owner")
    return str(getattr(Lead._meta.get_field(name), "verbose_name", name))


def changes_of(account: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The samples of changed leads, their fields in words."""
    return [
        sample
        | {"changes": [(field_label(name), shown(old), shown(new)) for name, old, new in sample["changes"]]}
        for sample in account.get("samples", {}).get("changed", [])
    ]


def shown(value: object) -> str:
    """A value as people read it."""
    if value in (None, "", [], {}):
        return "—"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {one}" for key, one in value.items())
    return str(value)


def kept_because(told: Mapping[str, Any]) -> list[tuple[str | Promise, int]]:
    """Why leads stay when an import is taken back."""
    return [(KEPT_BECAUSE.get(code, code), int(number)) for code, number in told.get("kept", {}).items()]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file with its target and what stands in it."""

    place: int
    heading: str
    target: str
    samples: list[str]


def columns_of(batch: Import, mapping: list[str] | None = None) -> list[Column]:
    """The columns as the mapping page shows them."""
    chosen = mapping if mapping is not None else batch.mapping
    return [
        Column(
            place,
            heading,
            chosen[place] if place < len(chosen) else "",
            [row[place] for row in batch.samples if place < len(row) and row[place].strip()][:3],
        )
        for place, heading in enumerate(batch.header)
    ]


def steps_of(now_at: str) -> list[dict[str, object]]:
    """The wizard's steps, each done, now or next."""
    codes = [code for code, _label in STEPS]
    here = codes.index(now_at)
    return [
        {
            "code": code,
            "label": label,
            "state": "done" if place < here else "now" if place == here else "next",
        }
        for place, (code, label) in enumerate(STEPS)
    ]


def step_of(batch: Import) -> str:
    """Where an import stands in the wizard."""
    if batch.state == ImportState.UPLOADED:
        return "options" if batch.channel and batch.notice else "columns"
    return "check" if batch.state in (ImportState.CHECKING, ImportState.CHECKED) else "done"


def rows_of(batch: Import, state: str) -> QuerySet[ImportRow]:
    """The rows of an import with their leads, of one kind where ``state`` names it."""
    rows = ImportRow.objects.filter(batch=batch).select_related("lead", "lead__company")
    found = {one.name.lower(): one for one in RowState}.get(state)
    return rows.filter(state=found) if found else rows


def reason_of(row: ImportRow) -> str:
    """Why the row was not taken; "" for one that was."""
    if row.state not in (RowState.INVALID, RowState.OPPOSED):
        return ""
    return reason_in_words(row.state, row.code, row.reason)
