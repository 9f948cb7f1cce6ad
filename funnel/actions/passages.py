"""The one way any lead gets from where it stands to somewhere else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from django.db import connection

from accounts.models import User
from funnel.models import Passage, Reason, Standing
from funnel.refusals import Refused
from funnel.stages import (
    LEAD,
    OFFERED,
    READY,
    SAL,
    SQL,
    Position,
    Verb,
    concerns_offers,
    refusal,
    starts_cycle,
)
from leads.actions.stages import STAGE_HISTORY, StageChange, stage_rows


class Owner(Enum):
    """What a passage does to the lead's owner."""

    KEPT = "kept"
    ACTOR = "actor"
    NOBODY = "nobody"
    AS_BEFORE = "as_before"
    REP = "rep"


@dataclass(frozen=True, slots=True)
class Step:
    """One passage to make: whose, which, and what is to be remembered about it.

    With ``owner`` NOBODY the lead is let go, and who owned it is its former owner. ``offered_to``: the rep
    of a passage to "offered". ``rep_id``: who works the lead from this passage on, where its standing does
    not say so already; with ``owner`` REP its new owner. ``undoes``: the passage that this one takes back;
    everything stands again as it did before it.
    """

    standing: Standing
    verb: Verb
    target: Position
    at: datetime
    cause: str = ""
    actor: User | None = None
    reason: Reason | None = None
    note: str = ""
    outcome: str = ""
    details: dict[str, object] = field(default_factory=dict)
    owner: Owner = Owner.KEPT
    offered_to: int | None = None
    rep_id: int | None = None
    is_imported: bool = False
    undoes: Passage | None = None

    @property
    def is_by_hand(self) -> bool:
        """Whether a person did it here and may take it back."""
        return self.actor is not None and not self.is_imported and self.verb not in _FINAL


_FINAL = frozenset({Verb.MERGE, Verb.UNDO, Verb.REASSIGN})


def pass_on(steps: Sequence[Step]) -> None:
    """Make these passages in their order, all or none: checks each against the transition table, moves the
    standings, hands the leads over, writes the history with the scores of that instant. One statement
    however many.

    The caller holds the leads' locks, has set what else changes on the standings (wake date, daily
    passages …), and records the events. Raises Refused with the code of the first illegal passage.
    """
    if not steps:
        return
    rows = [_apply(step) for step in steps]
    owners = {step.standing.lead_id: _owner_row(step) for step in steps if _touches_lead(step)}
    changes = [_stage_change(step, row) for step, row in zip(steps, rows, strict=True) if _changes_stage(row)]
    stands = {change.lead_id: _stage_row(change) for change in changes}
    _run(
        f"WITH moved AS ({_UPDATE}), noted AS ({_NOTE}), told AS ({STAGE_HISTORY}) {_INSERT}",
        standings=_columns(step.standing for step in steps),
        leads=[stands.get(lead, {}) | owners.get(lead, {"lead_id": lead}) for lead in stands | owners],
        stages=stage_rows(changes),
        rows=rows,
    )


def _changes_stage(row: dict[str, object]) -> bool:
    return row["from_stage"] != row["to_stage"]


def _stage_change(step: Step, row: dict[str, object]) -> StageChange:
    stages = str(row["from_stage"]), str(row["to_stage"])
    return StageChange(step.standing.lead_id, *stages, at=step.at, by_id=_by(step))


def _stage_row(change: StageChange) -> dict[str, object]:
    """Where the lead stands after the last of its changes."""
    return {"lead_id": change.lead_id, "stage": change.new}


def _by(step: Step) -> int | None:
    return step.actor.pk if step.actor else None


def enter(arrivals: Sequence[tuple[int, datetime]], *, is_imported: bool = False) -> list[Standing]:
    """The first standing of leads (by id) that have none, each at its time. The caller holds their locks."""
    steps = [
        Step(Standing(lead_id=lead, since=at), Verb.ENTER, LEAD, at, is_imported=is_imported)
        for lead, at in arrivals
    ]
    if not steps:
        return []
    rows = [_apply(step, entering=True) for step in steps]
    standings = [step.standing for step in steps]
    Standing.objects.bulk_create(standings)
    _run(_INSERT, rows=rows)
    return standings


