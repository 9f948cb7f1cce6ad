"""The rows of the two tables, phases and temperatures: moved, taken away, added (pure, on documents)."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from scoring.drafts import Document, PartGone, get, put
from scoring.engine.rules import PHASES, TEMPERATURES

TABLES = {"phases": ("phase", PHASES[1:]), "temperatures": ("temperature", TEMPERATURES[1:])}
# What a new row asks for until it is edited.
_PLAIN: Mapping[str, dict[str, Any]] = {
    "conversion": {"event": {"kind": ["purchase", "won"]}, "within_days": 365},
    "decision": {"event": {"intent": True}, "within_days": 120},
    "consideration": {"event": {"kind": ["pricing_viewed"]}, "within_days": 120},
    "interest": {"event": {"kind": ["content_downloaded"]}, "at_least": 2, "within_days": 120},
    "hot": {"score": "engagement", "at_least": 30},
    "warm": {"phase": ["consideration", "decision"]},
}


def rows(document: Mapping[str, Any], table: str) -> list[dict[str, Any]]:
    """The rows of a table, the first that holds first."""
    return list(document.get(table, ()))


def moved(document: Document, table: str, place: int, step: int) -> Document:
    """The document with a row moved up (-1) or down (1). Raises PartGone."""
    found = _rows(document, table, place)
    target = max(0, min(len(found) - 1, place + step))
    found.insert(target, found.pop(place))
    return put(document, (table,), found)


def without(document: Document, table: str, place: int) -> Document:
    """The document without a row. Raises PartGone."""
    found = _rows(document, table, place)
    del found[place]
    return put(document, (table,), found)


def added(document: Document, table: str, code: str) -> Document:
    """The document with one more row, the last, for a phase or temperature, to be edited. Raises PartGone."""
    word, codes = TABLES[table]
    if code not in codes:
        raise PartGone((table, code))
    row = {word: code, "when": deepcopy(_PLAIN[code])}
    return put(document, (table,), [*rows(document, table), row])


def _rows(document: Document, table: str, place: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = get(document, (table,))
    if not 0 <= place < len(found):
        raise PartGone((table, str(place)))
    return found
