"""What rules would have said at many past moments (``past.py``), as one array per conclusion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scoring.engine.profiles import Bools, Ints
from scoring.engine.program import Program
from scoring.engine.rules import GRADES
from scoring.past import Past, score_past


@dataclass(frozen=True, slots=True)
class Replayed:
    """One entry per moment, in the order of the pasts: the ready gate, fit and engagement (thousandths), and
    the cell of the matrix."""

    ready: Bools
    fit: Ints
    engagement: Ints
    cells: tuple[str, ...]


def replay(program: Program, pasts: Sequence[Past]) -> Replayed:
    """Score every moment by these rules, as of its own day, by what was known then."""
    scores = [found for past in pasts for _places, found in score_past(program, past)]
    cells = [
        f"{GRADES[grade]}{level}"
        for one in scores
        for grade, level in zip(one.grade.tolist(), one.level.tolist(), strict=True)
    ]
    return Replayed(
        ready=np.concatenate([one.ready_gate for one in scores] or [np.zeros(0, np.bool_)]),
        fit=np.concatenate([one.fit for one in scores] or [np.zeros(0, np.int64)]),
        engagement=np.concatenate([one.engagement for one in scores] or [np.zeros(0, np.int64)]),
        cells=tuple(cells),
    )
