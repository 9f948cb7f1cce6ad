"""Where something stands in a document: as the page writes it into links and forms.

An address goes on where a path of scoring.drafts ends: ``groups/intent/rules/contact/when/any/0``. Entries of
coded lists are named by their code, those of other lists by their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any
from urllib.parse import quote, unquote

from scoring.drafts import CODED, Document, PartGone, Path, get, put

Address = tuple[str, ...]


def encode(address: Address) -> str:
    """As a link carries it."""
    return "/".join(quote(name, safe="") for name in address)


def decode(text: str) -> Address:
    """The address in a link; () for none."""
    return tuple(unquote(name) for name in text.split("/") if name)[:40]


def split(address: Address) -> tuple[Path, Address]:
    """The part of the document (a rule, a gate, the phases …) and where in it."""
    if address[:1] == ("groups",):
        length = 4 if address[2:3] == ("rules",) and len(address) > 3 else 2
    elif address[:1] in (("personas",), ("gates",)):
        length = 2
    else:
        length = 1
    return address[:length], address[length:]


def read(document: Mapping[str, Any], address: Address) -> Any:
    """What stands there, as a copy. Raises PartGone."""
    part, rest = split(address)
    return _inside(get(document, part), rest, address)


def write(document: Mapping[str, Any], address: Address, value: Any) -> Document:
    """The document with ``value`` there. Raises PartGone for what is in nothing."""
    part, rest = split(address)
    if not rest:
        return put(document, part, value)
    whole = get(document, part)
    holder = _inside(whole, rest[:-1], address)
    if isinstance(holder, dict):
        holder[rest[-1]] = deepcopy(value)
    elif isinstance(holder, list):
        holder[_index(holder, rest[-1], rest[-2] if len(rest) > 1 else part[-1], address)] = deepcopy(value)
    else:
        raise PartGone(address)
    return put(document, part, whole)


def clear(document: Mapping[str, Any], address: Address) -> Document:
    """The document without a member of something; nothing changes where it is not."""
    part, rest = split(address)
    whole = get(document, part)
    holder = _inside(whole, rest[:-1], address)
    if isinstance(holder, dict):
        holder.pop(rest[-1], None)
    return put(document, part, whole)


def trail(document: Mapping[str, Any], address: Address) -> str:
    """The path that RuleError names for an address: ``$.groups[2].rules[0].when.any[0]``."""
    said, value = "$", dict(document)
    holder: Any = value
    for depth, name in enumerate(address):
        if isinstance(holder, list):
            place = _index(holder, name, address[depth - 1], address)
            said, holder = f"{said}[{place}]", holder[place]
        else:
            said, holder = f"{said}.{name}", holder.get(name) if isinstance(holder, dict) else None
    return said


def _inside(value: Any, rest: Address, address: Address) -> Any:
    for depth, name in enumerate(rest):
        if isinstance(value, list):
            value = value[_index(value, name, rest[depth - 1] if depth else "", address)]
        elif isinstance(value, dict) and name in value:
            value = value[name]
        else:
            raise PartGone(address)
    return value


def _index(entries: list[Any], name: str, listed_in: str, address: Address) -> int:
    if listed_in in CODED:
        for place, entry in enumerate(entries):
            if isinstance(entry, dict) and entry.get("code") == name:
                return place
    elif name.isascii() and name.isdigit() and int(name) < len(entries):
        return int(name)
    raise PartGone(address)
