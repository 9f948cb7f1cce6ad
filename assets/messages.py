"""`python -m assets.messages`: compile the translations.

With `--update`, first bring the French catalogue in line with the texts in the code; with `--check`, name the
texts that lack a translation, and fail when there are any. English is the language of the code.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import polib

from assets.texts import Text, texts_in

PROJECT = Path(__file__).resolve().parent.parent
APPS = (
    *("accounts", "leads", "scoring", "funnel", "nurturing", "pipeline"),
    *("dashboard", "capture", "demo", "config"),
)
LOCALE = PROJECT / "locale"
HEADER = {
    "Project-Id-Version": "Écluse",
    "Language": "fr",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=2; plural=(n > 1);",
}


def french() -> Path:
    """Where the French translations are."""
    return LOCALE / "fr" / "LC_MESSAGES" / "django.po"


def wanted() -> dict[Text, str]:
    """Every text of the project, with a file that says it."""
    return texts_in([PROJECT / name for name in APPS], PROJECT / "templates")


def update(texts: dict[Text, str]) -> tuple[int, int]:
    """Add to the French catalogue what is new, drop what is gone; how many of each."""
    catalogue = polib.pofile(str(french())) if french().exists() else polib.POFile()
    known = {_key(entry): entry for entry in catalogue}
    fresh = polib.POFile(wrapwidth=110)
    fresh.metadata = HEADER
    for text in sorted(texts, key=lambda each: (each.text, each.context)):
        fresh.append(known.get(text) or _entry(text))
    french().parent.mkdir(parents=True, exist_ok=True)
    fresh.save(str(french()))
    return len(texts.keys() - known.keys()), len(known.keys() - texts.keys())


def compile_all() -> list[Path]:
    """Write a .mo beside each .po; the files written."""
    written = []
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        target = path.with_suffix(".mo")
        polib.pofile(str(path)).save_as_mofile(str(target))
        written.append(target)
    return written


def lacking(texts: dict[Text, str]) -> list[str]:
    """The texts without a certain French translation, one line each with the file that says them.

    One that lost a placeholder or invented one is no translation either.
    """
    catalogue = polib.pofile(str(french())) if french().exists() else polib.POFile()
    done = {_key(entry) for entry in catalogue if entry.translated() and _keeps_placeholders(entry)}
    return [
        f"{where.removeprefix(f'{PROJECT}/')}: {text.text[:90]!r}"
        for text, where in texts.items()
        if text not in done
    ]


def _keeps_placeholders(entry: polib.POEntry) -> bool:
    """Whether every form says what the English says; a singular may leave its number out."""
    wanted = _placeholders(entry.msgid) | _placeholders(entry.msgid_plural or "")
    if entry.msgid_plural:
        forms = list(entry.msgstr_plural.values())
        return all(_placeholders(form) <= wanted for form in forms) and _placeholders(forms[-1]) == wanted
    return _placeholders(entry.msgstr) == wanted


def _placeholders(text: str) -> set[str]:
    """The ``%(name)s`` and ``{name}`` of a text."""
    return set(re.findall(r"%\((\w+)\)", text)) | set(re.findall(r"\{(\w+)\}", text))


def _key(entry: polib.POEntry) -> Text:
    return Text(text=entry.msgid, plural=entry.msgid_plural or "", context=entry.msgctxt or "")


def _entry(text: Text) -> polib.POEntry:
    entry = polib.POEntry(msgid=text.text, msgctxt=text.context or None)
    if text.plural:
        entry.msgid_plural = text.plural
        entry.msgstr_plural = {0: "", 1: ""}
    if "%(" in text.text + text.plural:
        entry.flags.append("python-format")
    return entry


def main(arguments: list[str]) -> int:
    """Do what the command line says; the exit code."""
    if "--check" in arguments:
        missing = lacking(wanted())
        print("\n".join(missing), f"{len(missing)} texts lack a French translation.", sep="\n")
        return 1 if missing else 0
    if "--update" in arguments:
        added, dropped = update(wanted())
        print(f"{added} texts added, {dropped} dropped, {len(lacking(wanted()))} to translate in {french()}")
    compile_all()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
