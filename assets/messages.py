"""`python -m assets.messages`: compile the translations; with `--check`, say which texts lack one."""

from __future__ import annotations

import sys
from pathlib import Path

import polib

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def compile_all() -> list[Path]:
    """Write a .mo beside each .po; the files written."""
    written = []
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        target = path.with_suffix(".mo")
        polib.pofile(str(path)).save_as_mofile(str(target))
        written.append(target)
    return written


def lacking() -> list[str]:
    """The texts without a (certain) French translation, one line each. The code speaks English."""
    found = []
    for path in sorted(LOCALE.glob("fr/LC_MESSAGES/*.po")):
        catalogue = polib.pofile(str(path))
        entries = [*catalogue.untranslated_entries(), *catalogue.fuzzy_entries()]
        found += [
            f"{path.relative_to(LOCALE.parent)}:{entry.linenum}: {entry.msgid[:80]!r}" for entry in entries
        ]
    return found


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        missing = lacking()
        print("\n".join(missing))
        sys.exit(f"{len(missing)} texts lack a French translation." if missing else 0)
    print(f"{len(compile_all())} translations compiled")
