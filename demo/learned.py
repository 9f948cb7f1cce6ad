"""What the demonstration's year has taught: the likelihood, as far as it is entitled, and score health."""

from __future__ import annotations

from datetime import datetime
from importlib.util import find_spec

from dashboard.queries.health import count_health


def learn(now: datetime) -> None:
    """Train as on a Sunday night, count as every night. Without scikit-learn the rules go on alone."""
    count_health(now=now)
    if find_spec("sklearn") is None or find_spec("skops") is None:
        return
    from pipeline.training import tell_everybody, train_likelihood  # noqa: PLC0415  # takes seconds to load

    train_likelihood(now=now)
    for _changed in tell_everybody(now=now):
        pass
