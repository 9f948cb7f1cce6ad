"""F68: an import whose process is killed outright goes on where it stopped, each row once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

from capture.actions import imports as actions
from capture.actions.imports import Options
from capture.choices import ImportState
from capture.models import Import, ImportRow
from leads.models import Lead, ProfileChange, Touch, Wake
from tests.processes import database_url

ROWS = 4000
# The task's own call in a process of its own; slices of 200 rows, so that there is much to interrupt.
WORKER = """
import django, os, sys, time
django.setup()
from django.conf import settings
settings.MEDIA_ROOT = sys.argv[1]
from capture.importing import run
from capture.imports import slices
run.SMALLEST = run.LARGEST = slices.FIRST = 200
from django.utils import timezone
from capture.actions.imports import work
while work(now=timezone.now(), until=time.monotonic() + 60):
    from leads.models import Wake
    Wake.objects.all().delete()
"""


def start(folder: Path) -> subprocess.Popen[bytes]:
    """A worker on the test's own database."""
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(folder)], env={**os.environ, "DATABASE_URL": database_url()}
    )


@pytest.mark.django_db(transaction=True)
def test_f68_a_killed_import_goes_on_with_the_next_slice(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    now = datetime.now(UTC)
    text = "Prénom;Email\n" + "".join(
        f"P{n};p{n}@usine.fr\n" if n % 10 else f"P{n};nope\n" for n in range(ROWS)
    )
    batch = actions.receive(upload=ContentFile(text.encode()), name="a.csv", by=None, now=now)
    actions.set_options(batch=batch, options=Options(channel="trade_show", notice="informed"))
    batch.state = ImportState.CHECKED
    batch.save()
    actions.ask_run(batch=batch, now=now)
    kills, done = 0, 0
    while kills < 3:
        worker = start(tmp_path)
        while worker.poll() is None and ImportRow.objects.count() < done + 400:
            time.sleep(0.01)
        if worker.poll() is not None:
            break
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        kills, done = kills + 1, ImportRow.objects.count()
        batch.refresh_from_db()
        assert batch.state == ImportState.RUNNING
        assert sum(batch.result["counts"].values()) == done  # the account and the rows are of one transaction
    assert kills == 3
    assert start(tmp_path).wait(timeout=120) == 0
    batch = Import.objects.get()
    assert (batch.state, batch.result["counts"]) == (ImportState.DONE, {"new": 3600, "invalid": 400})
    assert Lead.objects.count() == Touch.objects.count() == ProfileChange.objects.filter(field="*").count()
    assert Lead.objects.count() == 3600
    assert ImportRow.objects.filter(batch=batch).values("line").distinct().count() == ROWS
    Wake.objects.all().delete()
