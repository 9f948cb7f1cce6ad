"""An import from its upload to its end: what people ask for, and what the worker does of it, bit by bit."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from capture.choices import ImportState, Notice
from capture.importing.check import check
from capture.importing.opening import targets_here
from capture.importing.rejects import reject_lines
from capture.importing.revert import take_back
from capture.importing.run import run, the_only_one
from capture.importing.waking import wake_some
from capture.imports.headers import guess, normal, shape_of
from capture.imports.reading import ENCODINGS, Unreadable, normal_form, preview
from capture.imports.targets import Kind
from capture.imports.workbooks import is_workbook, to_text
from capture.models import Import, ImportMapping
from leads.channels import Acquisition
from leads.custom_fields import About, Definition, FieldType, read_value
from leads.models import Campaign, CustomField, List
from leads.normalise import InvalidValue, clean_line

FOLDER = "imports"
REVERTIBLE = timedelta(days=30)
# An upload that nobody goes on with is forgotten.
KEPT_UPLOADS = timedelta(days=7)
_WORKING = (ImportState.RUNNING, ImportState.QUEUED, ImportState.CHECKING, ImportState.WAKING,
            ImportState.REVERTING)  # fmt: skip
# The first column of a file of rejects, in both languages: such a file is mapped as the one it came from.
_REASON_HEADINGS = frozenset({"reason of the rejection", "motif du rejet"})


class NotReady(ValueError):
    """The import cannot do that now; the text says what is missing, ``code`` is stable."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Options:
    """What is decided for a whole file. ``channel`` and ``notice`` are a must."""

    channel: str = ""
    campaign: Campaign | None = None
    acquisition: str = Acquisition.INDIRECT
    notice: str = ""
    notice_source: str = ""
    overwrite: bool = False
    again: bool = False
    joins: List | None = None
    track_code: str = ""
    language: str = "fr"
    region: str = "FR"


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
    _require(batch, ImportState.UPLOADED, ImportState.CHECKED)
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
    _require(batch, ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED)
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


@transaction.atomic
def set_options(*, batch: Import, options: Options) -> None:
    """Keep what was decided for the whole file. Raises NotReady."""
    _require(batch, ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED)
    source = clean_line(options.notice_source)[:200]
    channel = options.channel or (options.campaign.channel if options.campaign else "")
    if not channel:
        raise NotReady("no_channel", _("Say by which channel these people came."))
    if not options.notice:
        raise NotReady("no_notice", _("Say how these people learn that you have their data."))
    if options.notice == Notice.FIRST_MAIL and not source:
        raise NotReady(
            "no_source", _("Say where the data comes from: the first message will tell these people.")
        )
    for name in Options.__slots__:
        setattr(batch, name, getattr(options, name))
    batch.channel = channel
    batch.notice_source = source
    batch.state, batch.report = ImportState.UPLOADED, {}
    batch.save()


def ask_check(*, batch: Import, then_run: bool = False) -> None:
    """Have the worker check the file, and take it in afterwards where that was asked. Raises NotReady."""
    _require(batch, ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED)
    check_mapping(batch.mapping)
    if not batch.channel or not batch.notice:
        raise NotReady("no_options", _("Say first where these people come from."))
    _move(batch, ImportState.CHECKING, error="", report={"then_run": True} if then_run else {})


def ask_run(*, batch: Import, now: datetime) -> None:
    """Have the worker take the file in. Asked twice it runs once. Raises NotReady."""
    if batch.state in (ImportState.QUEUED, ImportState.RUNNING):
        return
    _require(batch, ImportState.CHECKED)
    batch.rows.all().delete()
    _move(
        batch,
        ImportState.QUEUED,
        error="",
        result={},
        next_offset=0,
        next_line=1,
        woken_line=0,
        started_at=now,
    )


def ask_revert(*, batch: Import, by: User | None, now: datetime) -> None:
    """Have the worker take the import back. Raises NotReady after thirty days."""
    if batch.state in (ImportState.REVERTING, ImportState.REVERTED):
        return
    _require(batch, ImportState.DONE, ImportState.WAKING, ImportState.FAILED)
    if batch.started_at is None or now - batch.started_at > REVERTIBLE:
        raise NotReady("too_late", _("An import can be taken back for 30 days."))
    _move(batch, ImportState.REVERTING, reverted_by=by)


@transaction.atomic
def give_up(*, batch: Import) -> None:
    """Forget an upload that was not run. Raises NotReady."""
    _require(batch, ImportState.UPLOADED, ImportState.CHECKED)
    _forget_files(batch)
    batch.delete()


