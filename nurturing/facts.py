"""What the tracks react to: recent events, returns by sales, and who is in which track already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from funnel.stages import Stage
from leads.models import Verdict
from nurturing.models import Enrolment
from nurturing.tracks import TRIGGER_WINDOW, Fact

# A lead made at most this long before or after the event was made by it.
NEW_LEAD_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Return:
    """Sales gave the lead back, with a track to enter and the date on which it wakes."""

    passage_id: int
    lead_id: int
    track_code: str
    at: datetime
    wake_on: date | None


# By the covering index of each lead's events; a machine's and voided ones do not count.
_EVENTS = """
SELECT event.lead_id, event.id, event.kind_id, event.occurred_at, event.content_id, content.type,
       content.is_gated, lead.created_at
  FROM leads_event AS event
  JOIN leads_lead AS lead ON lead.id = event.lead_id
  LEFT JOIN leads_content AS content ON content.id = event.content_id
 WHERE event.lead_id = ANY(%(leads)s) AND event.occurred_at >= %(since)s AND event.occurred_at <= %(now)s
   AND event.kind_id = ANY(%(kinds)s) AND event.voided_at IS NULL AND event.verdict <> %(machine)s
 ORDER BY event.occurred_at DESC, event.id DESC
"""
_RETURNS = """
SELECT DISTINCT ON (passage.lead_id)
       passage.id, passage.lead_id, reason.track_code, passage.at, standing.wake_on
  FROM funnel_passage AS passage
  JOIN funnel_reason AS reason ON reason.id = passage.reason_id
  JOIN funnel_standing AS standing ON standing.lead_id = passage.lead_id
 WHERE passage.lead_id = ANY(%(leads)s) AND passage.to_stage = %(recycled)s AND NOT passage.is_imported
   AND passage.at > %(since)s AND passage.at <= %(now)s AND reason.track_code <> ''
 ORDER BY passage.lead_id, passage.id DESC
"""


def recent_events(
    lead_ids: Sequence[int], kinds: Mapping[int, str], *, since: datetime, now: datetime
) -> dict[int, list[Fact]]:
    """The events of ``kinds`` (codes by id) of each lead between two instants, newest first."""
    found: dict[int, list[Fact]] = defaultdict(list)
    bounds = {"leads": list(lead_ids), "kinds": list(kinds), "since": since, "now": now}
    for row in _rows(_EVENTS, {**bounds, "machine": Verdict.MACHINE.value}):
        lead_id, event_id, kind_id, occurred_at, content_id, content_type, is_gated, created_at = row
        new = abs(occurred_at - created_at) <= NEW_LEAD_WITHIN
        fact = Fact(
            event_id, kinds[kind_id], occurred_at, content_id, content_type or "", bool(is_gated), new
        )
        found[lead_id].append(fact)
    return found


def recent_returns(lead_ids: Sequence[int], *, now: datetime) -> dict[int, Return]:
    """The newest return of each lead within the trigger window; imported history sets nothing off."""
    bounds = {"leads": list(lead_ids), "since": now - TRIGGER_WINDOW, "now": now}
    return {row[1]: Return(*row) for row in _rows(_RETURNS, {**bounds, "recycled": Stage.RECYCLED.value})}


def _rows(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def enrolments_of(lead_ids: Sequence[int]) -> dict[int, list[Enrolment]]:
    """Every passage of each lead through a track, newest first."""
    found: dict[int, list[Enrolment]] = defaultdict(list)
    for enrolment in Enrolment.objects.filter(lead_id__in=lead_ids).order_by("-entered_at", "-id"):
        found[enrolment.lead_id].append(enrolment)
    return found
