"""A fitted model as plain JSON, and what it says, in numpy alone: chances and their reasons.

The regression needs nothing else. Of the challenger, the encoder and the calibration are here; its trees are
stored by skops (``stored.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from scoring.likelihood.columns import Column
from scoring.likelihood.encoding import Encoder, Floats, NumberTable, TextTable, WordTable


@dataclass(frozen=True, slots=True)
class Recipe:
    """The regression: encoder, a coefficient for each feature, calibration."""

    encoder: Encoder
    coefficients: tuple[float, ...]
    intercept: float
    slope: float
    offset: float

    def chances(self, columns: Sequence[Column]) -> Floats:
        """The calibrated chance of each row, 0..1."""
        odds = self._features(columns) @ np.array(self.coefficients) + self.intercept
        return np.asarray(1 / (1 + np.exp(-np.clip(self.slope * odds + self.offset, -50, 50))))

    def pushes(self, columns: Sequence[Column]) -> dict[str, Floats]:
        """How far each column moves each row's log-odds, against the average lead."""
        weighted = self._features(columns) * np.array(self.coefficients) * self.slope
        spans = self.encoder.spans.items()
        return {name: weighted[:, start:end].sum(axis=1) for name, (start, end) in spans}

    def _features(self, columns: Sequence[Column]) -> Floats:
        ours = ours_of(self.encoder, columns)
        return self.encoder.transform(ours, np.arange(len(ours[0].words)))

    def as_json(self) -> dict[str, Any]:
        """Plain values, for ``read``."""
        return asdict(self)


def ours_of(encoder: Encoder, columns: Sequence[Column]) -> list[Column]:
    """The columns that an encoder knows, in its order. Raises KeyError when one is not there."""
    by_name = {column.name: column for column in columns}
    return [by_name[name] for name in encoder.names]


def read_recipe(stored: Mapping[str, Any]) -> Recipe:
    """A recipe as it was stored."""
    return Recipe(
        read_encoder(stored["encoder"]),
        tuple(stored["coefficients"]),
        stored["intercept"],
        stored["slope"],
        stored["offset"],
    )


def read_encoder(stored: Mapping[str, Any]) -> Encoder:
    """An encoder as it was stored."""
    return Encoder(
        names=tuple(stored["names"]),
        words={
            name: WordTable(one["odds"], one["often"], tuple(one["own"]))
            for name, one in stored["words"].items()
        },
        numbers={
            name: NumberTable(
                tuple(one["steps"]), one["mean"], one["spread"], tuple(one["edges"]), missing=one["missing"]
            )
            for name, one in stored["numbers"].items()
        },
        texts={name: TextTable(one["odds"]) for name, one in stored["texts"].items()},
        mean=tuple(stored["mean"]),
        scale=tuple(stored["scale"]),
        spans={name: (span[0], span[1]) for name, span in stored["spans"].items()},
    )
