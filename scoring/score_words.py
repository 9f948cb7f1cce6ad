"""A score as two integers: what a pass over everybody compares, and carries to the database and back.

Thirteen columns of a row cost more to send than everything else about it; two integers cost little, and two
scores are compared by comparing integers. ``verdict`` holds what a lead is worth, ``rank`` how it is placed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring.engine.kernel import Scores
from scoring.engine.rules import GRADES, PHASES, TEMPERATURES

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Part:
    """A column of ``scoring_leadscore`` in an integer; texts are numbers in the order of ``words``."""

    column: str
    bit: int
    bits: int
    words: tuple[str, ...] = ()
    is_flag: bool = False

    @property
    def mask(self) -> int:
        """The bits of the part, where they lie."""
        return ((1 << self.bits) - 1) << self.bit

    def packed(self) -> str:
        """SQL: the column, shifted to its place."""
        value = f"score.{self.column}"
        if self.words:
            cases = " ".join(f"WHEN '{word}' THEN {place}" for place, word in enumerate(self.words))
            value = f"CASE {value} {cases} END"
        elif self.is_flag:
            value = f"{value}::int"
        return f"(({value})::bigint << {self.bit})"

    def unpacked(self, word: str) -> str:
        """SQL: the column's value out of an integer."""
        value = f"({word} >> {self.bit} & {(1 << self.bits) - 1})::int"
        if self.words:
            return f"(ARRAY[{', '.join(repr(one) for one in self.words)}])[{value} + 1]"
        return f"{value} <> 0" if self.is_flag else value

    def of(self, words: Ints) -> Ints:
        """The part out of each integer."""
        return words >> self.bit & ((1 << self.bits) - 1)


VERDICT = (
    Part("fit", 0, 17),
    Part("engagement", 17, 17),
    Part("completeness", 34, 7),
    Part("level", 41, 3),
    Part("grade", 44, 2, GRADES),
    Part("phase", 46, 3, PHASES),
    Part("temperature", 49, 2, TEMPERATURES),
    Part("mql_gate", 51, 1, is_flag=True),
    Part("mql_keep", 52, 1, is_flag=True),
    Part("ready_gate", 53, 1, is_flag=True),
    Part("ready_keep", 54, 1, is_flag=True),
)
FIT, ENGAGEMENT, _COMPLETENESS, LEVEL, GRADE, _PHASE, _TEMPERATURE, MQL_GATE, _, READY_GATE, _ = VERDICT
# A difference there makes the lead worth looking at again.
_BAND = sum(part.mask for part in VERDICT[3:])
_VERSION_BITS = 31
COLUMNS = (*(part.column for part in VERDICT), "priority", "rules_version")


def packed_columns() -> str:
    """SQL: the two integers of a row named ``score``."""
    verdict = " | ".join(part.packed() for part in VERDICT)
    return f"{verdict}, score.priority::bigint << {_VERSION_BITS} | score.rules_version"


def unpacked_columns(row: str) -> str:
    """SQL: the values of COLUMNS out of a row with the columns ``verdict`` and ``rank``."""
    parts = [part.unpacked(f"{row}.verdict") for part in VERDICT]
    version = f"({row}.rank & {(1 << _VERSION_BITS) - 1})::int"
    return ", ".join([*parts, f"({row}.rank >> {_VERSION_BITS})::int", version])


class Packed(NamedTuple):
    """The scores of some leads. A score that is not there is zero: no real one is, its level is 1 to 4."""

    verdict: Ints
    rank: Ints

    def differs(self, other: Packed) -> Bools:
        """Where anything differs."""
        differs: Bools = (self.verdict != other.verdict) | (self.rank != other.rank)
        return differs

    def band_differs(self, other: Packed) -> Bools:
        """Where a grade, level, phase, temperature or gate differs."""
        differs: Bools = (self.verdict ^ other.verdict) & _BAND != 0
        return differs

    def shows_differently(self, other: Packed) -> Bools:
        """Where the whole points that people see, or a verdict, differ: that is what history keeps."""
        shows = self.band_differs(other)
        for part in (FIT, ENGAGEMENT):
            shows |= part.of(self.verdict) // 1000 != part.of(other.verdict) // 1000
        return shows

    @property
    def version(self) -> Ints:
        """The version of the rules."""
        return self.rank & ((1 << _VERSION_BITS) - 1)

    @property
    def priority(self) -> Ints:
        """The priority in the waiting room."""
        return self.rank >> _VERSION_BITS

    @property
    def is_there(self) -> Bools:
        """Where there is a score at all."""
        there: Bools = self.verdict != 0
        return there

    def at(self, chosen: Bools) -> Packed:
        """Some of them."""
        return Packed(self.verdict[chosen], self.rank[chosen])


def pack(scores: Scores, version: int) -> Packed:
    """What was just computed under a version of the rules."""
    verdict = np.zeros(len(scores.fit), np.int64)
    for part in VERDICT:
        verdict |= getattr(scores, part.column).astype(np.int64) << part.bit
    return Packed(verdict, scores.priority << _VERSION_BITS | version)
