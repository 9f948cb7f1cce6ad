"""Where a lead may stand, and how it may move: the whole transition table on plain values.

The one place that knows which passage is legal. Actions, the API and the invariant check ask here;
nothing in this module knows Django, the clock or the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum


class Stage(StrEnum):
    LEAD = "lead"
    MQL = "mql"
    SAL = "sal"
    SQL = "sql"
    CUSTOMER = "customer"
    RECYCLED = "recycled"
    DISQUALIFIED = "disqualified"


class Situation(StrEnum):
    """What an MQL is waiting for. Every other stage has NONE."""

    NONE = ""
    MARKETING = "marketing"
    READY = "ready"
    OFFERED = "offered"


class Band(StrEnum):
    TOFU = "tofu"
    MOFU = "mofu"
    BOFU = "bofu"


BAND: Mapping[Stage, Band | None] = {
    Stage.LEAD: Band.TOFU,
    Stage.MQL: Band.MOFU,
    Stage.RECYCLED: Band.MOFU,
    Stage.SAL: Band.BOFU,
    Stage.SQL: Band.BOFU,
    Stage.CUSTOMER: None,
    Stage.DISQUALIFIED: None,
}


class Verb(StrEnum):
    """What makes a lead move. The first group is done by the pipeline, the second by people."""

    ENTER = "enter"
    GATE = "gate"
    COOL = "cool"
    READY = "ready"
    UNREADY = "unready"
    OFFER = "offer"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    CONVERT = "convert"
    WAKE = "wake"

    PROMOTE = "promote"
    ACCEPT = "accept"
    DECLINE = "decline"
    RETURN = "return"
    DISQUALIFY = "disqualify"
    QUALIFY = "qualify"
    WIN = "win"
    LOSE = "lose"
    REFER = "refer"
    REOPEN = "reopen"
    REASSIGN = "reassign"
    MERGE = "merge"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Position:
    """A stage and, for an MQL, its situation. Raises ValueError on a pair that cannot exist."""

    stage: Stage
    situation: Situation = Situation.NONE

    def __post_init__(self) -> None:
        if (self.stage is Stage.MQL) == (self.situation is Situation.NONE):
            raise ValueError(f"no such position: {self.stage} {self.situation!r}")


LEAD = Position(Stage.LEAD)
MARKETING = Position(Stage.MQL, Situation.MARKETING)
READY = Position(Stage.MQL, Situation.READY)
OFFERED = Position(Stage.MQL, Situation.OFFERED)
SAL = Position(Stage.SAL)
SQL = Position(Stage.SQL)
CUSTOMER = Position(Stage.CUSTOMER)
RECYCLED = Position(Stage.RECYCLED)
DISQUALIFIED = Position(Stage.DISQUALIFIED)

POSITIONS = (LEAD, MARKETING, READY, OFFERED, SAL, SQL, CUSTOMER, RECYCLED, DISQUALIFIED)
_MQL = frozenset({MARKETING, READY, OFFERED})
_PARKED = frozenset({RECYCLED, DISQUALIFIED})


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table. `refusal` is the code given when the lead stands elsewhere."""

    sources: frozenset[Position | None]
    targets: frozenset[Position]
    refusal: str
    new_cycle: bool = False
    needs_reason: bool = False


def _row(
    sources: frozenset[Position],
    targets: frozenset[Position],
    refusal: str,
    *,
    new_cycle: bool = False,
    needs_reason: bool = False,
) -> Transition:
    return Transition(frozenset[Position | None](sources), targets, refusal, new_cycle, needs_reason)


def _one(*positions: Position) -> frozenset[Position]:
    return frozenset(positions)


