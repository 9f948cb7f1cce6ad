"""Taking an erased person out of the files that imports keep (article 17 of the RGPD).

Uploads are kept until they are imported, at most seven days, rejects for thirty. A row that names the person
is overwritten with spaces where it stands: rows and bytes keep their places, and an import at work goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from mmap import mmap
from pathlib import Path

import structlog
from django.db import transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from capture.models import Import
from leads.models import Lead

log = structlog.get_logger(__name__)
_FRENCH = "+33"


def leave_files(lead_ids: Sequence[int], *, now: datetime) -> None:
    """Forget what pages of imports show of these people and, once all is committed, their rows in files."""
    del now
    words = sorted({word for lead in Lead.objects.filter(pk__in=lead_ids) for word in _words(lead)})
    if not words:
        return
    _forget_samples(words)
    kept = Import.objects.exclude(file="", rejects="").values_list("file", "rejects")
    names = [name for pair in kept for name in pair if name]
    transaction.on_commit(lambda: blank_files(names, words))


def _words(lead: Lead) -> Iterator[str]:
    """The addresses as a file may have them."""
    yield from (word for word in (lead.email, lead.email_display, lead.phone, lead.phone_raw) if word)
    if lead.phone and lead.phone.startswith(_FRENCH):
        yield "0" + lead.phone.removeprefix(_FRENCH)


def _forget_samples(words: Sequence[str]) -> None:
    """The samples of an import that shows one of these words go as a whole."""
    told = Import.objects.annotate(
        a=Cast("samples", TextField()), b=Cast("report", TextField()), c=Cast("result", TextField())
    )
    named = Q(pk__in=[])
    for word in words:
        named |= Q(a__icontains=word) | Q(b__icontains=word) | Q(c__icontains=word)
    for batch in told.filter(named).select_for_update(of=("self",)):
        for account in (batch.report, batch.result):
            if "samples" in account:
                account["samples"] = {}
        batch.samples = []
        batch.save(update_fields=["samples", "report", "result"])


def blank_files(names: Sequence[str], words: Sequence[str]) -> int:
    """Overwrite the rows of these files that hold one of the words; how many rows that were."""
    storage, blanked = Import._meta.get_field("file").storage, 0
    for name in names:
        path = Path(storage.path(name))
        if path.exists() and path.stat().st_size:
            blanked += blank_rows(path, words)
    log.info("import_files_blanked", files=len(names), rows=blanked)
    return blanked


def blank_rows(path: Path, words: Sequence[str]) -> int:
    """Overwrite the rows of one file, whatever the case and the spaces, dots and dashes within a number."""
    pattern = re.compile(b"|".join(map(_pattern, words)), re.IGNORECASE)
    blanked = 0
    with path.open("r+b") as file, mmap(file.fileno(), 0) as text:
        at = 0
        while found := pattern.search(text, at):
            start, end = _row(text, found.start())
            text[start:end] = b" " * (end - start)
            at, blanked = end, blanked + 1
    return blanked


def _pattern(word: str) -> bytes:
    """The word as bytes; between the digits of a number people write what they like."""
    digits = word.removeprefix("+")
    if digits.isascii() and digits.isdigit():
        between = rb"[ .\-/()\xa0]{0,3}"
        return (rb"\+?" if word[0] == "+" else b"") + between.join(map(re.escape, map(str.encode, digits)))
    return re.escape(word.encode())


def _row(text: mmap, place: int) -> tuple[int, int]:
    """Where the row around ``place`` begins and ends; a cell in quotation marks may hold line ends."""
    start = text.rfind(b"\n", 0, place) + 1
    end = _line_end(text, place)
    while text[start:end].count(b'"') % 2 and end < len(text):
        end = _line_end(text, end + 1)
    return start, end


def _line_end(text: mmap, place: int) -> int:
    found = text.find(b"\n", place)
    return len(text) if found < 0 else found
