"""Building conditions: joined by and/or, negated, taken away. Pure functions on their JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scoring.drafts import Document, PartGone
from scoring.editor.addresses import Address, clear, read, write

Condition = dict[str, Any]
WORDS = ("all", "any")


def word_of(condition: Any) -> str:
    """all or any for what joins several conditions, else ""."""
    if not isinstance(condition, Mapping):
        return ""
    return next((word for word in WORDS if word in condition), "")


def is_negated(condition: Any) -> bool:
    """Whether a condition is said to be not so."""
    return isinstance(condition, Mapping) and "not" in condition


def bare(condition: Any) -> Any:
    """What is negated; a condition that is not negated is itself."""
    return condition["not"] if is_negated(condition) else condition


def negate(condition: Any, negated: bool) -> Any:
    """The bare condition, negated or not."""
    return {"not": bare(condition)} if negated else bare(condition)


def join(condition: Any, word: str, other: Condition) -> Condition:
    """Both, by all or any; another one in what is joined by the same word already."""
    if condition is None:
        return other
    if word_of(condition) == word:
        return {**condition, word: [*condition[word], other]}
    return {word: [condition, other]}


def add(document: Document, address: Address, word: str, other: Condition) -> Document:
    """The document with another condition beside the one at an address; alone where there is none."""
    try:
        there = read(document, address)
    except PartGone:
        there = None
    if there is None:
        return write(document, address, other)
    siblings = address[-2:-1]
    if siblings == (word,) and address[-1].isdigit():
        whole = read(document, address[:-1])
        whole.insert(int(address[-1]) + 1, other)
        return write(document, address[:-1], whole)
    return write(document, address, join(there, word, other))


def drop(document: Document, address: Address) -> Document:
    """The document without a condition. What joined two is replaced by the other one. Raises PartGone."""
    read(document, address)
    holder = address[:-1]
    if address[-1] == "not":
        return drop(document, holder)
    if not (address[-1].isdigit() and holder and holder[-1] in WORDS):
        return clear(document, address)
    left = read(document, holder)
    del left[int(address[-1])]
    if len(left) > 1:
        return write(document, holder, left)
    if not left:
        return drop(document, holder[:-1])
    return write(document, holder[:-1], left[0])


def scope_of(document: Document, address: Address) -> str:
    """What may be asked there: fit, behaviour, temperature or gate."""
    if address[0] == "gates":
        return "gate"
    if address[0] == "temperatures":
        return "temperature"
    if address[0] == "groups" and read(document, address[:2]).get("measures") == "fit":
        return "fit"
    return "behaviour"
