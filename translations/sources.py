"""Every text for people, as it stands in code and templates."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.extract import extract
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("accounts", "config", "dashboard", "demo", "funnel", "leads", "nurturing", "pipeline", "scoring")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """One text in English; ``plural`` and ``context`` are empty where there is none."""

    singular: str
    plural: str = ""
    context: str = ""


def gather() -> dict[Text, list[str]]:
    """Each text with the files that use it."""
    found: dict[Text, list[str]] = {}
    for path, content in _contents():
        for text in _texts(content):
            places = found.setdefault(text, [])
            place = path.relative_to(ROOT).as_posix()
            if place not in places:
                places.append(place)
    return found


def _contents() -> Iterator[tuple[Path, str]]:
    """Python code as it is, templates as the Python calls that they amount to."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, path.read_text("utf-8")
    for folder in ("templates", *PACKAGES):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".html", ".txt"} and path.is_file():
                code = templatize(path.read_text("utf-8"), origin=str(path))
                # Indentation means something in Python and nothing in a template.
                yield path, "\n".join(line.strip() for line in code.splitlines())


def _texts(code: str) -> Iterator[Text]:
    """The texts of one file."""
    for _line, message, _comments, context in extract(
        "python", io.BytesIO(code.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"}
    ):
        singular, plural = message[:2] if isinstance(message, (tuple, list)) else (message, "")
        if singular:
            yield Text(singular, plural or "", context or "")
