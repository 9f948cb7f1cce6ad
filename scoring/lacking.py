"""The codes that a rule document names and a site does not have, and the document without them (pure).

A template speaks of a list of competitors, or of an event that the product sends: a site may have neither.
What such a question answers is known all the same: nobody is in a list that is not there, an event of an
unknown kind never happened. So what is left out would have counted for nothing; only a rule that would then
hold for everybody is left out as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from scoring.drafts import Document, Path
from scoring.engine.fields import CUSTOM
from scoring.engine.parse_conditions import Vocabulary

Json = Mapping[str, Any]
_UNKNOWN_HOLDS = frozenset({"is_not", "not_in", "has_none", "is_not_set"})


class NothingLeft(ValueError):
    """Without the codes that are not here, a part that every document needs would be empty."""

    def __init__(self, path: Path) -> None:
        super().__init__("/".join(path))
        self.path = path


@dataclass(frozen=True, slots=True)
class Lack:
    """A code that is not on this site, its sort (kind, content, list, custom), and the part that names it."""

    sort: str
    code: str
    path: Path


def lacking(document: Json, known: Vocabulary) -> tuple[Lack, ...]:
    """Every code of the document that is not ``known``, with each part that names it, without repetition."""
    found = (Lack(sort, code, path) for path, part in _parts(document) for sort, code in _codes(part, known))
    return tuple(dict.fromkeys(found))


def fitted(document: Json, known: Vocabulary) -> Document:
    """The document without what the site cannot have; the same one when nothing lacks.

    Raises NothingLeft when a gate, or everything that gives points, asks for nothing else.
    """
    whole: Document = deepcopy(dict(document))
    if "personas" in whole:
        whole["personas"] = list(_personas(whole["personas"], known))
        known = replace(known, personas=frozenset(one["code"] for one in whole["personas"]))
    groups = (_group(group, known) for group in whole["groups"])
    whole["groups"] = [group for group in groups if group["rules"]]
    if not whole["groups"]:
        raise NothingLeft(("groups",))
    for table in ("phases", "temperatures"):
        if table in whole:
            whole[table] = list(_steps(whole[table], known))
    whole["gates"] = {name: _gate(gate, ("gates", name), known) for name, gate in whole["gates"].items()}
    return whole


def _parts(document: Json) -> Iterator[tuple[Path, Json]]:
    for persona in document.get("personas", ()):
        yield ("personas", persona["code"]), persona
    for group in document["groups"]:
        for rule in group["rules"]:
            yield ("groups", group["code"], "rules", rule["code"]), rule
    for table in ("phases", "temperatures"):
        for step in document.get(table, ()):
            yield (table,), step
    for name, gate in document["gates"].items():
        yield ("gates", name), gate


def _codes(part: Any, known: Vocabulary) -> Iterator[tuple[str, str]]:
    """What a part names that is not known, wherever it is nested."""
    if isinstance(part, list):
        for one in part:
            yield from _codes(one, known)
    if not isinstance(part, dict):
        return
    if isinstance(part.get("event"), dict):
        yield from (("kind", code) for code in _unknown(part["event"].get("kind"), known.kinds))
        yield from (("content", code) for code in _unknown(part["event"].get("content"), known.contents))
    if isinstance(part.get("list"), str):
        yield from (("list", code) for code in _unknown(part["list"], known.lists))
    if isinstance(part.get("field"), str) and not _has_field(part["field"], known):
        yield "custom", part["field"].removeprefix(CUSTOM)
    for value in part.values():
        yield from _codes(value, known)


def _unknown(given: str | Sequence[str] | None, existing: frozenset[str] | None) -> list[str]:
    codes = [given] if isinstance(given, str) else list(given or ())
    return [code for code in codes if existing is not None and code not in existing]


def _has_field(name: str, known: Vocabulary) -> bool:
    return known.custom is None or not name.startswith(CUSTOM) or name.removeprefix(CUSTOM) in known.custom


def _personas(personas: Sequence[Json], known: Vocabulary) -> Iterator[Json]:
    for persona in personas:
        criteria = [one for one in persona["criteria"] if _has_field(one["field"], known)]
        if criteria:
            yield {**persona, "criteria": criteria}


def _group(group: Json, known: Vocabulary) -> Json:
    rules = (_rule(rule, known) for rule in group["rules"])
    return {**group, "rules": [rule for rule in rules if rule is not None]}


def _rule(rule: Json, known: Vocabulary) -> Json | None:
    """The rule, or None when it never counts, or always would."""
    left = dict(rule)
    if "when" in left:
        when = _folded(left.pop("when"), known)
        if when is False or (when is True and "count" not in left):
            return None
        if when is not True:
            left["when"] = when
    if "count" in left:
        match = _match(left["count"]["event"], known)
        if match is None:
            return None
        left["count"] = {**left["count"], "event": match}
    return {name: left[name] for name in rule if name in left}


def _steps(steps: Sequence[Json], known: Vocabulary) -> Iterator[Json]:
    for step in steps:
        when = _folded(step["when"], known)
        if not isinstance(when, bool):
            yield {**step, "when": when}


def _gate(gate: Json, path: Path, known: Vocabulary) -> Json:
    left = dict(gate)
    left["when"] = _folded(gate["when"], known)
    if isinstance(left["when"], bool):
        raise NothingLeft(path)
    if "keep" in gate:
        keep = _folded(gate["keep"], known)
        left["keep"] = keep
        if isinstance(keep, bool):
            del left["keep"]
    if "fast" in gate:
        left["fast"] = list(_steps(gate["fast"], known))
    return left


def _folded(condition: Json, known: Vocabulary) -> Json | bool:
    """The condition without what is not here; True or False where the answer is the same for everybody."""
    if "not" in condition:
        inner = _folded(condition["not"], known)
        return not inner if isinstance(inner, bool) else {"not": inner}
    for word, absorbing in (("all", False), ("any", True)):
        if word in condition:
            return _joined(condition, word, absorbing, known)
    return _leaf(condition, known)


def _joined(condition: Json, word: str, absorbing: bool, known: Vocabulary) -> Json | bool:
    parts = [_folded(part, known) for part in condition[word]]
    if absorbing in (part for part in parts if isinstance(part, bool)):
        return absorbing
    left = [part for part in parts if not isinstance(part, bool)]
    return {word: left} if left else not absorbing


def _leaf(leaf: Json, known: Vocabulary) -> Json | bool:
    if "list" in leaf:
        return not _unknown(leaf["list"], known.lists) and leaf
    if "persona" in leaf:
        return (leaf["persona"] in known.personas) and leaf
    if "field" in leaf and not _has_field(leaf["field"], known):
        return leaf["op"] in _UNKNOWN_HOLDS
    if "event" in leaf:
        match = _match(leaf["event"], known)
        return False if match is None else {**leaf, "event": match}
    return leaf


def _match(match: Json, known: Vocabulary) -> Json | None:
    """The match with the kinds and contents that are here; None when none of those asked for is."""
    left = dict(match)
    for name, existing in (("kind", known.kinds), ("content", known.contents)):
        given = match.get(name)
        if missing := _unknown(given, existing):
            here = [] if isinstance(given, str) else [code for code in given or () if code not in missing]
            if not here:
                return None
            left[name] = here
    return left