def _touches_lead(step: Step) -> bool:
    """Whether the lead itself remembers something of the passage: its owner, to whom it is offered."""
    return step.owner is not Owner.KEPT or concerns_offers(step.verb, step.target)


def _owner_row(step: Step) -> dict[str, object]:
    row: dict[str, object] = {
        "lead_id": step.standing.lead_id,
        "owner": step.owner.value,
        "actor_id": step.rep_id if step.owner is Owner.REP else _by(step),
        "offered_to": step.offered_to if step.target == OFFERED else None,
    }
    if step.undoes:
        before = _before(step.undoes)
        row |= {"owner": Owner.AS_BEFORE.value, "actor_id": before["owner_id"]}
        row |= {"former": before["former_owner_id"], "offered_to": before["offered_to_id"]}
    return row


def _before(passage: Passage) -> dict[str, Any]:
    """What a passage by hand remembers. Raises Refused for one that remembers nothing."""
    if not passage.before:
        raise Refused("undo_impossible")
    return dict(passage.before)


def _apply(step: Step, *, entering: bool = False) -> dict[str, object]:
    """Move the standing in memory; the passage as a row."""
    standing, target = step.standing, step.target
    origin = None if entering else standing.position
    if code := refusal(step.verb, origin, target):
        raise Refused(code)
    if step.undoes:
        _restore(standing, step.undoes)
        return _row(step, origin)
    standing.cycle += starts_cycle(step.verb)
    standing.stage, standing.situation = target.stage, target.situation
    if step.verb is not Verb.REASSIGN:
        standing.since = step.at
    if target not in (READY, OFFERED):
        standing.ready_since = None
    elif origin not in (READY, OFFERED):
        standing.ready_since = step.at
    if target not in (SAL, SQL):
        standing.rep_id = None
    elif step.rep_id is not None:
        standing.rep_id = step.rep_id
    return _row(step, origin)


def _restore(standing: Standing, undone: Passage) -> None:
    """The standing as it was; its cycle as it is counted now, which a merge may have changed."""
    before = _before(undone)["standing"]
    for name in _COLUMNS:
        setattr(standing, name, _FIELDS[name].to_python(before[name]))
    standing.cycle = undone.cycle - starts_cycle(Verb(undone.verb))


def _row(step: Step, origin: Position | None) -> dict[str, object]:
    return {
        "lead_id": step.standing.lead_id,
        "verb": step.verb,
        "from_stage": origin.stage if origin else "",
        "from_situation": origin.situation if origin else "",
        "to_stage": step.target.stage,
        "to_situation": step.target.situation,
        "at": step.at.isoformat(),
        "cycle": step.standing.cycle,
        "cause": step.cause,
        "actor_id": _by(step),
        "actor_name": step.actor.full_name if step.actor else "",
        "reason_id": step.reason.pk if step.reason else None,
        "note": step.note,
        "details": step.details,
        "outcome": step.outcome,
        "is_imported": step.is_imported,
        "is_by_hand": step.is_by_hand,
        "changed": step.standing.changed if step.is_by_hand else {},
        "undoes_id": step.undoes.pk if step.undoes else None,
    }


