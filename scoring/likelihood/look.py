"""A first look at a file: read it, find its outcome, suspect its columns, assess two models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from django.utils.translation import gettext as _

from scoring.likelihood.columns import Cell, Column, Useless, read_column
from scoring.likelihood.leakage import Suspect, suspects
from scoring.likelihood.table import Table, TableError, read_table
from scoring.likelihood.target import TargetError, read_target, require_both

if TYPE_CHECKING:
    from scoring.likelihood.assessment import Honest


class LookError(ValueError):
    """A file from which nothing can be said; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a file says: how many rows, with which outcome, and how well two models foretell it."""

    table: Table
    rows: int
    outcomes: int
    used: tuple[str, ...]
    useless: dict[str, Useless]
    dropped: tuple[str, ...]
    models: dict[str, Honest]
    suspects: list[Suspect]

    def figures(self) -> dict[str, object]:
        """As JSON: the measures of each model, the names of the suspected columns."""
        return {
            "models": {name: honest.figures() for name, honest in self.models.items()},
            "suspected_leakage": [suspect.column for suspect in self.suspects],
        }


def take_look(path: Path, *, target: str, positive: str | None = None, drop: str = "") -> Look:
    """Look at the file. ``drop`` names columns to leave out, separated by commas. Raises LookError."""
    try:
        table = read_table(path)
        name = _named(table, target)
        truth = read_target(name, table.columns[name], positive)
        require_both(name, truth)
    except (TableError, TargetError) as error:
        raise LookError(str(error)) from error
    dropped = _dropped(table, drop)
    said = np.flatnonzero(truth >= 0)
    cells = {
        other: [values[row] for row in said]
        for other, values in table.columns.items()
        if other != name and other not in dropped
    }
    return _assessed(table, cells, truth[said].astype(np.int64), dropped)


def _assessed(
    table: Table,
    cells: dict[str, list[Cell]],
    truth: np.ndarray[tuple[int], np.dtype[np.int64]],
    dropped: tuple[str, ...],
) -> Look:
    """Raises LookError when no column is left."""
    read = {name: read_column(name, values) for name, values in cells.items()}
    columns = [column for column in read.values() if isinstance(column, Column)]
    if not columns:
        raise LookError(_("No column is left from which anything could be learned."))
    from scoring.likelihood.assessment import assess  # noqa: PLC0415  # takes seconds to load

    return Look(
        table=table,
        rows=len(truth),
        outcomes=int(truth.sum()),
        used=tuple(column.name for column in columns),
        useless={name: why for name, why in read.items() if isinstance(why, Useless)},
        dropped=dropped,
        models=assess(columns, truth),
        suspects=suspects(columns, truth),
    )


def _named(table: Table, wanted: str) -> str:
    """The column of that name, by its letters if need be. Raises LookError."""
    if wanted in table.columns:
        return wanted
    alike = [name for name in table.columns if name.casefold() == wanted.strip().casefold()]
    if len(alike) == 1:
        return alike[0]
    raise LookError(
        _("There is no column “%(name)s”. The file has: %(columns)s.")
        % {"name": wanted, "columns": ", ".join(table.columns)}
    )


def _dropped(table: Table, drop: str) -> tuple[str, ...]:
    """The columns named, also ones with a comma in their name. Raises LookError."""
    if not drop.strip():
        return ()
    if drop in table.columns:
        return (drop,)
    found: list[str] = []
    parts = drop.split(",")
    while parts:
        for length in range(len(parts), 0, -1):
            name = ",".join(parts[:length]).strip()
            if length == 1 or name in table.columns:
                found += [_named(table, name)] if name else []
                parts = parts[length:]
                break
    return tuple(found)
