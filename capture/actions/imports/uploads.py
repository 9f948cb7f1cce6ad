"""Keeping an uploaded file, and saying what its columns mean."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from capture.actions.imports.states import NotReady, require
from capture.choices import ImportState
from capture.importing.opening import targets_here
from capture.imports.headers import guess, normal, shape_of
from capture.imports.reading import ENCODINGS, Unreadable, normal_form, preview
from capture.imports.targets import Kind
from capture.imports.workbooks import is_workbook, to_text
from capture.models import Import, ImportMapping
from leads.custom_fields import About, Definition, FieldType, read_value
from leads.models import CustomField
from leads.normalise import InvalidValue, clean_line

FOLDER = "imports"
# The first column of a file of rejects, in both languages: such a file is mapped as the one it came from.
_REASON_HEADINGS = frozenset({"reason of the rejection", "motif du rejet"})


def receive(*, upload: UploadedFile[Any] | File[bytes], name: str, by: User | None, now: datetime) -> Import:
    """Keep an uploaded file, readable as text, with what its columns seem to mean.

    Never holds the file in memory. Raises Unreadable with a text that says what to do; nothing is kept then.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        sha256, size = _keep(upload, path)
        workbook = is_workbook(path)
        if workbook:
            text = Path(folder) / "text"
            to_text(path, text)
            path = text
        encoding = normal_form(path)
        found = preview(path, encoding=encoding)
        batch = Import(
            file_name=clean_line(name)[:160] or "import.csv",
            file_size=size,
            sha256=sha256,
            is_workbook=workbook,
            encoding=encoding,
            created_by=by,
            created_at=now,
            language=by.language if by else "fr",
        )
        _describe(batch, found)
        with path.open("rb") as file:
            batch.file.save(f"{FOLDER}/{batch.public_id}.csv", File(file), save=False)
    batch.save(force_insert=True)
    return batch


def _keep(upload: UploadedFile[Any] | File[bytes], path: Path) -> tuple[str, int]:
    """Write the upload to the disk piece by piece; its SHA-256 and size."""
    digest, size, most = hashlib.sha256(), 0, settings.IMPORT_MAX_BYTES
    with path.open("wb") as file:
        for block in upload.chunks():
            size += len(block)
            if size > most:
                raise Unreadable(
                    "too_large",
                    _("This file is larger than %(limit)s MB. Split it and import the parts.")
                    % {"limit": most // 1_000_000},
                )
            digest.update(block)
            file.write(block)
    if not size:
        raise Unreadable("empty", _("This file is empty."))
    return digest.hexdigest(), size


def _describe(batch: Import, found: Any) -> None:
    """Columns, samples and their likely meaning: as the last file of this shape, else guessed."""
    batch.delimiter = found.layout.delimiter
    batch.has_header = found.layout.has_header
    batch.header = list(found.header)
    batch.samples = [[cell[:80] for cell in row] for row in found.samples[:5]]
    batch.shape = shape_of(found.header)
    batch.mapping = _remembered(found.header) or guess(found.header, found.samples, targets_here())


def _remembered(header: Sequence[str]) -> list[str] | None:
    known = targets_here()
    for skipped in (0, 1):
        if skipped and not (header and normal(header[0]) in _REASON_HEADINGS):
            break
        kept = ImportMapping.objects.filter(shape=shape_of(header[skipped:])).first()
        if kept is not None and len(kept.mapping) == len(header) - skipped:
            return [""] * skipped + [code if code in known else "" for code in kept.mapping]
    return None


def read_again(*, batch: Import, encoding: str, delimiter: str, has_header: bool) -> None:
    """Read the file otherwise than guessed. Raises Unreadable, NotReady."""
    require(batch, ImportState.UPLOADED, ImportState.CHECKED)
    if encoding not in ENCODINGS or delimiter not in ";,\t|":
        raise NotReady("layout", _("Choose one of the encodings and separators offered."))
    found = preview(Path(batch.file.path), encoding=encoding, delimiter=delimiter, has_header=has_header)
    batch.encoding = encoding
    _describe(batch, found)
    batch.state, batch.report = ImportState.UPLOADED, {}
    batch.save()


@transaction.atomic
def set_mapping(*, batch: Import, mapping: Sequence[str], now: datetime) -> None:
    """Say what each column means: a target's code, "" to ignore it, or "new.lead" / "new.company" for a
    custom field to be made for it. Raises NotReady naming what is wrong; remembered for files of this shape.
    """
    require(batch, ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED)
    if len(mapping) != len(batch.header):
        raise NotReady("mapping_length", _("Say for each column what it means."))
    chosen = [_made(batch, place, code, now) for place, code in enumerate(mapping)]
    check_mapping(chosen)
    batch.mapping, batch.state, batch.report = chosen, ImportState.UPLOADED, {}
    batch.save(update_fields=["mapping", "state", "report"])
    ImportMapping.objects.update_or_create(shape=batch.shape, defaults={"mapping": chosen, "used_at": now})


def check_mapping(mapping: Sequence[str]) -> None:
    """Raises NotReady for an unknown target, one used twice, and a mapping by which nobody is recognised."""
    known = targets_here()
    used = [code for code in mapping if code]
    for code in used:
        if code not in known:
            raise NotReady("unknown_target", _("“%(target)s” is no target.") % {"target": code[:80]})
        if used.count(code) > 1:
            raise NotReady(
                "target_twice",
                _("Two columns are mapped to “%(target)s”. Ignore one of them.")
                % {"target": known[code].label},
            )
    if not any(known[code].kind in (Kind.EMAIL, Kind.PHONE) or code == "lead.reference" for code in used):
        raise NotReady(
            "no_identity",
            _("Map a column to email, phone or outside reference: without one nobody is recognised."),
        )


def _made(batch: Import, place: int, code: str, now: datetime) -> str:
    """The target; a custom field is made where one was asked for, its type guessed from the samples."""
    if code not in ("new.lead", "new.company"):
        return code
    about = About.LEAD if code == "new.lead" else About.COMPANY
    label = batch.header[place][:80]
    slug = normal(label).replace(" ", "_")[:40] or f"column_{place + 1}"
    values = [row[place] for row in batch.samples if place < len(row) and row[place].strip()]
    field, _created = CustomField.objects.get_or_create(
        about=about,
        code=slug,
        defaults={"type": _type_of(values), "label_fr": label, "created_at": now},
    )
    return f"{'custom' if about is About.LEAD else 'company_custom'}.{field.code}"


def _type_of(values: list[str]) -> FieldType:
    for kind in (FieldType.BOOLEAN, FieldType.DATE, FieldType.NUMBER):
        if not values:
            break
        with suppress(InvalidValue):
            for value in values:
                read_value(Definition("x", kind), value)
            return kind
    return FieldType.TEXT
