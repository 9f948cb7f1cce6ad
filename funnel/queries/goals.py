"""The conversion goals in use."""

from __future__ import annotations

from funnel.goals import Goal
from funnel.models import ConversionGoal


def conversion_goals() -> list[Goal]:
    """As plain values."""
    return [row.goal for row in ConversionGoal.objects.filter(is_active=True)]
