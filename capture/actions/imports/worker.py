"""What the worker does of imports, bit by bit; and forgetting them in time."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta

from django.core.files.base import File
from django.utils.translation import gettext as _
from django.utils.translation import override

from capture.actions.imports.orders import REVERTIBLE, ask_run
from capture.actions.imports.states import WORKING, forget_files, move
from capture.actions.imports.uploads import FOLDER
from capture.choices import ImportState
from capture.importing.check import check
from capture.importing.rejects import reject_lines
from capture.importing.revert import take_back
from capture.importing.run import run, the_only_one
from capture.importing.waking import wake_some
from capture.imports.reading import Unreadable
from capture.models import Import

# An upload that nobody goes on with is forgotten.
KEPT_UPLOADS = timedelta(days=7)


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
    waiting = Import.objects.filter(state__in=WORKING)
    return waiting.exclude(state=ImportState.WAKING).order_by("id").first() or waiting.order_by("id").first()


def _check(batch: Import, now: datetime, _until: float) -> None:
    try:
        account = check(batch, now=now)
    except (Unreadable, OSError) as error:
        _fail(batch, error)
        return
    _keep_rejects(batch)
    then_run = batch.report.get("then_run")
    move(batch, ImportState.CHECKED, report=account.as_json())
    if then_run:
        ask_run(batch=batch, now=now)


def _run(batch: Import, now: datetime, until: float) -> None:
    if batch.state == ImportState.QUEUED:
        move(batch, ImportState.RUNNING)
    try:
        is_finished = run(batch, now=now, until=until)
    except (Unreadable, FileNotFoundError) as error:
        _fail(batch, error)
        return
    if is_finished:
        batch.refresh_from_db()
        _keep_rejects(batch)
        move(batch, ImportState.WAKING)
        batch.file.delete(save=True)


def _wake(batch: Import, now: datetime, _until: float) -> None:
    if wake_some(batch):
        move(batch, ImportState.DONE, finished_at=now)


def _revert(batch: Import, now: datetime, _until: float) -> None:
    told = take_back(batch, by=batch.reverted_by, now=now)
    result = batch.result | {"reverted": told.as_json()}
    move(batch, ImportState.REVERTED, reverted_at=now, result=result)


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
    move(batch, ImportState.FAILED, error=text[:300])


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
        forget_files(batch)
        batch.delete()
        gone += 1
    old = Import.objects.filter(started_at__lt=now - REVERTIBLE).exclude(state__in=WORKING)
    for batch in old.exclude(result__has_key="forgotten"):
        forget_files(batch)
        batch.rows.exclude(before=None).update(before=None)
        batch.result = {**batch.result, "samples": {}, "forgotten": True}
        batch.report = {**batch.report, "samples": {}}
        batch.samples = []
        batch.save(update_fields=["file", "rejects", "result", "report", "samples"])
        gone += 1
    return gone
