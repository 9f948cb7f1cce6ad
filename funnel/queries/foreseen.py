"""What the funnel would do with given leads if their gates stood otherwise. Nothing is moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from funnel.days import today
from funnel.models import Standing
from funnel.stages import LEAD, OFFERED, READY, Position, Signals, Situation, Stage, Stand, automatic_path
from leads.models import Lead

AT_ONCE = 5_000
_FIELDS = (
    "lead_id", "stage", "situation", "is_pinned", "wake_on", "gates_shut_until", "up_on", "down_on",
    "ready_on", "unready_on", "lead__email", "lead__phone",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One lead that would move: from where, to where."""

    lead_id: int
    origin: Position
    target: Position

    @property
    def becomes_mql(self) -> bool:
        return self.origin.stage is Stage.LEAD and self.target.stage is Stage.MQL

    @property
    def cools(self) -> bool:
        return self.origin.stage is Stage.MQL and self.target.stage is Stage.LEAD

    @property
    def becomes_ready(self) -> bool:
        return self.target == READY and self.origin not in (READY, OFFERED)

    @property
    def is_no_longer_ready(self) -> bool:
        return self.origin in (READY, OFFERED) and self.target not in (READY, OFFERED)

    @property
    def loses_its_offer(self) -> bool:
        return self.origin == OFFERED and self.target != OFFERED


def foresee(gates: Mapping[int, Signals], *, now: datetime) -> Iterator[Foreseen]:
    """Where the pipeline would move each of these leads by itself; those that stay are left out.

    A lead that is not in the funnel yet enters it as a lead; one that sales has, or that is disqualified,
    stays. Gates of yesterday's passages count as for the pipeline: once a day each way.
    """
    ordered = sorted(gates)
    day = today(now)
    for start in range(0, len(ordered), AT_ONCE):
        some = ordered[start : start + AT_ONCE]
        known = set()
        for lead_id, stand in _stands(some):
            known.add(lead_id)
            yield from _move(lead_id, stand, gates[lead_id], day)
        for lead_id, stand in _newcomers([lead_id for lead_id in some if lead_id not in known]):
            yield from _move(lead_id, stand, gates[lead_id], day)


def _move(lead_id: int, stand: Stand, signals: Signals, day: date) -> Iterator[Foreseen]:
    path = automatic_path(stand, signals, day)
    if path.moves and path.stand.position != stand.position:
        yield Foreseen(lead_id, stand.position, path.stand.position)


def _stands(lead_ids: list[int]) -> Iterator[tuple[int, Stand]]:
    rows = Standing.objects.filter(
        lead__in=lead_ids, stage__in=[Stage.LEAD, Stage.MQL], lead__merged_into=None, lead__erased_at=None
    ).values_list(*_FIELDS)
    for lead_id, stage, situation, pinned, wake_on, shut, up, down, ready, unready, email, phone in rows:
        yield (
            lead_id,
            Stand(
                position=Position(Stage(stage), Situation(situation)),
                reachable=bool(email or phone),
                pinned=pinned,
                wake_on=wake_on,
                gates_shut_until=shut,
                up_on=up,
                down_on=down,
                ready_on=ready,
                unready_on=unready,
            ),
        )


def _newcomers(lead_ids: Iterable[int]) -> Iterator[tuple[int, Stand]]:
    """Leads without a standing. Those of another stage have one, and do not move by themselves."""
    rows = Lead.objects.present().filter(pk__in=list(lead_ids), standing=None)
    for lead_id, email, phone in rows.values_list("pk", "email", "phone"):
        yield lead_id, Stand(LEAD, reachable=bool(email or phone))