TRANSITIONS: Mapping[Verb, Transition] = {
    Verb.ENTER: Transition(frozenset({None}), _one(LEAD), "already_in_funnel"),
    Verb.GATE: _row(_one(LEAD), _one(MARKETING, READY), "not_a_lead"),
    Verb.PROMOTE: _row(_one(LEAD), _one(MARKETING), "not_a_lead", needs_reason=True),
    Verb.COOL: _row(_MQL, _one(LEAD), "not_an_mql"),
    Verb.READY: _row(_one(MARKETING), _one(READY), "not_in_marketing"),
    Verb.UNREADY: _row(_one(READY, OFFERED), _one(MARKETING), "not_ready"),
    Verb.OFFER: _row(_one(READY), _one(OFFERED), "not_ready"),
    Verb.EXPIRE: _row(_one(OFFERED), _one(READY), "not_offered"),
    Verb.WITHDRAW: _row(_one(OFFERED), _one(READY), "not_offered"),
    Verb.DECLINE: _row(_one(OFFERED), _one(READY), "not_offered", needs_reason=True),
    Verb.ACCEPT: _row(_one(OFFERED), _one(SAL), "not_offered"),
    Verb.RETURN: _row(_MQL | _one(SAL, SQL), _one(RECYCLED), "not_returnable", needs_reason=True),
    Verb.DISQUALIFY: _row(
        frozenset(POSITIONS) - {DISQUALIFIED}, _one(DISQUALIFIED), "already_disqualified", needs_reason=True
    ),
    Verb.QUALIFY: _row(_one(SAL), _one(SQL), "not_accepted"),
    Verb.WIN: _row(_one(SAL, SQL), _one(CUSTOMER), "not_with_sales"),
    Verb.LOSE: _row(_one(SQL), _PARKED, "not_qualified", needs_reason=True),
    Verb.REFER: _row(_one(SAL, SQL), _PARKED, "not_with_sales", needs_reason=True),
    Verb.CONVERT: _row(_MQL | _one(LEAD), _one(CUSTOMER), "not_convertible"),
    Verb.WAKE: _row(_one(RECYCLED), _one(LEAD), "not_recycled", new_cycle=True),
    Verb.REOPEN: _row(
        _one(DISQUALIFIED, CUSTOMER), _one(LEAD), "not_closed", new_cycle=True, needs_reason=True
    ),
    # Another rep works it from now on; where it stands does not change.
    Verb.REASSIGN: _row(_one(SAL, SQL), _one(SAL, SQL), "not_with_sales"),
    # The same person was found to stand further elsewhere.
    Verb.MERGE: _row(frozenset(POSITIONS), frozenset(POSITIONS) - {LEAD}, "not_in_funnel"),
}

# What a person did can be taken back as long as nothing came after it. An undo has no row of its own: it is
# legal exactly as the inverse of one of these.
UNDOABLE = frozenset(
    {
        *(Verb.PROMOTE, Verb.ACCEPT, Verb.DECLINE, Verb.RETURN, Verb.DISQUALIFY, Verb.QUALIFY),
        *(Verb.WIN, Verb.LOSE, Verb.REFER, Verb.REOPEN),
        # The pipeline makes these too; only one by hand remembers what was before.
        *(Verb.COOL, Verb.UNREADY, Verb.WAKE),
    }
)

# Whose standing survives a merge: a machine's conclusion gives way to what people decided, that to what
# sales is working on, and everything to a sale.
_FURTHER = (LEAD, MARKETING, READY, RECYCLED, DISQUALIFIED, OFFERED, SAL, SQL, CUSTOMER)


def is_further(one: Position, other: Position) -> bool:
    """Whether of two leads that are one person the first one's standing survives."""
    return _FURTHER.index(one) > _FURTHER.index(other)


def refusal(verb: Verb, origin: Position | None, target: Position) -> str:
    """Why `verb` may not take a lead from `origin` to `target`: a stable code, or "" when it may."""
    if verb is Verb.UNDO:
        return "" if any(_inverts(undone, origin, target) for undone in UNDOABLE) else "undo_impossible"
    row = TRANSITIONS[verb]
    if origin not in row.sources:
        return row.refusal
    stays = verb is not Verb.REASSIGN or target == origin
    return "" if target in row.targets and stays else "no_such_passage"


