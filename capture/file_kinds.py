"""What a file is, told by its first bytes and never by its name; names that are safe to give out. Pure."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from dataclasses import dataclass
from typing import IO

LARGEST_BYTES = 50_000_000
HEAD = 64


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that may be handed out. ``extensions`` are the names it goes by, the usual one first."""

    mime: str
    extensions: tuple[str, ...]


PDF = FileKind("application/pdf", ("pdf",))
PNG = FileKind("image/png", ("png",))
JPEG = FileKind("image/jpeg", ("jpg", "jpeg"))
GIF = FileKind("image/gif", ("gif",))
WEBP = FileKind("image/webp", ("webp",))
MP4 = FileKind("video/mp4", ("mp4", "m4v"))
WEBM = FileKind("video/webm", ("webm",))
MP3 = FileKind("audio/mpeg", ("mp3",))
EPUB = FileKind("application/epub+zip", ("epub",))
_OFFICE = "application/vnd.openxmlformats-officedocument"
DOCX = FileKind(f"{_OFFICE}.wordprocessingml.document", ("docx",))
XLSX = FileKind(f"{_OFFICE}.spreadsheetml.sheet", ("xlsx",))
PPTX = FileKind(f"{_OFFICE}.presentationml.presentation", ("pptx",))
ALL = (PDF, DOCX, XLSX, PPTX, EPUB, PNG, JPEG, GIF, WEBP, MP4, WEBM, MP3)

_BEGINNINGS: tuple[tuple[bytes, FileKind], ...] = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"\x1aE\xdf\xa3", WEBM),
    (b"ID3", MP3),
    (b"\xff\xfb", MP3),
)
_IN_ZIP = (("word/", DOCX), ("xl/", XLSX), ("ppt/", PPTX))


def kind_of(file: IO[bytes]) -> FileKind | None:
    """The kind of an open file, which is left at its beginning; None for anything that is not handed out.

    Pages and drawings that could run a script (HTML, SVG) and programs are none of these kinds.
    """
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    if head.startswith(b"PK\x03\x04"):
        return _packed(file)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp":
        return MP4
    return next((kind for beginning, kind in _BEGINNINGS if head.startswith(beginning)), None)


def _packed(file: IO[bytes]) -> FileKind | None:
    """The kind of a ZIP, an office document or an e-book, by what lies in it; nothing is unpacked."""
    try:
        with zipfile.ZipFile(file) as packed:
            names = packed.namelist()[:2000]
    except (zipfile.BadZipFile, OSError, ValueError):
        return None
    finally:
        file.seek(0)
    if any("vbaProject" in name for name in names):
        return None
    if "META-INF/container.xml" in names and "mimetype" in names:
        return EPUB
    if "[Content_Types].xml" not in names:
        return None
    return next((kind for folder, kind in _IN_ZIP if any(name.startswith(folder) for name in names)), None)


_UNSAFE = re.compile(r"[^\w .()-]+")


def safe_name(name: str, kind: FileKind, *, longest: int = 120) -> str:
    """A name to give the file out under: no path, no control characters, the extension of what it is."""
    bare = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    stem, _dot, extension = bare.rpartition(".")
    stem = stem if stem and extension.lower() in kind.extensions else bare
    suffix = f".{kind.extensions[0]}"
    kept = " ".join(_UNSAFE.sub("_", stem).split()).strip("._ ")
    return (kept[: longest - len(suffix)].rstrip() or "document") + suffix
