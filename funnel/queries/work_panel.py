"""All that was planned, said and written down about one lead, in one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.models import User
from accounts.roles import Role
from funnel.next_action import WORKED
from funnel.stages import Situation
from funnel.work import NOTE_EDITABLE
from leads.models import Lead

RECENT = 30


@dataclass(frozen=True, slots=True)
class Entry:
    """One task, meeting, call or note (``what``). ``kind``: of task or meeting, or how a call ended.

    ``at``: when it is due, begins, was; ``who``: whom a task is given to by name, who called or wrote.
    """

    what: str
    number: int
    kind: str
    at: datetime
    text: str
    who: str
    who_id: int | None
    minutes: int
    is_inbound: bool
    edited_at: datetime | None
    deleted_at: datetime | None
    is_first_contact: bool
    put_off: int


@dataclass(frozen=True, slots=True)
class WorkPanel:
    """What comes next for a lead, what is planned after it, and what was said and written so far.

    ``is_missing``: the lead is in work and nothing is planned. ``may_work``: the reader may plan and call.
    """

    next: Entry | None
    later: tuple[Entry, ...]
    past: tuple[Entry, ...]
    is_missing: bool
    may_work: bool
    reader: User
    now: datetime

    @property
    def is_late(self) -> bool:
        """Whether what comes next should have been done by now."""
        return self.next is not None and self.next.at < self.now

    def may_edit(self, entry: Entry) -> bool:
        """Whether the reader may still correct this note."""
        young = self.now <= entry.at + NOTE_EDITABLE
        return young and entry.who_id == self.reader.pk and entry.deleted_at is None

    def may_delete(self, entry: Entry) -> bool:
        """Whether the reader may take this note away."""
        mine = entry.who_id == self.reader.pk or self.reader.role == Role.ADMIN
        return mine and entry.deleted_at is None


_NAME = "coalesce(nullif(trim(concat_ws(' ', {0}.first_name, {0}.last_name)), ''), {0}.email, '')"
_PANEL = f"""
WITH here AS (
    SELECT lead_id, stage, situation, cycle, rep_id FROM funnel_standing WHERE lead_id = %(lead)s
), planned AS (
    SELECT 'task' AS what, task.id, task.kind::text AS kind, task.due_at AS at, task.title::text AS text,
           CASE WHEN task.assignee_id IS NULL THEN '' ELSE {_NAME.format("person")} END AS who,
           task.assignee_id AS who_id, 0 AS minutes, FALSE AS is_inbound, NULL::timestamptz AS edited_at,
           NULL::timestamptz AS deleted_at, task.is_first_contact,
           jsonb_array_length(task.postponements) AS put_off
      FROM funnel_task AS task JOIN here USING (lead_id, cycle)
      LEFT JOIN accounts_user AS person ON person.id = task.assignee_id
     WHERE task.done_at IS NULL
       AND (here.stage = ANY(%(worked)s) OR here.situation = %(offered)s AND NOT task.is_first_contact)
    UNION ALL
    SELECT 'meeting', id, kind::text, starts_at, title::text, '', NULL, 0, FALSE, NULL, NULL, FALSE, 0
      FROM funnel_meeting
     WHERE lead_id = %(lead)s AND state IN ('proposed', 'accepted') AND ends_at > %(now)s
), past AS (
    SELECT 'call', call.id, call.outcome::text, call.at, call.note, {_NAME.format("person")}, person.id,
           call.minutes, call.direction = 'in', NULL::timestamptz, NULL::timestamptz, FALSE, 0
      FROM funnel_call AS call JOIN accounts_user AS person ON person.id = call.by_id
     WHERE call.lead_id = %(lead)s
    UNION ALL
    SELECT 'note', note.id, '', note.at, note.text,
           {_NAME.format("person")}, person.id, 0, FALSE, note.edited_at, note.deleted_at, FALSE, 0
      FROM funnel_note AS note JOIN accounts_user AS person ON person.id = note.by_id
     WHERE note.lead_id = %(lead)s
     ORDER BY 4 DESC, 2 DESC LIMIT %(limit)s
)
SELECT * FROM planned UNION ALL SELECT * FROM past ORDER BY 4, 2
"""  # nosec B608: of constants


def work_panel(lead: Lead, *, reader: User, may_work: bool, stage: str, now: datetime) -> WorkPanel:
    """The panel of a lead that the reader may see. One query."""
    values: dict[str, Any] = {
        "lead": lead.pk,
        "worked": list(WORKED),
        "offered": Situation.OFFERED,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PANEL, values | {"limit": RECENT})
        entries = [Entry(*row) for row in cursor.fetchall()]
    ahead = [one for one in entries if one.what in ("task", "meeting")]
    past = [one for one in entries if one.what not in ("task", "meeting")]
    return WorkPanel(
        next=ahead[0] if ahead else None,
        later=tuple(ahead[1:]),
        past=tuple(reversed(past)),
        is_missing=stage in WORKED and not ahead,
        may_work=may_work,
        reader=reader,
        now=now,
    )
