"""What the funnel did with each lead, in the words of alerts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from funnel.actions.passages import Step
from funnel.stages import READY, Verb

_MOVES = {Verb.GATE: "mql", Verb.WAKE: "woken"}


def moves_of(steps: Iterable[Step]) -> Mapping[int, frozenset[str]]:
    """Lead id → which of mql, ready and woken these passages are."""
    found: dict[int, set[str]] = defaultdict(set)
    for step in steps:
        if step.verb in _MOVES:
            found[step.standing.lead_id].add(_MOVES[step.verb])
        if step.target == READY:
            found[step.standing.lead_id].add("ready")
    return {lead_id: frozenset(names) for lead_id, names in found.items()}
