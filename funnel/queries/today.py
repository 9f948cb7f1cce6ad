"""What one person has to do: replies, calls, tasks, meetings, offers, and leads without a next action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from accounts.models import User
from funnel.next_action import WORKED
from funnel.stages import Situation
from funnel.today import Item, Section, What, horizon, in_sections
from leads.kinds import BY_CODE
from leads.models import Lead

# A reply that nobody answered for so long is no news any more.
REPLIES_KEPT = timedelta(days=14)
MOST = 200

# A reply waits until somebody did something for the lead: called, wrote on a network, met, or did a task.
_TODAY = """
WITH mine AS (
    SELECT lead_id, cycle, stage FROM funnel_standing WHERE rep_id = %(user)s
), table_of AS (
    SELECT lead_id, cycle, stage FROM mine
    UNION ALL
    SELECT standing.lead_id, standing.cycle, standing.stage
      FROM funnel_offer AS offer JOIN funnel_standing AS standing USING (lead_id)
     WHERE offer.rep_id = %(user)s AND offer.status = 'open'
), tasks AS (
    SELECT task.id, task.lead_id, task.kind, task.due_at, task.title, task.is_first_contact, table_of.stage
      FROM funnel_task AS task JOIN table_of USING (lead_id, cycle)
     WHERE task.done_at IS NULL AND task.assignee_id IS NULL
    UNION
    SELECT task.id, task.lead_id, task.kind, task.due_at, task.title, task.is_first_contact, standing.stage
      FROM funnel_task AS task JOIN funnel_standing AS standing USING (lead_id, cycle)
     WHERE task.done_at IS NULL AND task.assignee_id = %(user)s
       AND (standing.stage = ANY(%(worked)s) OR standing.situation = %(offered)s)
), acts AS (
    SELECT lead_id, max(at) AS at FROM (
        SELECT lead_id, at FROM funnel_call JOIN mine USING (lead_id)
        UNION ALL SELECT lead_id, done_at FROM funnel_task JOIN mine USING (lead_id) WHERE done_at IS NOT NULL
        UNION ALL
        SELECT lead_id, at FROM funnel_socialmessage JOIN mine USING (lead_id) WHERE direction = 'out'
        UNION ALL SELECT lead_id, created_at FROM funnel_meeting JOIN mine USING (lead_id)
    ) AS done GROUP BY lead_id
), said AS (
    SELECT lead_id, max(at) AS at FROM (
        SELECT lead_id, occurred_at AS at FROM leads_event
         WHERE lead_id IN (SELECT lead_id FROM mine) AND kind_id = %(reply)s AND voided_at IS NULL
           AND occurred_at > %(since)s
        UNION ALL
        SELECT lead_id, at FROM funnel_socialmessage JOIN mine USING (lead_id)
         WHERE direction = 'in' AND at > %(since)s
    ) AS replies GROUP BY lead_id
)
SELECT 'missing' AS what, lead_id, 0::bigint AS number, '' AS kind, %(now)s::timestamptz AS at, '' AS title,
       FALSE AS is_first_contact
  FROM mine
 WHERE NOT EXISTS (SELECT FROM funnel_task AS task
                    WHERE task.lead_id = mine.lead_id AND task.cycle = mine.cycle AND task.done_at IS NULL)
   AND NOT EXISTS (SELECT FROM funnel_meeting AS meeting WHERE meeting.lead_id = mine.lead_id
                      AND meeting.state IN ('proposed', 'accepted') AND meeting.ends_at > %(now)s)
UNION ALL
SELECT 'reply', said.lead_id, 0, '', said.at, '', FALSE
  FROM said LEFT JOIN acts USING (lead_id) WHERE acts.at IS NULL OR acts.at < said.at
UNION ALL
SELECT 'task', lead_id, id, kind, due_at, title, is_first_contact FROM tasks
 WHERE due_at < %(until)s AND (stage = ANY(%(worked)s) OR NOT is_first_contact)
UNION ALL
SELECT 'meeting', lead_id, id, kind, starts_at, title, FALSE FROM funnel_meeting
 WHERE rep_id = %(user)s AND state IN ('proposed', 'accepted') AND ends_at > %(now)s AND starts_at < %(until)s
UNION ALL
SELECT 'offer', lead_id, id, '', deadline, '', FALSE FROM funnel_offer
 WHERE rep_id = %(user)s AND status = 'open' AND deadline < %(until)s
   AND (snoozed_until IS NULL OR snoozed_until < %(until)s)
ORDER BY 5, 1, 3 LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Row:
    """An item with the lead it is about."""

    item: Item
    lead: Lead


@dataclass(frozen=True, slots=True)
class Today:
    """The day of one person, section by section."""

    sections: Mapping[Section, list[Row]]

    @property
    def count(self) -> int:
        """How many things there are."""
        return sum(len(rows) for rows in self.sections.values())


def today(user: User, *, now: datetime, zone: ZoneInfo) -> Today:
    """What this person has to do now and in the next seven days. Two queries."""
    items = _items(user, now=now, until=horizon(now, zone))
    leads = Lead.objects.select_related("company", "standing").in_bulk({item.lead_id for item in items})
    sections = in_sections((item for item in items if item.lead_id in leads), now, zone)
    return Today({name: [Row(item, leads[item.lead_id]) for item in rows] for name, rows in sections.items()})


def _items(user: User, *, now: datetime, until: datetime) -> list[Item]:
    values: dict[str, Any] = {
        "user": user.pk,
        "now": now,
        "until": until,
        "since": now - REPLIES_KEPT,
        "reply": BY_CODE["email_replied"].id,
        "worked": list(WORKED),
        "offered": Situation.OFFERED,
        "most": MOST,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TODAY, values)
        return [Item(What(what), *rest) for what, *rest in cursor.fetchall()]
