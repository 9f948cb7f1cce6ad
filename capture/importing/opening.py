"""An import's file, opened with all that is needed to understand its rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.utils.translation import override

from accounts.models import User
from capture.imports.reading import Layout, Place, Records
from capture.imports.rows import Reading, RowReader
from capture.imports.slices import Slicer, columns_of
from capture.imports.targets import Kind, Target, by_code, catalogue
from capture.models import Import
from capture.sql import DONE_BEFORE
from funnel.models import Reason
from leads.custom_fields import About
from leads.fingerprint import fingerprint
from leads.models import Content, CustomField, EventKind
from leads.normalise import searchable

_NAMES = {"full_name": ("first_name", "last_name"), "linkedin": ("social",)}


@dataclass(slots=True)
class Opened:
    """The file's slices, and what its columns fill."""

    slicer: Slicer
    reader: RowReader
    columns: tuple[str, ...]
    contents: dict[str, int]
    kinds: dict[str, int]


def targets_here() -> dict[str, Target]:
    """Every target that exists in this installation, custom fields included, by code."""
    groups = catalogue(
        [field.definition for field in CustomField.objects.all().of(About.LEAD)],
        [field.definition for field in CustomField.objects.all().of(About.COMPANY)],
    )
    return dict(by_code(groups))


def layout_of(batch: Import) -> Layout:
    """How the file of this import is read."""
    return Layout(batch.encoding, batch.delimiter, batch.has_header, _start(batch))


def _start(batch: Import) -> int:
    with Path(batch.file.path).open("rb") as file:
        return 3 if file.read(3) == b"\xef\xbb\xbf" else 0


@contextmanager
def opened(batch: Import, *, now: datetime, from_start: bool) -> Iterator[Opened]:
    """Open the file where the import stands, or at its beginning."""
    layout, known_targets = layout_of(batch), targets_here()
    targets = [known_targets.get(code) for code in batch.mapping]
    contents = _contents() if _uses(targets, "event.") else {}
    kinds = _kinds() if _uses(targets, "event.") else {}
    reading = Reading(
        now=now,
        zone=ZoneInfo(settings.TIME_ZONE),
        language=batch.language,
        region=batch.region,
        owners=_owners() if _uses(targets, "owner") else {},
        kinds=kinds,
        reasons=_reasons() if _uses(targets, "outcome.") else {},
    )
    reader, columns = RowReader(targets, reading), columns_of(_fields(targets))
    at_start = from_start or batch.next_offset == 0
    place = Place(layout.start) if at_start else Place(batch.next_offset, batch.next_line)
    records = Records(Path(batch.file.path), layout, len(batch.header), place)
    slicer = Slicer(
        records, reader, columns=columns, mark=fingerprint, overwrite=batch.overwrite,
        known=_done_before(batch), skips_header=at_start and layout.has_header,
    )  # fmt: skip
    try:
        yield Opened(slicer, reader, columns, contents, kinds)
    finally:
        records.close()


def _uses(targets: list[Target | None], prefix: str) -> bool:
    return any(target is not None and target.code.startswith(prefix) for target in targets)


def _fields(targets: list[Target | None]) -> set[str]:
    """The fields of a lead's profile that these targets fill."""
    found: set[str] = set()
    for target in targets:
        if target is not None and target.code.startswith("lead."):
            found.update(_NAMES.get(target.field, (target.field,)))
        elif target is not None and target.kind is Kind.CUSTOM and target.code.startswith("custom."):
            found.add("custom")
    return found


def _owners() -> dict[str, int]:
    """Active colleagues by email and by name; a name that two share tells neither."""
    found: dict[str, int] = {}
    doubtful: set[str] = set()
    for user in User.objects.filter(is_active=True).only("id", "email", "first_name", "last_name"):
        for name in {searchable(user.email), searchable(user.first_name, user.last_name)} - {""}:
            if found.setdefault(name, user.pk) != user.pk:
                doubtful.add(name)
    return {name: number for name, number in found.items() if name not in doubtful}


def _kinds() -> dict[str, int]:
    """Kinds of event that may come from outside, by code and by their words in both languages."""
    found: dict[str, int] = {}
    for kind in EventKind.objects.filter(is_internal=False):
        found[searchable(kind.code)] = kind.pk
        for language in ("fr", "en"):
            with override(language):
                found.setdefault(searchable(kind.label), kind.pk)
    return found


def _contents() -> dict[str, int]:
    rows = Content.objects.values_list("pk", "code", "title")
    return {searchable(name): pk for pk, code, title in rows for name in (code, title)}


def _reasons() -> dict[str, str]:
    rows = Reason.objects.values_list("code", "label_fr", "label_en")
    return {searchable(name): code for code, *labels in rows for name in (code, *labels) if name}


def _done_before(batch: Import) -> bytearray:
    """For each row number, whether an earlier import of this very file has taken it in."""
    done = bytearray()
    if batch.again:
        return done
    with connection.cursor() as cursor:
        cursor.execute(DONE_BEFORE, [batch.sha256, batch.pk])
        while rows := cursor.fetchmany(10_000):
            for (line,) in rows:
                if line >= len(done):
                    done.extend(bytes(line + 1000 - len(done)))
                done[line] = 1
    return done