def _require(batch: Import, *states: ImportState) -> None:
    if batch.state not in states:
        raise NotReady(
            "wrong_state",
            _("This import is “%(state)s”: that is not possible now.") % {"state": batch.get_state_display()},
        )


def _move(batch: Import, state: ImportState, **values: Any) -> None:
    for name, value in values.items():
        setattr(batch, name, value)
    batch.state = state
    batch.save(update_fields=["state", *values])


# The worker -------------------------------------------------------------------------------------------------


def work(*, now: datetime, until: float) -> bool:
    """Do the next bit of the import that waits longest; whether more is waiting.

    Raises capture.importing.run.Busy while another worker is at it.
    """
    with the_only_one():
        batch = next_at_work()
        if batch is None:
            return False
        with override(batch.language):
            _STEPS[ImportState(batch.state)](batch, now, until)
    return next_at_work() is not None


def next_at_work() -> Import | None:
    """The import to go on with: one that people wait for before one whose leads are only to be scored."""
    waiting = Import.objects.filter(state__in=_WORKING)
    return waiting.exclude(state=ImportState.WAKING).order_by("id").first() or waiting.order_by("id").first()


def _check(batch: Import, now: datetime, _until: float) -> None:
    try:
        account = check(batch, now=now)
    except (Unreadable, OSError) as error:
        _fail(batch, error)
        return
    _keep_rejects(batch)
    then_run = batch.report.get("then_run")
    _move(batch, ImportState.CHECKED, report=account.as_json())
    if then_run:
        ask_run(batch=batch, now=now)


def _run(batch: Import, now: datetime, until: float) -> None:
    if batch.state == ImportState.QUEUED:
        _move(batch, ImportState.RUNNING)
    try:
        is_finished = run(batch, now=now, until=until)
    except (Unreadable, FileNotFoundError) as error:
        _fail(batch, error)
        return
    if is_finished:
        batch.refresh_from_db()
        _keep_rejects(batch)
        _move(batch, ImportState.WAKING)
        batch.file.delete(save=True)


def _wake(batch: Import, now: datetime, _until: float) -> None:
    if wake_some(batch):
        _move(batch, ImportState.DONE, finished_at=now)


def _revert(batch: Import, now: datetime, _until: float) -> None:
    told = take_back(batch, by=batch.reverted_by, now=now)
    result = batch.result | {"reverted": told.as_json()}
    _move(batch, ImportState.REVERTED, reverted_at=now, result=result)


_STEPS = {
    ImportState.CHECKING: _check,
    ImportState.QUEUED: _run,
    ImportState.RUNNING: _run,
    ImportState.WAKING: _wake,
    ImportState.REVERTING: _revert,
}


def _fail(batch: Import, error: Exception) -> None:
    """Say why it stopped; what was taken in stays and can be taken back."""
    text = str(error) if isinstance(error, Unreadable) else _("The file is gone. Upload it again.")
    _move(batch, ImportState.FAILED, error=text[:300])


def _keep_rejects(batch: Import) -> None:
    """Write the file of rejects, or none where nothing was rejected."""
    if batch.rejects:
        batch.rejects.delete(save=False)
    lines = reject_lines(batch)
    heading, first = next(lines), next(lines, None)
    if first is None:
        batch.save(update_fields=["rejects"])
        return
    with tempfile.TemporaryFile() as file:
        for line in (heading, first):
            file.write(line.encode())
        for line in lines:
            file.write(line.encode())
        file.seek(0)
        batch.rejects.save(f"{FOLDER}/{batch.public_id}-rejects.csv", File(file), save=False)
    batch.save(update_fields=["rejects"])


def forget_imports(*, now: datetime) -> int:
    """Delete uploads nobody went on with (7 days), and rejects and old values of finished ones (30 days)."""
    stale = Import.objects.filter(
        state__in=[ImportState.UPLOADED, ImportState.CHECKED], created_at__lt=now - KEPT_UPLOADS
    )
    gone = 0
    for batch in stale:
        _forget_files(batch)
        batch.delete()
        gone += 1
    old = Import.objects.filter(started_at__lt=now - REVERTIBLE).exclude(state__in=_WORKING)
    for batch in old.exclude(result__has_key="forgotten"):
        _forget_files(batch)
        batch.rows.exclude(before=None).update(before=None)
        batch.result = {**batch.result, "samples": {}, "forgotten": True}
        batch.report = {**batch.report, "samples": {}}
        batch.samples = []
        batch.save(update_fields=["file", "rejects", "result", "report", "samples"])
        gone += 1
    return gone


def _forget_files(batch: Import) -> None:
    for kept in (batch.file, batch.rejects):
        if kept:
            kept.delete(save=False)
