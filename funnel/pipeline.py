"""What the open opportunities are worth. Plain values only; amounts in euros."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

# Fewer closed ones than this say nothing about how often one wins.
LEAST_CLOSED = 20


@dataclass(frozen=True, slots=True)
class OpenBusiness:
    """One open opportunity as expected."""

    amount: Decimal
    close: date


@dataclass(frozen=True, slots=True)
class Record:
    """How opportunities of the team ended in the last twelve months."""

    won: int
    lost: int

    @property
    def closed(self) -> int:
        """All that ended either way; referrals are neither."""
        return self.won + self.lost

    @property
    def rate(self) -> float | None:
        """The share won; None while too few ended to say."""
        return self.won / self.closed if self.closed >= LEAST_CLOSED else None


@dataclass(frozen=True, slots=True)
class PipelineValue:
    """The sum, the sum times the share that is usually won, and how many are past their expected close."""

    number: int
    total: Decimal
    weighted: Decimal | None
    overdue: int
    record: Record


def pipeline_value(open_ones: Sequence[OpenBusiness], record: Record, today: date) -> PipelineValue:
    """What open opportunities are worth together."""
    total = sum((one.amount for one in open_ones), Decimal(0))
    rate = record.rate
    return PipelineValue(
        number=len(open_ones),
        total=total,
        weighted=None if rate is None else (total * Decimal(str(rate))).quantize(Decimal(1)),
        overdue=sum(one.close < today for one in open_ones),
        record=record,
    )
