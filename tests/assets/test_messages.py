"""Translations are compiled, and gaps are named."""

from __future__ import annotations

import gettext
from pathlib import Path

import polib
import pytest

from assets import messages


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(messages, "LOCALE", tmp_path)
    path = tmp_path / "fr" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    file = polib.POFile()
    file.metadata = {"Content-Type": "text/plain; charset=utf-8"}
    file.append(polib.POEntry(msgid="Accept", msgstr="Accepter"))
    file.append(polib.POEntry(msgid="Return", msgstr=""))
    file.append(polib.POEntry(msgid="Win", msgstr="Perdre", flags=["fuzzy"]))
    file.save(str(path))
    return path


def test_compiled_translations_are_found_by_gettext(catalogue: Path) -> None:
    assert messages.compile_all() == [catalogue.with_suffix(".mo")]
    with catalogue.with_suffix(".mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Accept") == "Accepter"


def test_missing_and_uncertain_translations_are_named(catalogue: Path) -> None:
    lines = messages.lacking()
    assert [line.partition(": ")[2] for line in lines] == ["'Return'", "'Win'"]
