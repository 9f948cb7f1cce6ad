"""The running account of an import or its check: every row in one count, so that the totals hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from capture.choices import RowState

MOST_SAMPLES = 5
COUNTED = {state.name.lower(): state for state in RowState}


@dataclass(slots=True)
class Account:
    """``counts`` by state of a row, ``fields`` by changed field, ``left_out`` by target and code,
    ``told`` consents, events and outcomes."""

    counts: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Account:
        """Go on with what was kept."""
        names = ("counts", "fields", "left_out", "told", "codes")
        counts, fields, left_out, told, codes = (Counter[str](kept.get(name, {})) for name in names)
        return cls(counts, fields, left_out, told, codes)

    def count(self, state: RowState, number: int = 1) -> None:
        """So many rows more of this kind."""
        if number:
            self.counts[state.name.lower()] += number

    def sample(self, kind: str, **shown: Any) -> None:
        """Keep the first few of each kind to look at."""
        kept = self.samples.setdefault(kind, [])
        if len(kept) < MOST_SAMPLES:
            kept.append(shown)

    @property
    def rows(self) -> int:
        """All rows so far."""
        return sum(self.counts.values())

    def as_json(self) -> dict[str, Any]:
        """As the import keeps it."""
        return {
            "rows": self.rows,
            "counts": dict(self.counts),
            "fields": dict(self.fields),
            "left_out": dict(self.left_out),
            "told": dict(self.told),
            "codes": dict(self.codes),
            "samples": self.samples,
        }
