"""The catalogues in locale/: brought up to date, checked, compiled."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import polib

from translations.sources import ROOT, Text, gather

LANGUAGES = ("fr", "en")
PLURALS = {"fr": "nplurals=2; plural=(n > 1);", "en": "nplurals=2; plural=(n != 1);"}


def path_of(language: str) -> Path:
    """The catalogue of a language."""
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def update(wordings: list[Path]) -> dict[str, int]:
    """Add new texts, drop unused ones; how many are still without words, by language.

    English texts are their own words. ``wordings`` are files of ``English<TAB>French`` lines to fill gaps
    from; in a text with a plural the two forms are joined by ``|``.
    """
    texts = gather()
    known = _read_wordings(wordings)
    return {language: _update_one(language, texts, known) for language in LANGUAGES}


def _read_wordings(files: list[Path]) -> dict[str, str]:
    """English to French."""
    known: dict[str, str] = {}
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            known |= {
                row[0].replace("\\n", "\n"): row[1].replace("\\n", "\n") for row in rows if len(row) > 1
            }
    return known


def _update_one(language: str, texts: dict[Text, list[str]], known: dict[str, str]) -> int:
    """Rewrite one catalogue in the order of its texts, so that differences stay readable."""
    path = path_of(language)
    old = {_text_of(entry): entry for entry in polib.pofile(str(path))} if path.exists() else {}
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = {
        "Project-Id-Version": "Ecluse",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS[language],
    }
    for text in sorted(texts):
        catalogue.append(_entry(text, texts[text], language, old.get(text), known))
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(path))
    return sum(1 for entry in catalogue if not entry.translated())


def _text_of(entry: polib.POEntry) -> Text:
    return Text(entry.msgid, entry.msgid_plural or "", entry.msgctxt or "")


def _entry(
    text: Text, files: list[str], language: str, old: polib.POEntry | None, known: dict[str, str]
) -> polib.POEntry:
    """One text with its words as far as they are known."""
    if language == "en":
        words = [text.singular, text.plural]
    elif old is not None and old.translated():
        words = [old.msgstr_plural[0], old.msgstr_plural[1]] if text.plural else [old.msgstr, ""]
    else:
        found = known.get(f"{text.singular}|{text.plural}") if text.plural else known.get(text.singular)
        words = [*(found or "").split("|", 1), ""][:2] if text.plural else [found or "", ""]
    entry = polib.POEntry(
        msgid=text.singular,
        msgctxt=text.context or None,
        occurrences=[(file, "") for file in files],
    )
    if text.plural:
        entry.msgid_plural = text.plural
        entry.msgstr_plural = {0: words[0], 1: words[1]}
    else:
        entry.msgstr = words[0]
    return entry


def gaps() -> list[str]:
    """What is wrong with the catalogues, one line each; empty when both languages are complete."""
    texts = gather()
    problems = []
    for language in LANGUAGES:
        path = path_of(language)
        entries = {_text_of(entry): entry for entry in polib.pofile(str(path))} if path.exists() else {}
        missing = [text for text in sorted(texts) if text not in entries]
        untranslated = [text for text in sorted(texts) if text in entries and not entries[text].translated()]
        unused = [text for text in entries if text not in texts]
        problems += [f"{language}: not in the catalogue: {text.singular!r}" for text in missing]
        problems += [f"{language}: no words for: {text.singular!r}" for text in untranslated]
        problems += [f"{language}: no longer used: {text.singular!r}" for text in unused]
        problems += [problem for entry in entries.values() for problem in _lost_fields(language, entry)]
    return problems


def _lost_fields(language: str, entry: polib.POEntry) -> list[str]:
    """Placeholders that a translation lost or invented."""
    wanted = _fields(entry.msgid) | _fields(entry.msgid_plural or "")
    words = [entry.msgstr] if entry.msgstr else list(entry.msgstr_plural.values())
    return [
        f"{language}: other placeholders than in {entry.msgid!r}: {text!r}"
        for text in words
        if text and not (_fields(text) <= wanted and (entry.msgid_plural or _fields(text) == wanted))
    ]


def _fields(text: str) -> set[str]:
    """The %(name)s and {name} placeholders of a text."""
    return set(re.findall(r"%\((\w+)\)[sd]", text)) | set(re.findall(r"\{(\w+)\}", text))


def compile_all() -> None:
    """Write the .mo files that Django reads."""
    for language in LANGUAGES:
        path = path_of(language)
        polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))
