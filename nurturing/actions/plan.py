"""The pipeline's last step: let leads into tracks, take the steps that are due, plan their messages.

Set-wise: the number of queries does not depend on the number of leads. Called in the pipeline's transaction,
which holds the leads' locks; running it twice plans nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from leads.actions.agenda import schedule_all
from leads.failpoints import failpoint
from nurturing.actions.draft import draft
from nurturing.actions.enrol import Case, Changes, Taken, follow
from nurturing.definitions import Versions, definitions
from nurturing.facts import enrolments_of, people, recent_events, recent_returns
from nurturing.gate import Gate, open_gate
from nurturing.models import Enrolment, Message
from nurturing.sql import KNOWN_KEYS, rows
from nurturing.tracks import TRIGGER_WINDOW, Fact

AGENDA_PURPOSE = "nurturing"


@transaction.atomic(savepoint=False)
def plan(lead_ids: Sequence[int], *, now: datetime) -> list[Message]:
    """Plan what falls due for these leads now; the new messages, held-back ones included.

    What falls due later is put on the agenda. Nothing is sent here: ring the mail worker when something
    was planned.
    """
    known = definitions()
    history = enrolments_of(lead_ids)
    events = recent_events(lead_ids, known.watched, since=_since(history, now), now=now)
    returns = recent_returns(lead_ids, now=now)
    concerned = _concerned(lead_ids, history, events, returns)
    if not concerned:
        return []
    gate = open_gate(concerned, at=now)
    changes = Changes()
    for person in people(concerned):
        position = gate.positions.get(person.pk)
        if position is not None:
            mine = history[person.pk], events[person.pk], returns.get(person.pk)
            follow(Case(person, position, *mine, now), known.tracks, changes)
    _write(changes)
    return _plan_messages(changes.taken, gate, known.versions, now)


def _concerned(
    lead_ids: Iterable[int],
    history: Mapping[int, Sequence[Enrolment]],
    events: Mapping[int, Sequence[Fact]],
    returns: Mapping[int, object],
) -> list[int]:
    """The leads to which something happened that a track may care about, or who are in one."""
    inside = {lead_id for lead_id, rows in history.items() if any(row.ended_at is None for row in rows)}
    return sorted(inside | {each for each in lead_ids if events.get(each) or each in returns})


def _since(history: Mapping[int, Sequence[Enrolment]], now: datetime) -> datetime:
    """How far back events matter: the trigger window, or the entry into a track that is still open."""
    open_since = [
        row.acted_at or row.entered_at for rows in history.values() for row in rows if row.ended_at is None
    ]
    return min([now - TRIGGER_WINDOW, *open_since])


def _write(changes: Changes) -> None:
    """Write the enrolments and the agenda."""
    Enrolment.objects.bulk_create(changes.entered)
    Enrolment.objects.bulk_update(
        changes.moved, ["position", "rounds", "last_step_at", "ended_at", "ending"], batch_size=500
    )
    schedule_all([(lead_id, AGENDA_PURPOSE, due_at) for lead_id, due_at in sorted(changes.agenda.items())])


def _plan_messages(taken: Sequence[Taken], gate: Gate, versions: Versions, now: datetime) -> list[Message]:
    """Write the messages of the steps taken; one that exists already stays as it is."""
    if not taken:
        return []
    drafts = draft(taken, gate, versions, now=now)
    keys = [message.send_key for message in drafts]
    there = {key for (key,) in rows(KNOWN_KEYS, keys=keys)}
    messages = Message.objects.bulk_create(each for each in drafts if each.send_key not in there)
    failpoint("email.after_plan")
    return messages