def _run(statement: str, **parameters: Sequence[dict[str, object]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {name: json.dumps(rows, default=str) for name, rows in parameters.items()})


# One update for all that a lead remembers of a passage: a row is written once in a statement. Without an
# ``owner`` nothing is said of owner and offer.
_NOTE = """
UPDATE leads_lead AS lead SET
    stage = coalesce(new.stage, lead.stage),
    offered_to_id = CASE WHEN new.owner IS NULL THEN lead.offered_to_id ELSE new.offered_to END,
    owner_id = CASE WHEN new.owner IN ('actor', 'as_before', 'rep') THEN new.actor_id
        WHEN new.owner = 'nobody' THEN NULL ELSE lead.owner_id END,
    former_owner_id = CASE
        WHEN new.owner IN ('nobody', 'rep') THEN coalesce(lead.owner_id, lead.former_owner_id)
        WHEN new.owner = 'as_before' THEN new.former ELSE lead.former_owner_id END
FROM jsonb_to_recordset(%(leads)s::jsonb)
    AS new(lead_id bigint, stage text, owner text, actor_id bigint, offered_to bigint, former bigint)
WHERE lead.id = new.lead_id
"""

# The scores are taken where they lie, so that history shows exactly what was stored at that instant; so is
# what a person changes: every part of a statement sees the rows as they were before it.
_INSERT = """
INSERT INTO funnel_passage (lead_id, verb, from_stage, from_situation, to_stage, to_situation, at, cycle,
    cause, actor_id, actor_name, reason_id, note, details, outcome, is_imported,
    fit, engagement, grade, level, rules_version, undoes_id, before)
SELECT new.lead_id, verb, from_stage, from_situation, to_stage, to_situation, at, cycle, cause,
    actor_id, actor_name, reason_id, note, details, outcome, is_imported,
    score.fit, score.engagement, coalesce(score.grade, ''), score.level, score.rules_version, undoes_id,
    CASE WHEN is_by_hand THEN changed || (
        SELECT jsonb_build_object('standing', to_jsonb(standing) - 'lead_id', 'owner_id', lead.owner_id,
            'former_owner_id', lead.former_owner_id, 'offered_to_id', lead.offered_to_id)
        FROM leads_lead AS lead JOIN funnel_standing AS standing ON standing.lead_id = lead.id
        WHERE lead.id = new.lead_id) END
FROM ROWS FROM (jsonb_to_recordset(%(rows)s::jsonb) AS (lead_id bigint, verb text, from_stage text,
    from_situation text, to_stage text, to_situation text, at timestamptz, cycle smallint, cause text,
    actor_id bigint, actor_name text, reason_id bigint, note text, details jsonb, outcome text,
    is_imported boolean, is_by_hand boolean, changed jsonb, undoes_id bigint)) WITH ORDINALITY AS new(lead_id,
    verb, from_stage, from_situation, to_stage, to_situation, at, cycle, cause, actor_id, actor_name,
    reason_id, note, details, outcome, is_imported, is_by_hand, changed, undoes_id, place)
LEFT JOIN scoring_leadscore AS score ON score.lead_id = new.lead_id AND NOT new.is_imported
ORDER BY place
"""

_COLUMNS = (
    "stage",
    "situation",
    "cycle",
    "since",
    "ready_since",
    "rep_id",
    "wake_on",
    "gates_shut_until",
    "is_pinned",
    "up_on",
    "down_on",
    "ready_on",
    "unready_on",
    "priority",
)

_FIELDS = {field.attname: field for field in Standing._meta.concrete_fields}

_UPDATE = f"""
UPDATE funnel_standing AS standing SET {", ".join(f"{name} = new.{name}" for name in _COLUMNS)}
FROM jsonb_populate_recordset(NULL::funnel_standing, %(standings)s::jsonb) AS new
WHERE standing.lead_id = new.lead_id
"""  # nosec B608: of constants


def save(standings: Iterable[Standing]) -> None:
    """Write standings that changed without a passage (priority, daily passages) in one statement."""
    if rows := _columns(standings):
        _run(_UPDATE, standings=rows)


def _columns(standings: Iterable[Standing]) -> list[dict[str, object]]:
    """Each standing once, as the statement takes it."""
    distinct = {standing.lead_id: standing for standing in standings}
    return [
        {"lead_id": number} | {name: getattr(standing, name) for name in _COLUMNS}
        for number, standing in distinct.items()
    ]


def last_passage(lead_id: int) -> Passage | None:
    """How the lead came to stand where it stands; not what another one did before it was merged into it."""
    return Passage.objects.filter(lead_id=lead_id, merged_from=None).order_by("-id").first()
