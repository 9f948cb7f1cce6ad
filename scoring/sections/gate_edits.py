"""Changes of a gate: its hysteresis and its fast paths (pure, on documents)."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from scoring.drafts import Document, PartGone, get, put

FAST_DAYS = 30


def kept_longer(document: Document, gate: str) -> Document:
    """Who is through stays on a condition of its own; at first it is the same. Raises PartGone."""
    part = get(document, ("gates", gate))
    part.setdefault("keep", deepcopy(part["when"]))
    return put(document, ("gates", gate), part)


def closed_at_once(document: Document, gate: str) -> Document:
    """Who is through leaves as soon as the gate would not open any more. Raises PartGone."""
    part = get(document, ("gates", gate))
    part.pop("keep", None)
    return put(document, ("gates", gate), part)


def with_path(document: Document, gate: str, kind: str, name: dict[str, str]) -> Document:
    """The gate with one more fast path, for an event within 30 days. Raises PartGone."""
    part = get(document, ("gates", gate))
    paths = part.setdefault("fast", [])
    paths.append(
        {
            "code": _free({one["code"] for one in paths}, kind),
            "name": name,
            "when": {"event": {"kind": [kind]}, "within_days": FAST_DAYS},
        }
    )
    return put(document, ("gates", gate), part)


def without_path(document: Document, gate: str, code: str) -> Document:
    """The gate without a fast path. Raises PartGone."""
    part = get(document, ("gates", gate))
    part["fast"].remove(_path(part, gate, code))
    return put(document, ("gates", gate), part)


def moved_path(document: Document, gate: str, code: str, step: int) -> Document:
    """A fast path ``step`` places further down; the first that holds is named. Raises PartGone."""
    part = get(document, ("gates", gate))
    paths = part.get("fast", [])
    place = paths.index(_path(part, gate, code))
    paths.insert(max(0, min(len(paths) - 1, place + step)), paths.pop(place))
    return put(document, ("gates", gate), part)


def named_path(document: Document, gate: str, code: str, name: dict[str, str]) -> Document:
    """A fast path by another name. Raises PartGone."""
    part = get(document, ("gates", gate))
    _path(part, gate, code)["name"] = name
    return put(document, ("gates", gate), part)


def _path(part: dict[str, Any], gate: str, code: str) -> dict[str, Any]:
    for one in part.get("fast", ()):
        if one["code"] == code:
            found: dict[str, Any] = one
            return found
    raise PartGone(("gates", gate, "fast", code))


def _free(taken: set[str], wish: str) -> str:
    number, free = 1, wish
    while free in taken:
        number += 1
        free = f"{wish}_{number}"
    return free
