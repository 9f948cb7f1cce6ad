"""The sales team as its manager sees it: load, deadlines, acceptance and why not, speed, promises kept."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from funnel.days import today
from funnel.models import Absence, Reason, Rep
from funnel.queries.capacity import Load, loads
from funnel.stages import Stage

MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of offers: those that still stand as decided, an undone decision is none.

    ``median``: half of the decisions took no longer. ``reasons``: the most frequent ones for saying no.
    """

    accepted: int = 0
    refused: int = 0
    expired: int = 0
    median: timedelta | None = None
    reasons: tuple[tuple[str, int], ...] = ()

    @property
    def rate(self) -> float | None:
        """Accepted of all that were decided or let pass; None when there were none."""
        decided = self.accepted + self.refused + self.expired
        return self.accepted / decided if decided else None


@dataclass(frozen=True, slots=True)
class Promises:
    """Promised answers: how many were made, how many not kept."""

    made: int = 0
    broken: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """One rep. ``contact``: from acceptance to the first act towards the lead, half took no longer."""

    load: Load
    sal: int
    sql: int
    value: Decimal
    decided: Decided
    contact: timedelta | None
    promises: Promises
    away: Absence | None

    @property
    def rep(self) -> Rep:
        """Who it is."""
        return self.load.rep


@dataclass(frozen=True, slots=True)
class Team:
    """Everybody with a desk, and the acceptance of each channel by its code."""

    members: tuple[Member, ...]
    channels: tuple[tuple[str, Decided], ...]

    @property
    def total(self) -> dict[str, Any]:
        """The team as a whole."""
        return {
            "used": sum(one.load.used.total for one in self.members),
            "places": sum(one.rep.places for one in self.members),
            "value": sum((one.value for one in self.members), Decimal()),
            "broken": sum(one.promises.broken for one in self.members),
            "expired": sum(one.decided.expired for one in self.members),
        }


def team(*, days: int, now: datetime) -> Team:
    """Loads as of now; decisions, contacts and promises of the last so many days. Nine queries or so."""
    since = now - timedelta(days=days)
    found = loads(now=now)
    stages, values, contacts, kept = _stages(), _values(), _contacts(since), _promises(since, now)
    by_rep, by_channel = _decided(since)
    return Team(
        tuple(
            Member(
                load=one,
                sal=stages.get((one.rep.pk, Stage.SAL), 0),
                sql=stages.get((one.rep.pk, Stage.SQL), 0),
                value=values.get(one.rep.pk, Decimal()),
                decided=by_rep.get(one.rep.pk, Decided()),
                contact=contacts.get(one.rep.pk),
                promises=kept.get(one.rep.pk, Promises()),
                away=_away(one.rep, today(now)),
            )
            for one in found
        ),
        tuple(sorted(by_channel.items(), key=lambda item: -(item[1].accepted + item[1].refused))),
    )


def _rows(query: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())


def _stages() -> dict[tuple[int, str], int]:
    rows = _rows(
        "SELECT rep_id, stage, count(*)::int FROM funnel_standing WHERE rep_id IS NOT NULL GROUP BY 1, 2"
    )
    return {(rep, stage): number for rep, stage, number in rows}


_VALUES = """
SELECT standing.rep_id, sum(opportunity.expected_amount)
  FROM funnel_opportunity AS opportunity
  JOIN funnel_standing AS standing
    ON standing.lead_id = opportunity.lead_id AND standing.cycle = opportunity.cycle
 WHERE standing.stage = 'sql' AND opportunity.outcome = '' GROUP BY standing.rep_id
"""


def _values() -> dict[int, Decimal]:
    """What the open opportunities of each rep are expected to bring."""
    return {rep: value or Decimal() for rep, value in _rows(_VALUES)}


