"""Places: how many each rep has, and how many are taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection
from django.db.models import QuerySet

from funnel.models import Rep
from funnel.service_levels import UNDO_IN_PAGE
from funnel.stages import UNDOABLE


@dataclass(frozen=True, slots=True)
class Used:
    """Taken places of one rep: leads being worked (SAL and SQL), open offers, and places that a decision
    has just freed, held as long as it can be undone in the page. ``accepted``: the SAL among those worked."""

    worked: int = 0
    offers: int = 0
    held: int = 0
    accepted: int = 0

    @property
    def total(self) -> int:
        return self.worked + self.offers + self.held

    @property
    def sal(self) -> int:
        """What counts against the cap on SAL: each open offer may become one."""
        return self.accepted + self.offers + self.held


_USED = """
SELECT rep_id, sum(worked)::int, sum(offers)::int, sum(held)::int, sum(accepted)::int FROM (
    SELECT rep_id, count(*) AS worked, 0 AS offers, 0 AS held,
           count(*) FILTER (WHERE stage = 'sal') AS accepted FROM funnel_standing
    WHERE rep_id = ANY(%(reps)s) GROUP BY rep_id
    UNION ALL
    SELECT rep_id, 0, count(*), 0, 0 FROM funnel_offer
    WHERE rep_id = ANY(%(reps)s) AND status = 'open' GROUP BY rep_id
    UNION ALL
    SELECT given_up.rep_id, 0, 0, count(*), 0 FROM (
        SELECT id, lead_id,
               coalesce(before -> 'standing' ->> 'rep_id', before ->> 'offered_to_id')::bigint AS rep_id
        FROM funnel_passage WHERE verb = ANY(%(verbs)s) AND at > %(since)s AND before IS NOT NULL
    ) AS given_up JOIN funnel_standing AS standing ON standing.lead_id = given_up.lead_id
        AND standing.rep_id IS DISTINCT FROM given_up.rep_id
    WHERE given_up.rep_id = ANY(%(reps)s) AND NOT EXISTS (
        SELECT FROM funnel_passage AS newer
        WHERE newer.lead_id = given_up.lead_id AND newer.id > given_up.id
    ) GROUP BY given_up.rep_id
) AS taken GROUP BY rep_id
"""


def used_places(rep_ids: Iterable[int], *, now: datetime | None = None) -> Mapping[int, Used]:
    """The taken places of each of these reps, at ``now`` with those held. To decide by it, lock the rep's row
    first."""
    reps = list(rep_ids)
    held_since = now - UNDO_IN_PAGE if now else datetime.max.replace(tzinfo=UTC)
    verbs = [verb.value for verb in UNDOABLE]
    with connection.cursor() as cursor:
        cursor.execute(_USED, {"reps": reps, "verbs": verbs, "since": held_since})
        found = {rep: Used(*numbers) for rep, *numbers in cursor.fetchall()}
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
    """The desks at which somebody works, with their users and absences."""
    desks = Rep.objects.select_related("user").prefetch_related("absences")
    return desks.filter(is_active=True, user__is_active=True).order_by("pk")


def loads(*, now: datetime) -> list[Load]:
    """Places, taken and free, of every active rep."""
    reps = list(active_reps())
    used = used_places((rep.pk for rep in reps), now=now)
    return [Load(rep, used[rep.pk], rep.is_absent_at(now)) for rep in reps]
