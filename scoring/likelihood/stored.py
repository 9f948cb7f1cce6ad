"""Estimators as bytes, by skops: data that is checked before it is loaded, never pickled code."""

from __future__ import annotations

from typing import Any

import skops.io

# What the two learners are made of, beyond what skops itself trusts. Anything else is refused.
TRUSTED = frozenset(
    {
        "sklearn._loss._loss.CyHalfBinomialLoss",
        "sklearn._loss.link.Interval",
        "sklearn._loss.link.LogitLink",
        "sklearn._loss.loss.HalfBinomialLoss",
        "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    }
)


class NotTrusted(ValueError):
    """Stored bytes hold types that no learner of ours is made of."""


def dump(estimator: Any) -> bytes:
    """An estimator as bytes."""
    stored: bytes = skops.io.dumps(estimator)
    return stored


def load(stored: bytes) -> Any:
    """The estimator. Raises NotTrusted."""
    strangers = set(skops.io.get_untrusted_types(data=stored)) - TRUSTED
    if strangers:
        raise NotTrusted(", ".join(sorted(strangers)))
    return skops.io.loads(stored, trusted=sorted(TRUSTED))
