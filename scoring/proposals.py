"""Changes of a document that hold back leads with a trait: proposed by a search, added by one click. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scoring.drafts import Document, free_code, get, put
from scoring.traits import Trait

POINTS = -30
GROUPS = {
    "fit": (
        "held_back",
        {"fr": "Retenus d’après les décisions passées", "en": "Held back, after past decisions"},
    ),
    "engagement": (
        "held_back_doing",
        {"fr": "Retenus d’après les décisions : actes", "en": "Held back, after decisions: acts"},
    ),
}
Change = Callable[[Document], Document]


def take_points(trait: Trait, name: dict[str, str]) -> Change:
    """A rule that takes 30 points from whoever has the trait, in a group of its own."""

    def change(document: Document) -> Document:
        code, title = GROUPS[trait.measures]
        if not any(group["code"] == code for group in document["groups"]):
            group = {"code": code, "name": title, "measures": trait.measures, "rules": []}
            document = put(document, ("groups", code), group)
        code_of_rule = free_code(document, _wish(trait))
        rule = {
            "code": code_of_rule,
            "name": name,
            "points": POINTS,
            "when": trait.condition(),
        }
        return put(document, ("groups", code, "rules", code_of_rule), rule)

    return change


def close_fast_paths(trait: Trait) -> Change:
    """Whoever has the trait passes by the matrix or not at all: no fast path for them."""

    def change(document: Document) -> Document:
        gate: dict[str, Any] = get(document, ("gates", "ready"))
        others = {"not": trait.condition()}
        gate["fast"] = [{**step, "when": {"all": [step["when"], others]}} for step in gate.get("fast", [])]
        return put(document, ("gates", "ready"), gate)

    return change


def both(trait: Trait, name: dict[str, str]) -> Change:
    """Points taken, and no fast path."""

    def change(document: Document) -> Document:
        return close_fast_paths(trait)(take_points(trait, name)(document))

    return change


def shut_gate(trait: Trait, _name: dict[str, str]) -> Change:
    """Whoever has the trait is not ready for sales, whatever the score: for gates that ask for little."""

    def change(document: Document) -> Document:
        document = close_fast_paths(trait)(document)
        gate: dict[str, Any] = get(document, ("gates", "ready"))
        gate["when"] = {"all": [gate["when"], {"not": trait.condition()}]}
        return put(document, ("gates", "ready"), gate)

    return change


WAYS: dict[str, Callable[[Trait, dict[str, str]], Change]] = {
    "points": take_points,
    "points_and_paths": both,
    "gate": shut_gate,
}


def _wish(trait: Trait) -> str:
    return "_".join(part for part in ("not", trait.name.replace(".", "_"), trait.value) if part)[:40]
