"""What changed between two explanations of one score, rule by rule; the differences add up (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from scoring.queries import ShownLine

MEASURES = ("fit", "engagement")


@dataclass(frozen=True)
class Difference:
    """One rule or correction on both days, in thousandths; ``times``: how many occurrences counted."""

    measure: str
    text: str
    before: int
    after: int
    times_before: int
    times_after: int

    @property
    def by(self) -> int:
        """By how much it changed, in thousandths."""
        return self.after - self.before


def differences(before: Iterable[ShownLine], after: Iterable[ShownLine]) -> list[Difference]:
    """What is not the same on both days, the largest first; of each measure they add up to its change."""
    sums: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    names: dict[tuple[str, str, str, str], str] = {}
    for place, lines in enumerate((before, after)):
        for line in lines:
            key = (line.measure, line.group, line.rule, line.kind if line.rule == "" else "")
            if line.kind == "adjustment":
                key = (*key[:3], line.text)
            names[key] = line.text
            sums[key][place] += line.points
            sums[key][2 + place] += 1
    found = [Difference(key[0], names[key], *values) for key, values in sums.items()]
    changed = [one for one in found if one.by]
    return sorted(changed, key=lambda one: (MEASURES.index(one.measure), -abs(one.by), one.text))
