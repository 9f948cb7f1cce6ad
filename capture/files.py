"""Names and types of the files that strangers get: nothing that a browser would run. Pure."""

from __future__ import annotations

import re
from pathlib import PurePath

from leads.normalise import clean_line

# Types that are saved or shown, never executed; anything else is only bytes.
TYPES = {
    ".pdf": "application/pdf",
    ".epub": "application/epub+zip",
    ".zip": "application/zip",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".mp3": "audio/mpeg",
    ".csv": "text/csv; charset=utf-8",
}
_FORBIDDEN = re.compile(r'[\\/:*?"<>|]+')
LONGEST_NAME = 120


def safe_name(name: str) -> str:
    """A file's name fit for a header and any disk: one line, no path, no reserved characters (bar: B27)."""
    printable = "".join(letter for letter in clean_line(name) if letter.isprintable())
    path = PurePath(printable.replace("\\", "/"))
    stem = _FORBIDDEN.sub("-", path.stem).strip(". ")[: LONGEST_NAME - 10] or "document"
    return f"{stem}{_FORBIDDEN.sub('', path.suffix)[:10]}"


def safe_type(name: str) -> str:
    """The content type by the name's ending; plain bytes for what is not known to be harmless."""
    return TYPES.get(PurePath(name).suffix.lower(), "application/octet-stream")
