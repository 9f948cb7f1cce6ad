"""The file of rejects: the rows that were not taken as they stood, with the reason before them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from capture.choices import RowState
from capture.importing.opening import layout_of
from capture.imports.reading import Place, Records
from capture.imports.rows import guarded
from capture.models import Import, ImportRow

BOM = "\ufeff"
REJECTED = (RowState.INVALID, RowState.OPPOSED)


def reject_lines(batch: Import) -> Iterator[str]:
    """The file, line by line: a column with the reason, then the row's own cells; UTF-8 with a byte order
    mark and semicolons, as Excel opens it in France. Every cell is guarded against formulas, and an import
    takes the guard away again (bar: inputs B40)."""
    reasons = _reasons(batch)
    yield BOM + _line([_("Reason of the rejection"), *batch.header])
    records = Records(
        Path(batch.file.path), layout_of(batch), len(batch.header), Place(layout_of(batch).start)
    )
    try:
        for record in records:
            if record.line in reasons:
                cells = record.cells or [records.raw[:2000]]
                yield _line([reasons[record.line], *cells])
    finally:
        records.close()


def _reasons(batch: Import) -> dict[int, str]:
    """The reason of each rejected row, in the reader's words."""
    rows = ImportRow.objects.filter(batch=batch, state__in=REJECTED).values_list(
        "line", "state", "code", "reason"
    )
    return {line: reason_in_words(state, code, reason) for line, state, code, reason in rows}


def reason_in_words(state: int, code: str, reason: str) -> str:
    """Why a row was not taken."""
    if state == RowState.OPPOSED:
        return _("This person objected or was erased; the row was left out.")
    if code == "taken":
        return _("The email or reference belongs to somebody who was merged or erased.")
    return reason


def _line(cells: list[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(
        [guarded(str(cell)) for cell in cells]
    )
    return buffer.getvalue()
