"""Places: how many each rep has, and how many are taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from funnel.models import Rep


@dataclass(frozen=True, slots=True)
class Used:
    """Taken places of one rep: leads being worked (SAL and SQL) and open offers."""

    worked: int = 0
    offers: int = 0

    @property
    def total(self) -> int:
        return self.worked + self.offers


_USED = """
SELECT rep_id, sum(worked)::int, sum(offers)::int FROM (
    SELECT rep_id, count(*) AS worked, 0 AS offers FROM funnel_standing
    WHERE rep_id = ANY(%(reps)s) GROUP BY rep_id
    UNION ALL
    SELECT rep_id, 0, count(*) FROM funnel_offer
    WHERE rep_id = ANY(%(reps)s) AND status = 'open' GROUP BY rep_id
) AS taken GROUP BY rep_id
"""


def used_places(rep_ids: Iterable[int]) -> Mapping[int, Used]:
    """The taken places of each of these reps. To decide by it, lock the rep's row first."""
    reps = list(rep_ids)
    with connection.cursor() as cursor:
        cursor.execute(_USED, {"reps": reps})
        found = {rep: Used(worked, offers) for rep, worked, offers in cursor.fetchall()}
    return {rep: found.get(rep, Used()) for rep in reps}


_OFFERED_TODAY = """
SELECT rep.user_id, count(*)::int
FROM funnel_rep AS rep JOIN funnel_offer AS offer ON offer.rep_id = rep.user_id
WHERE rep.user_id = ANY(%(reps)s)
  AND offer.offered_at >= date_trunc('day', %(now)s AT TIME ZONE rep.time_zone) AT TIME ZONE rep.time_zone
  AND offer.offered_at <= %(now)s
GROUP BY rep.user_id
"""


def offered_today(rep_ids: Iterable[int], *, now: datetime) -> Mapping[int, int]:
    """Offers each rep was made since midnight, in the rep's own time zone."""
    reps = list(rep_ids)
    with connection.cursor() as cursor:
        cursor.execute(_OFFERED_TODAY, {"reps": reps, "now": now})
        found = dict(cursor.fetchall())
    return {rep: found.get(rep, 0) for rep in reps}


@dataclass(frozen=True, slots=True)
class Load:
    """One rep's load as managers and marketers see it."""

    rep: Rep
    used: Used
    is_away: bool

    @property
    def free(self) -> int:
        """Places that can be filled now; none while the rep is away."""
        return 0 if self.is_away else max(0, self.rep.places - self.used.total)


def active_reps() -> QuerySet[Rep]:
    return Rep.objects.filter(is_active=True, user__is_active=True).select_related("user").order_by("pk")


def loads(*, now: datetime) -> list[Load]:
    """Places, taken and free, of every active rep."""
    reps = list(active_reps())
    used = used_places(rep.pk for rep in reps)
    return [Load(rep, used[rep.pk], rep.is_absent_at(now)) for rep in reps]
