"""Whom a note speaks to: "@Camille Martin" or "@camille.martin". Plain values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who can be spoken to: by name, or by what stands before the @ of their email."""

    number: int
    name: str
    handle: str


_AT = re.compile(r"(?<![\w.+-])@(?=\w)")
_GOES_ON = re.compile(r"[\w-]")


def mentioned(text: str, colleagues: Iterable[Colleague]) -> list[int]:
    """The numbers of those spoken to, in the order of the text, each once.

    Case and accents do not count; the longest name wins ("@Jean Petit" is not Jean). A name that two
    colleagues share speaks to both; an email address in the text speaks to nobody.
    """
    folded = _folded(text)
    names = [(_folded(name), one.number) for one in colleagues for name in (one.name, one.handle) if name]
    found: dict[int, None] = {}
    for at in _AT.finditer(folded):
        found |= dict.fromkeys(_named(folded[at.end() :], names))
    return list(found)


def _named(rest: str, names: Iterable[tuple[str, int]]) -> list[int]:
    """Who has the longest of the names that the rest of the text begins with."""
    fits = [(len(name), number) for name, number in names if rest.startswith(name) and _ends(rest, len(name))]
    longest = max((length for length, _number in fits), default=0)
    return [number for length, number in fits if length == longest]


def _ends(rest: str, length: int) -> bool:
    return not _GOES_ON.match(rest[length : length + 1])


def _folded(text: str) -> str:
    """Lower case without accents and with single spaces."""
    plain = "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))
    return re.sub(r"\s+", " ", plain).casefold()
