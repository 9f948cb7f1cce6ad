"""Codes of kinds and contents to their ids, remembered for some seconds: every event names them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, NamedTuple, TypeVar

from leads.models import Content, EventKind

REMEMBERED_SECONDS = 30.0
Row = TypeVar("Row")


class KindRow(NamedTuple):
    """What the API needs to know of a kind of event."""

    id: int
    is_internal: bool


class _Table(Generic[Row]):
    """A code table kept in the process; a code that is missing is looked for again at most once a second."""

    def __init__(self, read: Callable[[], dict[str, Row]]) -> None:
        self._read = read
        self._rows: dict[str, Row] = {}
        self._read_at = float("-inf")

    def rows(self, codes: Iterable[str]) -> Mapping[str, Row]:
        """The table, fresh enough to answer for ``codes``."""
        age = time.monotonic() - self._read_at
        if age > REMEMBERED_SECONDS or (age > 1.0 and any(code not in self._rows for code in codes)):
            self._rows = self._read()
            self._read_at = time.monotonic()
        return self._rows

    def forget(self) -> None:
        """Read the table again next time."""
        self._read_at = float("-inf")


def _read_kinds() -> dict[str, KindRow]:
    rows = EventKind.objects.values_list("code", "id", "is_internal")
    return {code: KindRow(number, is_internal) for code, number, is_internal in rows}


def _read_contents() -> dict[str, int]:
    return dict(Content.objects.values_list("code", "id"))


_kinds = _Table(_read_kinds)
_contents = _Table(_read_contents)


def kinds(codes: Iterable[str]) -> Mapping[str, KindRow]:
    """All kinds by code; new ones are found when ``codes`` names them."""
    return _kinds.rows(codes)


def contents(codes: Iterable[str]) -> Mapping[str, int]:
    """The ids of all contents by code; new ones are found when ``codes`` names them."""
    return _contents.rows(codes)


def forget() -> None:
    """Read both tables again (tests)."""
    _kinds.forget()
    _contents.forget()