# Once for each rep (by id) and once for each channel; a decline is a no like a return.
_DECIDED = """
SELECT offer.rep_id, coalesce(lead.channel, ''), grouping(offer.rep_id),
       count(*) FILTER (WHERE offer.status = 'accepted')::int,
       count(*) FILTER (WHERE offer.status IN ('returned', 'disqualified', 'refused'))::int,
       count(*) FILTER (WHERE offer.status = 'expired')::int,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY offer.decided_at - offer.offered_at)
           FILTER (WHERE offer.decided_by_id IS NOT NULL)
  FROM funnel_offer AS offer JOIN leads_lead AS lead ON lead.id = offer.lead_id
 WHERE offer.decided_at >= %(since)s AND offer.status NOT IN ('open', 'withdrawn')
 GROUP BY GROUPING SETS ((offer.rep_id), (coalesce(lead.channel, '')))
"""
_REASONS = """
SELECT offer.rep_id, coalesce(lead.channel, ''), grouping(offer.rep_id), reason.label_fr, reason.label_en,
       count(*)::int
  FROM funnel_offer AS offer
  JOIN leads_lead AS lead ON lead.id = offer.lead_id
  JOIN funnel_reason AS reason ON reason.id = offer.reason_id
 WHERE offer.decided_at >= %(since)s AND offer.status <> 'open'
 GROUP BY GROUPING SETS ((offer.rep_id, reason.id), (coalesce(lead.channel, ''), reason.id))
 ORDER BY 6 DESC, reason.id
"""


def _decided(since: datetime) -> tuple[dict[int, Decided], dict[str, Decided]]:
    """What was decided, by rep and by channel."""
    reasons: dict[object, list[tuple[str, int]]] = defaultdict(list)
    for rep, channel, is_channel, label_fr, label_en, number in _rows(_REASONS, since=since):
        label = Reason(label_fr=label_fr, label_en=label_en).label
        reasons[channel if is_channel else rep].append((label, number))
    by_rep: dict[int, Decided] = {}
    by_channel: dict[str, Decided] = {}
    for rep, channel, is_channel, accepted, refused, expired, median in _rows(_DECIDED, since=since):
        why_not = tuple(reasons[channel if is_channel else rep][:MOST_REASONS])
        one = Decided(accepted, refused, expired, median, why_not)
        if is_channel:
            by_channel[channel] = one
        else:
            by_rep[rep] = one
    return by_rep, by_channel


# The acceptances that were not undone; what was done towards the lead before does not count.
_CONTACTS = """
SELECT offer.rep_id, percentile_disc(0.5) WITHIN GROUP (ORDER BY act.at - offer.decided_at)
  FROM funnel_offer AS offer
  JOIN LATERAL (
    SELECT min(one.at) AS at FROM (
        SELECT at FROM funnel_call WHERE lead_id = offer.lead_id
        UNION ALL
        SELECT at FROM funnel_socialmessage WHERE lead_id = offer.lead_id AND direction = 'out'
        UNION ALL
        SELECT created_at FROM funnel_meeting WHERE lead_id = offer.lead_id
    ) AS one WHERE one.at >= offer.decided_at
  ) AS act ON act.at IS NOT NULL
 WHERE offer.status = 'accepted' AND offer.decided_at >= %(since)s
 GROUP BY offer.rep_id
"""


def _contacts(since: datetime) -> dict[int, timedelta]:
    return dict(_rows(_CONTACTS, since=since))


_PROMISES = """
SELECT rep_id, count(*)::int,
       count(*) FILTER (WHERE coalesce(answered_at, ended_at, %(now)s) > due_at)::int
  FROM funnel_answerpromise WHERE rep_id IS NOT NULL AND asked_at >= %(since)s GROUP BY rep_id
"""


def _promises(since: datetime, now: datetime) -> dict[int, Promises]:
    return {rep: Promises(made, broken) for rep, made, broken in _rows(_PROMISES, since=since, now=now)}


def _away(rep: Rep, day: date) -> Absence | None:
    """The present or next absence of a rep (with their absences at hand)."""
    coming = [one for one in rep.absences.all() if one.last_day is None or one.last_day >= day]
    return min(coming, key=lambda one: one.first_day, default=None)
