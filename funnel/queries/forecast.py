"""What the capacity page says of each threshold: reckoned once, kept for a quarter of an hour."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError

from funnel.days import today
from funnel.lock import Pace
from funnel.models import CapacitySettings
from funnel.queries.outcomes import Outcomes, outcomes
from funnel.queries.room import pace
from funnel.queries.thresholds import Curve, curve, none_of
from scoring.models import RuleSet
from scoring.thresholds import threshold_of

KEPT_FOR = 900


@dataclass(frozen=True, slots=True)
class Forecast:
    """``threshold`` is the live one, ``none`` the highest that is none at all (funnel.queries.thresholds)."""

    threshold: int
    none: int
    curve: Curve
    pace: Pace
    outcomes: Outcomes

    @property
    def current(self) -> int:
        """The live threshold, as the curve counts it."""
        return max(self.threshold, self.none)


def forecast(live: RuleSet, *, now: datetime) -> Forecast:
    """Everything by threshold, under otherwise the live rules. Raises RuleError when they allow none."""
    key = f"lock:{live.version}:{today(now)}"
    with suppress(RedisError):
        kept = cache.get(key)
        if isinstance(kept, dict):
            return _read(kept)
    found = forecast_now(live, now=now)
    with suppress(RedisError):
        cache.set(key, asdict(found), timeout=KEPT_FOR)
    return found


def forecast_now(live: RuleSet, *, now: datetime, most: int | None = None) -> Forecast:
    """The same, reckoned anew; of at most ``most`` leads."""
    return Forecast(
        threshold=threshold_of(live.document),
        none=none_of(live),
        curve=curve(live, now=now) if most is None else curve(live, now=now, most=most),
        pace=pace(now=now),
        outcomes=outcomes(now=now),
    )


def _read(kept: Mapping[str, Any]) -> Forecast:
    return Forecast(
        kept["threshold"],
        kept["none"],
        Curve(**kept["curve"]),
        Pace(**kept["pace"]),
        Outcomes(**kept["outcomes"]),
    )


def capacity_settings() -> CapacitySettings:
    """The row in force; as shipped where nobody has changed anything yet."""
    return CapacitySettings.objects.filter(pk=1).first() or CapacitySettings()
