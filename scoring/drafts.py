"""The parts of a rule document, addressed by path: read, replaced, taken away, moved and compared.

A document is the JSON of a rule set. Its parts are what one person changes at a time: a rule, the head of a
group (everything but its rules), a persona, the matrix, a gate … Everything here is pure and copies what it
changes: a document that is handed in stays as it was.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]
Path = tuple[str, ...]

# Lists whose entries are found by their code.
CODED = frozenset({"groups", "rules", "personas", "fast"})
# The last element of the path of a list's order: a part of its own, so that two people may both add to it.
ORDER = "#order"


class PartGone(LookupError):
    """The part is not in the document (any more). ``path`` says which."""

    def __init__(self, path: Path) -> None:
        super().__init__("/".join(path))
        self.path = path


class _Absent:
    """What a part is before it was added, and after it was removed."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()


@dataclass(frozen=True, slots=True)
class Change:
    """One part that differs between two documents; ABSENT where it is not."""

    path: Path
    old: Any
    new: Any

    @property
    def kind(self) -> str:
        """added, removed, moved (an order) or changed."""
        if self.path[-1] == ORDER:
            return "moved"
        if self.old is ABSENT:
            return "added"
        return "removed" if self.new is ABSENT else "changed"

    @property
    def is_reordering(self) -> bool:
        """Whether entries that were there before stand in another order now, not only beside new ones."""
        if self.kind != "moved" or self.old is ABSENT or self.new is ABSENT:
            return False
        both = set(self.old) & set(self.new)
        return [code for code in self.old if code in both] != [code for code in self.new if code in both]

    def as_json(self) -> dict[str, Any]:
        """As it is kept: a side that is absent has no key."""
        sides = {"before": self.old, "after": self.new}
        return {"path": list(self.path)} | {name: side for name, side in sides.items() if side is not ABSENT}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Change:
        """What ``as_json`` kept."""
        return cls(tuple(kept["path"]), kept.get("before", ABSENT), kept.get("after", ABSENT))


def get(document: Mapping[str, Any], path: Path) -> Any:
    """The part at ``path``, as a copy. Raises PartGone."""
    return deepcopy(_find(document, path))


def put(document: Mapping[str, Any], path: Path, value: Any, *, at: int | None = None) -> Document:
    """The document with ``value`` at ``path``: in the place of what was there, or else added.

    An entry of a coded list is added at place ``at`` (from 0), by default at the end. Its code may differ
    from the path's: then it is renamed. Raises PartGone when what should hold it is not there.
    """
    whole: Document = deepcopy(dict(document))
    holder = _holder(whole, path, make=True)
    if isinstance(holder, list):
        _put_entry(holder, path, deepcopy(value), at)
    else:
        holder[path[-1]] = deepcopy(value)
    return whole


def remove(document: Mapping[str, Any], path: Path) -> Document:
    """The document without the part. Raises PartGone."""
    whole: Document = deepcopy(dict(document))
    holder = _holder(whole, path)
    if isinstance(holder, list):
        del holder[_place(holder, path)]
    elif path[-1] in holder:
        del holder[path[-1]]
    else:
        raise PartGone(path)
    return whole


def move(document: Mapping[str, Any], path: Path, step: int) -> Document:
    """The document with an entry ``step`` places further down its list (up, below zero), or at its end.

    Raises PartGone.
    """
    whole: Document = deepcopy(dict(document))
    entries = _holder(whole, path)
    if not isinstance(entries, list):
        raise PartGone(path)
    place = _place(entries, path)
    entries.insert(max(0, min(len(entries) - 1, place + step)), entries.pop(place))
    return whole


def transfer(document: Mapping[str, Any], path: Path, group: str) -> Document:
    """The document with a rule moved to the end of another group. Raises PartGone."""
    rule = get(document, path)
    return put(remove(document, path), ("groups", group, "rules", path[-1]), rule)


def place_of(document: Mapping[str, Any], path: Path) -> int:
    """Where an entry stands in its list, from 0. Raises PartGone."""
    holder = _holder(document, path)
    if not isinstance(holder, list):
        raise PartGone(path)
    return _place(holder, path)


def find_rule(document: Mapping[str, Any], code: str) -> Path:
    """The path of a rule, whose code is unique in the document. Raises PartGone."""
    for group in document["groups"]:
        if any(rule["code"] == code for rule in group["rules"]):
            return ("groups", group["code"], "rules", code)
    raise PartGone(("groups", "", "rules", code))


def parts(document: Mapping[str, Any]) -> dict[Path, Any]:
    """Every part by its path, in the order of the document; together they are the whole document."""
    found: dict[Path, Any] = {}
    for name, value in document.items():
        if name == "groups":
            found |= _group_parts(value)
        elif name == "personas":
            found |= _coded_parts((name,), value)
        elif name == "gates":
            found |= {(name, gate): condition for gate, condition in value.items()}
        else:
            found[(name,)] = value
    return found


def diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """What differs, part by part; none when the documents say the same.

    ``apply(old, diff(old, new))`` says the same as ``new``.
    """
    before, after = parts(old), parts(new)
    paths = [*before, *(path for path in after if path not in before)]
    found = (Change(path, before.get(path, ABSENT), after.get(path, ABSENT)) for path in paths)
    return [change for change in found if not _same(change.old, change.new)]


def apply(document: Mapping[str, Any], changes: Sequence[Change]) -> Document:
    """The document with the new side of ``changes``. Raises PartGone for a part of what is not there."""
    whole: Document = deepcopy(dict(document))
    for change in sorted(changes, key=_rank):
        whole = _applied(whole, change)
    return whole


def reverse(changes: Sequence[Change]) -> list[Change]:
    """The changes that take these back."""
    return [Change(change.path, change.new, change.old) for change in reversed(changes)]


def collide(mine: Sequence[Change], theirs: Sequence[Change]) -> list[Path]:
    """The parts that both change. Orders never collide: the last to order wins, nothing is lost."""
    taken = {change.path for change in theirs if change.kind != "moved"}
    return [change.path for change in mine if change.path in taken]


def free_code(document: Mapping[str, Any], wish: str) -> str:
    """``wish``, or with the next number a code that no group and no rule has yet."""
    taken = {group["code"] for group in document["groups"]}
    taken |= {rule["code"] for group in document["groups"] for rule in group["rules"]}
    wish, number = wish[:50], 1
    free = wish
    while free in taken:
        number += 1
        free = f"{wish}_{number}"
    return free


def _group_parts(groups: Sequence[Mapping[str, Any]]) -> dict[Path, Any]:
    found: dict[Path, Any] = {("groups", ORDER): [group["code"] for group in groups]}
    for group in groups:
        path: Path = ("groups", group["code"])
        found[path] = {name: value for name, value in group.items() if name != "rules"}
        found |= _coded_parts((*path, "rules"), group["rules"])
    return found


def _coded_parts(path: Path, entries: Sequence[Mapping[str, Any]]) -> dict[Path, Any]:
    found: dict[Path, Any] = {(*path, ORDER): [entry["code"] for entry in entries]}
    return found | {(*path, entry["code"]): entry for entry in entries}


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: unlike in Python, true is not 1."""
    if one is ABSENT or other is ABSENT:
        return one is other
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _rank(change: Change) -> tuple[int, int]:
    """Takes away what is inside first, puts what is outside first, and orders at last."""
    if change.kind == "moved":
        return 2, len(change.path)
    if change.new is ABSENT:
        return 0, -len(change.path)
    return 1, len(change.path)


def _applied(document: Document, change: Change) -> Document:
    path = change.path
    if change.kind == "moved":
        return _ordered(document, path[:-1], change.new)
    if change.new is ABSENT:
        return remove(document, path)
    if path[0] == "groups" and len(path) == 2:
        return put_head(document, path[1], change.new)
    return put(document, path, change.new)


def put_head(document: Mapping[str, Any], code: str, head: Mapping[str, Any]) -> Document:
    """The document with a group's head replaced (its rules stay), or with a new group without rules."""
    try:
        rules = get(document, ("groups", code))["rules"]
    except PartGone:
        rules = []
    return put(document, ("groups", code), {**head, "rules": rules})


def _ordered(document: Document, path: Path, order: Any) -> Document:
    """A list in ``order``; entries that it does not name keep the end. A list may be added or go entirely."""
    if order is ABSENT:
        return remove(document, path) if len(path) == 1 else document
    try:
        entries = get(document, path)
    except PartGone:
        entries = []
    ranks = {code: place for place, code in enumerate(order)}
    return put(document, path, sorted(entries, key=lambda entry: ranks.get(entry["code"], len(ranks))))


def _find(document: Mapping[str, Any], path: Path) -> Any:
    value: Any = document
    for depth, name in enumerate(path):
        if isinstance(value, list) and path[depth - 1] in CODED:
            value = value[_place(value, path[: depth + 1])]
        elif isinstance(value, Mapping) and name in value:
            value = value[name]
        else:
            raise PartGone(path)
    return value


def _holder(document: Document | Mapping[str, Any], path: Path, *, make: bool = False) -> Any:
    """What the last element of a path is in; a missing list of a thing that is there is made if asked."""
    try:
        holder = _find(document, path[:-1])
    except PartGone:
        if not make or path[-2] not in CODED:
            raise PartGone(path) from None
        holder = _find(document, path[:-2])
        holder = holder.setdefault(path[-2], [])
    if not isinstance(holder, dict | list):
        raise PartGone(path)
    return holder


def _place(entries: Sequence[Mapping[str, Any]], path: Path) -> int:
    for place, entry in enumerate(entries):
        if entry["code"] == path[-1]:
            return place
    raise PartGone(path)


def _put_entry(entries: list[Any], path: Path, value: Any, at: int | None) -> None:
    try:
        entries[_place(entries, path)] = value
    except PartGone:
        entries.insert(len(entries) if at is None else at, value)
