"""The statements that the pipeline's step and the mail worker run for every lead, and how they are run.

Plain SQL: for one lead and one message the object mapper costs more than the database and the mail server.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection

# One cheap statement tells whether what this process knows of tracks and templates is still so.
DEFINITIONS = """
SELECT (SELECT hashtextextended(string_agg(track::text, '|' ORDER BY id), 0) FROM nurturing_track AS track),
       (SELECT hashtextextended(string_agg(step::text, '|' ORDER BY id), 0) FROM nurturing_trackstep AS step),
       (SELECT max(id) FROM nurturing_template), (SELECT count(*) FROM nurturing_template),
       (SELECT count(*) FROM leads_eventkind)
"""
PEOPLE = """
SELECT lead.id, lead.email, lead.language, lead.time_zone, lead.interests,
       COALESCE(lead.custom ->> 'persona', ''), COALESCE(score.phase, '')
  FROM leads_lead AS lead LEFT JOIN scoring_leadscore AS score ON score.lead_id = lead.id
 WHERE lead.id = ANY(%(leads)s) AND lead.merged_into_id IS NULL AND lead.erased_at IS NULL
 ORDER BY lead.id
"""
POSITIONS = "SELECT lead_id, stage, situation FROM funnel_standing WHERE lead_id = ANY(%(leads)s)"
# By the covering index of each lead's events; a machine's and voided ones do not count. A form may name the
# track to enter, whatever the kind of its event; so may an import, as its leads join.
EVENTS = """
SELECT event.lead_id, event.id, event.kind_id, event.occurred_at, event.content_id, content.type,
       content.is_gated, lead.created_at, event.source_id = %(imported)s,
       CASE WHEN event.source_id = %(forms)s OR event.kind_id = %(joined)s
            THEN event.properties ->> 'track' END
  FROM leads_event AS event
  JOIN leads_lead AS lead ON lead.id = event.lead_id
  LEFT JOIN leads_content AS content ON content.id = event.content_id
 WHERE event.lead_id = ANY(%(leads)s) AND event.occurred_at >= %(since)s AND event.occurred_at <= %(now)s
   AND (event.kind_id = ANY(%(kinds)s) OR event.source_id = %(forms)s OR event.kind_id = %(joined)s)
   AND event.voided_at IS NULL AND event.verdict <> %(machine)s
 ORDER BY event.occurred_at DESC, event.id DESC
"""
RETURNS = """
SELECT DISTINCT ON (passage.lead_id)
       passage.id, passage.lead_id, reason.track_code, passage.at, standing.wake_on
  FROM funnel_passage AS passage
  JOIN funnel_reason AS reason ON reason.id = passage.reason_id
  JOIN funnel_standing AS standing ON standing.lead_id = passage.lead_id
 WHERE passage.lead_id = ANY(%(leads)s) AND passage.to_stage = %(recycled)s AND NOT passage.is_imported
   AND passage.at > %(since)s AND passage.at <= %(now)s AND reason.track_code <> ''
   AND NOT EXISTS (SELECT FROM funnel_passage AS undoing WHERE undoing.undoes_id = passage.id)
 ORDER BY passage.lead_id, passage.id DESC
"""
ENROLMENTS = """
SELECT id, track_id, lead_id, entry_key, acted_at, consulted_id, entered_at, wake_on, position, rounds,
       last_step_at, ended_at, ending
  FROM nurturing_enrolment WHERE lead_id = ANY(%(leads)s) ORDER BY entered_at DESC, id DESC
"""
CONSULTED = """
SELECT DISTINCT event.lead_id, event.content_id, content.topics
  FROM leads_event AS event JOIN leads_content AS content ON content.id = event.content_id
 WHERE event.lead_id = ANY(%(leads)s) AND event.voided_at IS NULL AND event.verdict <> %(machine)s
"""
RECEIVED = """
SELECT lead_id, content_id FROM nurturing_message
 WHERE lead_id = ANY(%(leads)s) AND content_id IS NOT NULL AND state <> ALL(%(not_received)s)
"""
PIECES = """
SELECT id, band, phase, language, topics, personas FROM leads_content
 WHERE is_active AND url <> '' AND type = ANY(%(types)s)
"""
SENT = """
SELECT lead_id, purpose, CASE WHEN state = ANY(%(left)s) THEN data_started_at ELSE due_at END
  FROM nurturing_message
 WHERE lead_id = ANY(%(leads)s) AND id <> %(but)s
   AND (state = ANY(%(left)s) AND data_started_at > %(since)s OR state = ANY(%(waiting)s))
"""
KNOWN_KEYS = "SELECT send_key FROM nurturing_message WHERE send_key = ANY(%(keys)s)"


def rows(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """Everything that ``statement`` finds."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def row_of(statement: str, values: Mapping[str, Any] | None = None) -> tuple[Any, ...]:
    """The one row of ``statement``."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = cursor.fetchone()
    return tuple(found or ())
