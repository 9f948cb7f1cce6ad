"""The threshold of the gate to "ready for sales": one number that holds back, on documents (pure).

It is the last condition of the gate's own ones, ``{"all": [..., {"score": "engagement", "at_least": 45}]}``:
part of the rules like any other, so it is previewed, published, explained and taken back like any other. What
opens the gate at once (fast paths) and what keeps somebody in are left alone.

A gate may not ask for less engagement than the gate to MQL, or than what keeps somebody in: thresholds below
``least_of`` the rules are no threshold at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from scoring.drafts import Document, get, put
from scoring.engine.parse import floor_of, parse

GATE = ("gates", "ready")
MEASURE = "engagement"


def threshold_of(document: Mapping[str, Any]) -> int:
    """The least engagement in whole points that the ready gate asks for last; 0 where it does not."""
    last = _last(document["gates"]["ready"]["when"])
    return int(last["at_least"]) if last else 0


def least_of(document: Mapping[str, Any]) -> int:
    """The lowest threshold that these rules allow, besides none. Raises RuleError for a bad document."""
    rules = parse(document)
    stay = floor_of(rules.ready.keep, MEASURE) if "keep" in document["gates"]["ready"] else 0
    return max(floor_of(rules.mql.when, MEASURE), stay)


def with_threshold(document: Document, threshold: int) -> Document:
    """The same rules with another threshold; below ``least_of`` there is none. Raises RuleError, PartGone."""
    gate = deepcopy(get(document, GATE))
    gate["when"] = _with(gate["when"], threshold if threshold >= least_of(document) else 0)
    return put(document, GATE, gate)


def _with(when: dict[str, Any], threshold: int) -> dict[str, Any]:
    condition = {"score": MEASURE, "at_least": threshold}
    if _last(when) is not None:
        others = when["all"][:-1]
        if threshold or not others:
            return {"all": [*others, condition]}
        return others[0] if len(others) == 1 else {"all": others}
    if not threshold:
        return when
    return {"all": [*when["all"], condition]} if set(when) == {"all"} else {"all": [when, condition]}


def _last(when: object) -> Mapping[str, Any] | None:
    """The threshold's condition, where the gate has one."""
    parts = when.get("all") if isinstance(when, dict) else None
    last = parts[-1] if isinstance(parts, list) and parts else None
    is_one = isinstance(last, dict) and set(last) == {"score", "at_least"} and last["score"] == MEASURE
    return last if is_one else None