# In the order in which they are tried when a reason fits several.
_BY_HAND = (
    *(Verb.PROMOTE, Verb.ACCEPT, Verb.QUALIFY, Verb.WIN, Verb.RETURN, Verb.DISQUALIFY, Verb.LOSE),
    *(Verb.REFER, Verb.DECLINE, Verb.UNREADY, Verb.COOL, Verb.WAKE, Verb.REOPEN),
)
# What is said when there is no way by hand: why the usual one is closed.
_USUAL = {
    Stage.LEAD: Verb.REOPEN,
    Stage.MQL: Verb.PROMOTE,
    Stage.SAL: Verb.ACCEPT,
    Stage.SQL: Verb.QUALIFY,
    Stage.CUSTOMER: Verb.WIN,
    Stage.RECYCLED: Verb.RETURN,
    Stage.DISQUALIFIED: Verb.DISQUALIFY,
}


def verbs_between(origin: Position, to: Stage) -> tuple[Verb, ...]:
    """By which verbs a person may take a lead from `origin` to a stage."""
    return tuple(
        verb
        for verb in _BY_HAND
        if origin in TRANSITIONS[verb].sources and any(one.stage is to for one in TRANSITIONS[verb].targets)
    )


def way_refusal(origin: Position, to: Stage) -> str:
    """Why nobody can take a lead from `origin` to a stage by hand: a stable code; "" when there is a way."""
    if verbs_between(origin, to):
        return ""
    return "already_there" if origin.stage is to else TRANSITIONS[_USUAL[to]].refusal


def _inverts(undone: Verb, origin: Position | None, target: Position) -> bool:
    """Whether going from `origin` to `target` takes `undone` back."""
    row = TRANSITIONS[undone]
    return target in row.sources and origin in row.targets


def starts_cycle(verb: Verb) -> bool:
    """Whether this passage begins a new cycle."""
    return verb is not Verb.UNDO and TRANSITIONS[verb].new_cycle


def concerns_offers(verb: Verb, target: Position) -> bool:
    """Whether an offer may be made or closed by this passage."""
    return target == OFFERED or (verb is not Verb.UNDO and OFFERED in TRANSITIONS[verb].sources)


def allowed_verbs(origin: Position) -> frozenset[Verb]:
    return frozenset(verb for verb, row in TRANSITIONS.items() if origin in row.sources)


@dataclass(frozen=True, slots=True)
class Stand:
    """What the automatic moves need to know of one lead.

    `*_on` are the days of the last automatic passage each way through the MQL gate (up, down) and
    through the ready gate (ready, unready). `pinned`: put there by a person, and the gate has not
    confirmed it yet, so that the next recomputation does not undo what a marketer just did.
    """

    position: Position
    reachable: bool = True
    pinned: bool = False
    wake_on: date | None = None
    gates_shut_until: date | None = None
    up_on: date | None = None
    down_on: date | None = None
    ready_on: date | None = None
    unready_on: date | None = None


# The fields of a stand that remember the day's passages.
DAILY = ("up_on", "down_on", "ready_on", "unready_on")


@dataclass(frozen=True, slots=True)
class Signals:
    """What the score and the events say. `strong`: a listed strong event since the lead was returned.
    `converted`: a conversion event since it stands where it stands."""

    mql_gate: bool = False
    mql_keep: bool = False
    ready_gate: bool = False
    ready_keep: bool = False
    strong: bool = False
    converted: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    verb: Verb
    origin: Position | None
    target: Position


