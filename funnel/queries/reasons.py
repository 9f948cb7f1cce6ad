"""Reasons with how often they were given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from funnel.choices import VERBS
from funnel.models import Passage, Reason
from funnel.stages import Verb

RECENT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """One reason, how often it was given at all and in the last 90 days, and its key per decision."""

    reason: Reason
    given: int
    lately: int
    keys: tuple[tuple[str, int], ...]


def reason_lines(*, now: datetime) -> list[ReasonLine]:
    """Every reason in its order. Two queries."""
    given = (
        Passage.objects.exclude(reason=None)
        .lasting()
        .values_list("reason")
        .annotate(all=Count("pk"), lately=Count("pk", filter=Q(at__gte=now - RECENT)))
        .order_by()
    )
    counts = {reason: (number, lately) for reason, number, lately in given}
    reasons = list(Reason.objects.order_by("position", "code"))
    keys = _keys(reasons)
    return [ReasonLine(reason, *counts.get(reason.pk, (0, 0)), tuple(keys[reason.pk])) for reason in reasons]


def _keys(reasons: list[Reason]) -> dict[int, list[tuple[str, int]]]:
    """By which number key each reason is given for each decision; only the first nine have one."""
    found: dict[int, list[tuple[str, int]]] = {reason.pk: [] for reason in reasons}
    for verb in Verb:
        mine = [reason for reason in reasons if reason.is_active and verb in reason.verbs]
        for number, reason in enumerate(mine, start=1):
            found[reason.pk].append((str(VERBS[verb]), number if number <= 9 else 0))
    return found


def known_tracks() -> list[str]:
    """The tracks that reasons lead into so far."""
    codes = Reason.objects.exclude(track_code="").order_by("track_code")
    return list(codes.values_list("track_code", flat=True).distinct())
