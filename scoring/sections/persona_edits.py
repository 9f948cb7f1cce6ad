"""Changes of the personas of a document: described, told apart by traits, counted in fit (pure)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from scoring.drafts import Document, PartGone, free_code, get, put, remove

GROUP = "personas"
POINTS = 15
NEAR = 60  # percent
# A persona has one trait at least: the one most often asked for, until it is changed.
FIRST_TRAIT = {"field": "seniority", "op": "in", "value": ["executive", "director"], "weight": 2}


def code_for(name: str, taken: set[str]) -> str:
    """A code made of a name: letters, digits and underscores, not yet taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    wish = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40] or "persona"
    number, free = 1, wish
    while free in taken:
        number += 1
        free = f"{wish}_{number}"
    return free


def described(document: Document, code: str, name: Mapping[str, str], story: Mapping[str, str]) -> Document:
    """The document with a persona's name and story; a new persona when ``code`` is "". Raises PartGone."""
    if code:
        persona = get(document, ("personas", code))
    else:
        taken = {one["code"] for one in document.get("personas", ())}
        code = code_for(name["fr"], taken)
        persona = {"code": code, "criteria": [dict(FIRST_TRAIT)]}
    persona["name"] = dict(name)
    persona.pop("story", None)
    if story["fr"]:
        persona["story"] = dict(story)
    return put({**document, "personas": document.get("personas", [])}, ("personas", code), persona)


def with_trait(document: Document, code: str, place: int | None, trait: Mapping[str, Any]) -> Document:
    """A persona with a trait in the place of another, or with one more (``place`` None). Raises PartGone."""
    persona = get(document, ("personas", code))
    if place is None:
        persona["criteria"].append(dict(trait))
    else:
        persona["criteria"][_checked(persona, place)] = dict(trait)
    return put(document, ("personas", code), persona)


def without_trait(document: Document, code: str, place: int) -> Document:
    """A persona without one of its traits. Raises PartGone."""
    persona = get(document, ("personas", code))
    del persona["criteria"][_checked(persona, place)]
    return put(document, ("personas", code), persona)


def without_persona(document: Document, code: str) -> Document:
    """The document without a persona. Raises PartGone."""
    return remove(document, ("personas", code))


def counted(document: Document, code: str) -> Document:
    """The document with a rule of fit for resembling a persona, in the group for that. Raises PartGone."""
    persona = get(document, ("personas", code))
    groups = {group["code"]: group for group in document["groups"] if group["measures"] == "fit"}
    whole = document if GROUP in groups else {**document, "groups": [*document["groups"], _group(document)]}
    group = GROUP if GROUP in groups else whole["groups"][-1]["code"]
    rule_code = free_code(whole, f"like_{code}")
    name = (
        persona["name"] if isinstance(persona["name"], dict) else dict.fromkeys(("fr", "en"), persona["name"])
    )
    rule = {
        "code": rule_code,
        "name": {"fr": f"Ressemble à : {name['fr']}"[:200], "en": f"Resembles: {name['en']}"[:200]},
        "points": POINTS,
        "when": {"persona": code, "at_least": NEAR},
    }
    return put(whole, ("groups", group, "rules", rule_code), rule)


def uses(document: Mapping[str, Any], code: str) -> Iterator[tuple[Mapping[str, Any], int]]:
    """The rules that ask for a persona, with the percent they ask for; a gate or a row counts as itself."""
    for group in document["groups"]:
        for rule in group["rules"]:
            yield from ((rule, least) for least in _asked(rule.get("when"), code))
    for table in ("phases", "temperatures"):
        for row in document.get(table, ()):
            yield from ((row, least) for least in _asked(row["when"], code))
    for gate in document["gates"].values():
        yield from ((gate, least) for least in _asked(gate, code))


def _asked(condition: Any, code: str) -> Iterator[int]:
    if isinstance(condition, list):
        for one in condition:
            yield from _asked(one, code)
    elif isinstance(condition, dict):
        if condition.get("persona") == code:
            yield condition["at_least"]
        for value in condition.values():
            yield from _asked(value, code)


def _group(document: Document) -> dict[str, Any]:
    return {
        "code": free_code(document, GROUP),
        "name": {"fr": "Ressemblance aux personas", "en": "Likeness to personas"},
        "measures": "fit",
        "cap": 2 * POINTS,
        "rules": [],
    }


def _checked(persona: Mapping[str, Any], place: int) -> int:
    if not 0 <= place < len(persona["criteria"]):
        raise PartGone(("personas", persona["code"], "criteria", str(place)))
    return place