def automatic_move(stand: Stand, signals: Signals, today: date) -> Move | None:
    """The one passage the pipeline makes now, if any.

    Each gate lets a lead through at most once a day each way; an unreachable lead is never ready;
    after a return nothing moves before the wake date, but for a strong event.
    """
    here = stand.position
    if here == RECYCLED:
        due = stand.wake_on is not None and stand.wake_on <= today
        return Move(Verb.WAKE, here, LEAD) if due or signals.strong else None
    if here != LEAD and here not in _MQL:
        return None
    if signals.converted:
        return Move(Verb.CONVERT, here, CUSTOMER)
    return _up_from_lead(stand, signals, today) if here == LEAD else _within_mql(stand, signals, today)


def _up_from_lead(stand: Stand, signals: Signals, today: date) -> Move | None:
    ready = signals.ready_gate and stand.reachable
    if _is_shut(stand, signals, today) or stand.up_on == today or not (signals.mql_gate or ready):
        return None
    return Move(Verb.GATE, LEAD, READY if ready and stand.ready_on != today else MARKETING)


def _is_shut(stand: Stand, signals: Signals, today: date) -> bool:
    """Whether the gates are shut: somebody put the lead back, and nothing strong has happened since."""
    return stand.gates_shut_until is not None and today < stand.gates_shut_until and not signals.strong


def _within_mql(stand: Stand, signals: Signals, today: date) -> Move | None:
    here = stand.position
    ready = signals.ready_gate and stand.reachable
    stays_ready = ready or (signals.ready_keep and stand.reachable)
    stays_mql = stays_ready or signals.mql_gate or signals.mql_keep or stand.pinned
    if not stays_mql:
        return Move(Verb.COOL, here, LEAD) if stand.down_on != today else None
    if here == MARKETING:
        opens = ready and stand.ready_on != today and not _is_shut(stand, signals, today)
        return Move(Verb.READY, here, READY) if opens else None
    if not stays_ready and stand.unready_on != today:
        return Move(Verb.UNREADY, here, MARKETING)
    return None


def after(stand: Stand, move: Move, today: date) -> Stand:
    """The stand once `move` is made, its daily passages spent."""
    moved = replace(stand, position=move.target)
    match move.verb:
        case Verb.GATE:
            moved = replace(moved, up_on=today)
        case Verb.COOL:
            moved = replace(moved, down_on=today, pinned=False)
        case Verb.WAKE:
            # A new cycle starts with its own passages: who came back with a quote request does not wait.
            moved = _unspent(replace(moved, wake_on=None, gates_shut_until=None))
        case Verb.UNREADY:
            moved = replace(moved, unready_on=today)
    if move.target == READY and move.verb in (Verb.GATE, Verb.READY):
        moved = replace(moved, ready_on=today)
    return moved


@dataclass(frozen=True, slots=True)
class Path:
    """The moves to make now, in order; the stand after them; whether a move waits for tomorrow only
    because today's passage is spent."""

    moves: tuple[Move, ...]
    stand: Stand
    tomorrow: bool


def automatic_path(stand: Stand, signals: Signals, today: date) -> Path:
    """All automatic moves of one lead, e.g. woken by a strong event, then through the gates at once."""
    if stand.pinned and signals.mql_gate:
        stand = replace(stand, pinned=False)
    moves: list[Move] = []
    while (move := automatic_move(stand, signals, today)) is not None:
        moves.append(move)
        stand = after(stand, move, today)
    return Path(tuple(moves), stand, _waits_for_tomorrow(stand, signals, today))


def _waits_for_tomorrow(stand: Stand, signals: Signals, today: date) -> bool:
    if today not in (stand.up_on, stand.down_on, stand.ready_on, stand.unready_on):
        return False
    return automatic_move(_unspent(stand), signals, today) is not None


def _unspent(stand: Stand) -> Stand:
    """The stand with all its daily passages before it."""
    return replace(stand, up_on=None, down_on=None, ready_on=None, unready_on=None)


WAKE_AHEAD_DAYS = 30


def wake_date(month: date) -> date:
    """When a project planned for `month` (its first day) is to be worked again: 30 days before."""
    return month.replace(day=1) - timedelta(days=WAKE_AHEAD_DAYS)
