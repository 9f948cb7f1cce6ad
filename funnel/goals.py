"""Which events make somebody a customer without a rep. Plain values only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

AMOUNT_PROPERTY = "amount"


@dataclass(frozen=True, slots=True)
class Goal:
    """An event of ``kind`` (its id) converts, where ``property`` has ``value`` and the amount suffices."""

    kind: int
    property: str = ""
    value: str = ""
    least_amount: Decimal | None = None


def reached(goals: Iterable[Goal], kind: int, properties: Mapping[str, object]) -> bool:
    """Whether an event of this kind with these properties reaches one of the goals."""
    return any(_reached(goal, properties) for goal in goals if goal.kind == kind)


def _reached(goal: Goal, properties: Mapping[str, object]) -> bool:
    if goal.property and str(properties.get(goal.property, "")).casefold() != goal.value.casefold():
        return False
    amount = possible_amount(properties.get(AMOUNT_PROPERTY))
    return goal.least_amount is None or (amount is not None and amount >= goal.least_amount)


def possible_amount(value: object) -> Decimal | None:
    """Euros and cents as an event tells them; None where they are none or no business could be worth them."""
    try:
        amount = Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < Decimal(10) ** 10 else None
