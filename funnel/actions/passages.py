"""The one way any lead gets from where it stands to somewhere else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from django.db import connection

from accounts.models import User
from funnel.models import Passage, Reason, Standing
from funnel.refusals import Refused
from funnel.stages import LEAD, OFFERED, READY, SAL, SQL, TRANSITIONS, Position, Verb, refusal
from leads.actions.stages import STAGE_HISTORY, StageChange, stage_rows


class Owner(Enum):
    """What a passage does to the lead's owner."""

    KEPT = "kept"
    ACTOR = "actor"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Step:
    """One passage to make: whose, which, and what is to be remembered about it.

    With ``owner`` NOBODY the lead is let go, and who owned it is its former owner. ``offered_to``: the rep
    of a passage to "offered". ``rep_id``: who works the lead from this passage on, where its standing does
    not say so already.
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
    return step.owner is not Owner.KEPT or OFFERED in TRANSITIONS[step.verb].sources | {step.target}


def _owner_row(step: Step) -> dict[str, object]:
    return {
        "lead_id": step.standing.lead_id,
        "owner": step.owner.value,
        "actor_id": _by(step),
        "offered_to": step.offered_to if step.target == OFFERED else None,
    }


def _apply(step: Step, *, entering: bool = False) -> dict[str, object]:
    """Move the standing in memory; the passage as a row."""
    standing, target = step.standing, step.target
    origin = None if entering else standing.position
    if code := refusal(step.verb, origin, target):
        raise Refused(code)
    standing.cycle += TRANSITIONS[step.verb].new_cycle
    standing.stage, standing.situation, standing.since = target.stage, target.situation, step.at
    if target not in (READY, OFFERED):
        standing.ready_since = None
    elif origin not in (READY, OFFERED):
        standing.ready_since = step.at
    if target not in (SAL, SQL):
        standing.rep_id = None
    elif step.rep_id is not None:
        standing.rep_id = step.rep_id
    return _row(step, origin)


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
    owner_id = CASE new.owner WHEN 'actor' THEN new.actor_id WHEN 'nobody' THEN NULL ELSE lead.owner_id END,
    former_owner_id = CASE new.owner WHEN 'nobody' THEN coalesce(lead.owner_id, lead.former_owner_id)
        ELSE lead.former_owner_id END
FROM jsonb_to_recordset(%(leads)s::jsonb)
    AS new(lead_id bigint, stage text, owner text, actor_id bigint, offered_to bigint)
WHERE lead.id = new.lead_id
"""

# The scores are taken where they lie, so that history shows exactly what was stored at that instant.
_INSERT = """
INSERT INTO funnel_passage (lead_id, verb, from_stage, from_situation, to_stage, to_situation, at, cycle,
    cause, actor_id, actor_name, reason_id, note, details, outcome, is_imported,
    fit, engagement, grade, level, rules_version)
SELECT new.lead_id, verb, from_stage, from_situation, to_stage, to_situation, at, cycle, cause,
    actor_id, actor_name, reason_id, note, details, outcome, is_imported,
    score.fit, score.engagement, coalesce(score.grade, ''), score.level, score.rules_version
FROM ROWS FROM (jsonb_to_recordset(%(rows)s::jsonb) AS (lead_id bigint, verb text, from_stage text,
    from_situation text, to_stage text, to_situation text, at timestamptz, cycle smallint, cause text,
    actor_id bigint, actor_name text, reason_id bigint, note text, details jsonb, outcome text,
    is_imported boolean)) WITH ORDINALITY AS new(lead_id, verb, from_stage, from_situation, to_stage,
    to_situation, at, cycle, cause, actor_id, actor_name, reason_id, note, details, outcome, is_imported,
    place)
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
