"""A condition outside the rules as the page draws it: a sentence whose pieces open in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scoring.editor.addresses import Address, encode
from scoring.editor.opened import Opened
from scoring.editor.sheet import Token, tokens


@dataclass(frozen=True, slots=True)
class Line:
    """A condition with its address; ``opened`` when one of its pieces is being edited."""

    at: str
    tokens: tuple[Token, ...]
    opened: Opened | None = None


def line(condition: Any, address: Address, document: Mapping[str, Any], opened: Opened | None) -> Line:
    """The condition at an address of a document."""
    inside = opened is not None and opened.address[: len(address)] == address
    return Line(encode(address), tuple(tokens(condition, address, document)), opened if inside else None)
