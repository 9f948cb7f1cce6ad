"""What each threshold of the ready gate would let through: now, and in a usual week.

One number a lead carries all of it: its *reach*, the highest threshold that it still passes. HIGHEST for who
has a fast path, else its engagement in whole points where the gate's other conditions hold (never under what
counts as no threshold), else OUT.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from funnel.days import today
from funnel.lock import HIGHEST, LOWEST, THRESHOLDS
from funnel.models import Standing
from funnel.queries.foreseen import foresee
from funnel.stages import Signals, Situation
from leads.models import Lead
from scoring.engine.kernel import Scores
from scoring.engine.program import Program
from scoring.facts import Read, read, some_leads
from scoring.models import RuleSet
from scoring.preview_weeks import scores_by_week
from scoring.programs import compile_program
from scoring.sql import BLOCK_SIZE
from scoring.thresholds import least_of, with_threshold

OUT = -1
WEEKS = 8
SIGNALS = ("mql_gate", "mql_keep", "ready_gate", "ready_keep")
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Curve:
    """Leads by threshold (0 to 100), as of a moment.

    ``joining``: would become ready at once; ``staying``: of those that wait, would go on waiting;
    ``leaving``: waiting or offered now, would not be ready any more; ``arriving``: came over it in a usual
    week. The first and the last are estimates when only ``read`` of ``everybody`` were looked at.
    """

    read: int
    everybody: int
    joining: list[int]
    staying: list[int]
    leaving: list[int]
    arriving: list[float]

    @property
    def expected(self) -> list[float]:
        """Leads that would ask for a place in the seven days ahead."""
        return [
            joining + staying + arriving
            for joining, staying, arriving in zip(self.joining, self.staying, self.arriving, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class _Gates:
    """The rules with the gate as wide open, and as narrow, as a threshold can make it."""

    wide: Program
    narrow: Program
    none: int


def curve(live: RuleSet, *, now: datetime, most: int = BLOCK_SIZE) -> Curve:
    """What each threshold would do under otherwise the same rules; at most ``most`` leads are looked at."""
    ids = list(Lead.objects.present().order_by("pk").values_list("pk", flat=True))
    step = max(1, -(-len(ids) // most))
    seen = ids[::step]
    gates = _Gates(_program(live, LOWEST), _program(live, HIGHEST), none_of(live))
    factor = len(ids) / len(seen) if seen else 1.0
    staying, leaving = _of_those_ready(gates, now)
    return Curve(
        read=len(seen),
        everybody=len(ids),
        joining=[round(number * factor) for number in _joining(gates, seen, now)],
        staying=staying,
        leaving=leaving,
        arriving=[number * factor for number in _arriving(gates, seen, now)],
    )


def _program(live: RuleSet, threshold: int) -> Program:
    document = with_threshold(live.document, threshold)
    return compile_program(RuleSet(version=live.version, document=document), forgive=True).program


def none_of(live: RuleSet) -> int:
    """The highest threshold that is none: below what these rules allow. Raises RuleError."""
    return max(LOWEST, least_of(live.document) - 1)


def reaches(scores: Scores, none: int = LOWEST) -> Ints:
    """The reach of each lead, from its scores by the widest gate."""
    whole = np.where(scores.ready_gate, np.clip(scores.engagement // 1000, none, HIGHEST), OUT)
    return np.where(scores.fast_path > 0, HIGHEST, whole).astype(np.int64)


def at_or_above(found: Ints) -> list[int]:
    """By threshold: how many of these reaches pass it."""
    counts = np.bincount(found[found >= LOWEST], minlength=HIGHEST + 1)
    return [int(number) for number in counts[::-1].cumsum()[::-1]]


def _joining(gates: _Gates, ids: Sequence[int], now: datetime) -> list[int]:
    """By threshold: who would become ready at once, of those that are not."""
    reach: list[int] = []
    for found in _read(gates.wide, ids, now):
        reached = dict(zip(found.lead_ids.tolist(), reaches(found.scores, gates.none).tolist(), strict=True))
        open_to = _signals(found, found.scores.ready_gate)
        reach += [reached[one.lead_id] for one in foresee(open_to, now=now) if one.becomes_ready]
    return at_or_above(np.array(reach, np.int64))


def _of_those_ready(gates: _Gates, now: datetime) -> tuple[list[int], list[int]]:
    """By threshold: how many of those that wait would go on, and how many that wait or are offered leave."""
    waiting = dict(
        Standing.objects.filter(situation__in=[Situation.READY, Situation.OFFERED])
        .filter(lead__merged_into=None, lead__erased_at=None)
        .values_list("lead_id", "situation")
    )
    held = sum(situation == Situation.READY for situation in waiting.values())
    lost, freed = (np.array(part, np.int64) for part in _lost(gates, waiting, now))
    narrower = [len(lost) - passing for passing in at_or_above(lost)]
    gone = [len(freed) - passing for passing in at_or_above(freed)]
    return [held - left for left in narrower], [a + b for a, b in zip(narrower, gone, strict=True)]


def _lost(gates: _Gates, waiting: Mapping[int, str], now: datetime) -> tuple[list[int], list[int]]:
    """The reaches of those that wait, and of those on offer, that leave once the gate is shut to them."""
    lost: tuple[list[int], list[int]] = [], []
    ids = sorted(waiting)
    for wide, narrow in zip(_read(gates.wide, ids, now), _read(gates.narrow, ids, now), strict=True):
        reached = dict(zip(wide.lead_ids.tolist(), reaches(wide.scores, gates.none).tolist(), strict=True))
        shut_to = _signals(narrow, ~narrow.scores.ready_gate)
        for one in foresee(shut_to, now=now):
            if one.is_no_longer_ready:
                lost[waiting[one.lead_id] == Situation.OFFERED].append(reached[one.lead_id])
    return lost


def _read(program: Program, ids: Sequence[int], now: datetime) -> Iterator[Read]:
    for start in range(0, len(ids), BLOCK_SIZE):
        yield read(program, some_leads(ids[start : start + BLOCK_SIZE]), today(now))


def _signals(found: Read, chosen: NDArray[np.bool_]) -> dict[int, Signals]:
    """What the gates say to some of the leads read."""
    flags = zip(*(getattr(found.scores, name)[chosen].tolist() for name in SIGNALS), strict=True)
    return {
        lead_id: Signals(**dict(zip(SIGNALS, one, strict=True)))
        for lead_id, one in zip(found.lead_ids[chosen].tolist(), flags, strict=True)
    }


def _arriving(gates: _Gates, ids: Sequence[int], now: datetime) -> list[float]:
    """By threshold: how many of these leads came over it in a week, on average of the last eight."""
    came = np.zeros(HIGHEST + 2)
    for start in range(0, len(ids), BLOCK_SIZE):
        before: Ints | None = None
        some = ids[start : start + BLOCK_SIZE]
        for _end, there, scores in scores_by_week(gates.wide, some, today=today(now), weeks=WEEKS):
            reach = np.where(there, reaches(scores, gates.none), OUT)
            if before is not None:
                came += crossings(before, reach)
            before = reach
    return [float(came[one] / WEEKS) for one in THRESHOLDS]


def crossings(before: Ints, after: Ints) -> NDArray[np.float64]:
    """By threshold: whose reach was below it and is not any more."""
    risen = after > before
    steps = np.zeros(HIGHEST + 2)
    np.add.at(steps, before[risen] + 1, 1)
    np.add.at(steps, after[risen] + 1, -1)
    return steps.cumsum()
