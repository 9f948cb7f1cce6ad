"""PostgreSQL's binary COPY format: many rows from and into numpy columns without a loop, or one long row.

Columns hold only fixed-width values without NULL: every row is then equally long.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
Columns = Mapping[str, str]  # name → numpy type in network order: ">i8" bigint, ">i4", ">i2", "?", "S4" text
Values = Mapping[str, NDArray[np.generic]]


class Cursor(Protocol):
    """What is needed of a database cursor."""

    def execute(self, sql: str) -> object:
        """Run a statement."""

    def copy_expert(self, sql: str, file: io.BytesIO) -> object:
        """Run a COPY from or to a file."""


def copy_in(
    cursor: Cursor, table: str, columns: Columns, values: Values | NDArray[np.void], size: int
) -> None:
    """Append ``size`` rows to a table."""
    rows = np.zeros(size, _row_type(columns))
    rows["_count"] = len(columns)
    for name, kind in columns.items():
        rows[f"_{name}"] = np.dtype(kind).itemsize
        rows[name] = values[name]
    data = io.BytesIO(b"".join((_HEADER, rows.tobytes(), _TRAILER)))
    cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT binary)", data)


def copy_out(cursor: Cursor, query: str, columns: Columns) -> NDArray[np.void]:
    """The rows of a query that selects exactly ``columns``, as a structured array."""
    data = io.BytesIO()
    cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT binary)", data)
    return np.frombuffer(data.getvalue()[len(_HEADER) : -len(_TRAILER)], _row_type(columns))


def read_row(cursor: Cursor, query: str) -> list[memoryview]:
    """The values of a query's only row, as PostgreSQL sends them; NULL is empty.

    A few large values travel quickest like this: as an ordinary result each byte would become two digits.
    """
    data = io.BytesIO()
    cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT binary)", data)
    rest = data.getbuffer()[len(_HEADER) :]
    (count,) = struct.unpack_from(">h", rest)
    values, start = [], 2
    for _ in range(count):
        (size,) = struct.unpack_from(">i", rest, start)
        values.append(rest[start + 4 : start + 4 + max(size, 0)])
        start += 4 + max(size, 0)
    return values


def _row_type(columns: Columns) -> np.dtype[np.void]:
    fields: list[tuple[str, str]] = [("_count", ">i2")]
    for name, kind in columns.items():
        fields += [(f"_{name}", ">i4"), (name, kind)]
    return np.dtype(fields)
