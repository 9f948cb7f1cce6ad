"""Who is erased is erased from the files that imports keep, too."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

from capture.actions import imports as actions
from capture.actions.imports import Options
from capture.importing.erasing import blank_rows
from capture.models import Import
from leads.actions.erasure import erase
from leads.models import Lead

ROWS = (
    "Email;Téléphone;Ville\n"
    "A@Usine.fr;;Lyon\n"
    "b@usine.fr;;Paris\n"
    "nope;06 12 34 56 78;Nantes\n"
    "autre;07 12 34 56 78;Brest\n"
)


def test_rows_that_name_the_person_are_overwritten_where_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(ROWS.encode("cp1252"))
    assert blank_rows(path, ["a@usine.fr", "+33612345678", "0612345678"]) == 2
    text = path.read_bytes().decode("cp1252")
    assert len(text) == len(ROWS)
    assert [line.strip() for line in text.splitlines()] == [
        "Email;Téléphone;Ville", "", "b@usine.fr;;Paris", "", "autre;07 12 34 56 78;Brest",
    ]  # fmt: skip


def test_a_cell_of_several_lines_goes_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a@usine.fr;"ligne 1\nligne 2"\nb@usine.fr;"x"\n', encoding="utf-8")
    assert blank_rows(path, ["a@usine.fr"]) == 1
    assert path.read_text(encoding="utf-8").split() == ['b@usine.fr;"x"']


@pytest.mark.django_db(transaction=True)
def test_f71_erasing_a_person_blanks_uploads_rejects_and_samples(
    settings: Any, tmp_path: Path, now: datetime
) -> None:
    settings.MEDIA_ROOT = tmp_path
    batch = actions.receive(upload=ContentFile(ROWS.encode()), name="a.csv", by=None, now=now)
    actions.set_options(batch=batch, options=Options(channel="event", notice="informed"))
    actions.ask_check(batch=batch)
    actions.work(now=now, until=time.monotonic() + 60)
    lead = Lead.objects.create(email="a@usine.fr", phone="+33612345678", created_at=now)
    assert "A@Usine.fr" in str(Import.objects.get().samples)
    erase(lead=lead, by=None, now=now)
    batch = Import.objects.get()
    kept = "".join(path.read_text(encoding="utf-8-sig") for path in tmp_path.rglob("*.csv"))
    assert "A@Usine" not in kept
    assert "06 12 34 56 78" not in kept
    assert kept.count("b@usine.fr") == 1
    assert batch.samples == []
    assert "Usine" not in str(batch.report)
