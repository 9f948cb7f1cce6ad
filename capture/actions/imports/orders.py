"""What people ask for: the options of a file, its check, its run, its taking back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from capture.actions.imports.states import NotReady, forget_files, move, require
from capture.actions.imports.uploads import check_mapping
from capture.choices import ImportState, Notice
from capture.models import Import
from leads.channels import Acquisition
from leads.models import Campaign, List
from leads.normalise import clean_line

REVERTIBLE = timedelta(days=30)


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


@transaction.atomic
def set_options(*, batch: Import, options: Options) -> None:
    """Keep what was decided for the whole file. Raises NotReady."""
    require(batch, ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED)
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
    require(batch, ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED)
    check_mapping(batch.mapping)
    if not batch.channel or not batch.notice:
        raise NotReady("no_options", _("Say first where these people come from."))
    move(batch, ImportState.CHECKING, error="", report={"then_run": True} if then_run else {})


def ask_run(*, batch: Import, now: datetime) -> None:
    """Have the worker take the file in. Asked twice it runs once. Raises NotReady."""
    if batch.state in (ImportState.QUEUED, ImportState.RUNNING):
        return
    require(batch, ImportState.CHECKED)
    batch.rows.all().delete()
    move(
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
    require(batch, ImportState.DONE, ImportState.WAKING, ImportState.FAILED)
    if batch.started_at is None or now - batch.started_at > REVERTIBLE:
        raise NotReady("too_late", _("An import can be taken back for 30 days."))
    move(batch, ImportState.REVERTING, reverted_by=by)


@transaction.atomic
def give_up(*, batch: Import) -> None:
    """Forget an upload that was not run. Raises NotReady."""
    require(batch, ImportState.UPLOADED, ImportState.CHECKED)
    forget_files(batch)
    batch.delete()
