"""Leads being worked go to another rep: one by one, or all of somebody who leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from accounts.models import User
from funnel.actions.passages import Owner, Step, pass_on
from funnel.actions.standing import held, manages_sales
from funnel.actions.telling import Tale, tell_all
from funnel.allocation import Desk, plan
from funnel.models import Rep, Standing
from funnel.queries.waiting import desks_of, queue_of
from funnel.refusals import NotYours, Refused
from funnel.stages import SAL, SQL, Stage, Verb
from leads.actions.agenda import wake
from leads.models import Lead
from scoring.tellings import Telling

# A hand-over is no offer: the cap on offers a day does not hold it up.
_ANY_NUMBER = 1_000_000


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Lead id → its new rep, and the leads for which nobody had a place: they stay where they are."""

    moved: Mapping[int, int]
    left: Sequence[int] = ()


@transaction.atomic
def hand_over(*, lead: Lead, to: Rep, by: User, now: datetime, note: str = "") -> Standing:
    """Another rep works this SAL or SQL from now on. Doing it twice is no error.

    Raises NotYours for who does not manage sales; Refused ``not_with_sales``, ``not_a_rep`` (the desk is
    closed) or ``no_place``.
    """
    if not manages_sales(by):
        raise NotYours
    standing = held(lead.pk)
    if standing.position not in (SAL, SQL):
        raise Refused("not_with_sales")
    if standing.rep_id != to.pk:
        desk = locked_desks([to.pk], now)[to.pk]
        _require_place(desk, standing)
        carry_over({to.pk: [standing]}, by=by, now=now, note=note)
    return standing


def _require_place(desk: Desk, standing: Standing) -> None:
    if not desk.is_active:
        raise Refused("not_a_rep")
    if desk.used >= desk.places:
        raise Refused("no_place", used=desk.used, places=desk.places)
    if standing.stage == Stage.SAL and desk.sal_cap is not None and desk.sal >= desk.sal_cap:
        raise Refused("sal_cap", used=desk.sal, places=desk.sal_cap)


@transaction.atomic
def hand_over_all(
    *, rep: Rep, by: User | None, now: datetime, to: Rep | None = None, note: str = ""
) -> HandedOver:
    """All leads this rep works go to ``to``, or each to the colleague who suits best, within their caps.

    What finds no place stays with the rep and is shown to the manager as to be handed over.
    """
    mine = Standing.objects.filter(rep=rep).select_related("lead").order_by("lead")
    standings = list(mine.select_for_update(of=("lead", "self"), no_key=True))
    colleagues = Rep.objects.filter(is_active=True).exclude(pk=rep.pk)
    desks = locked_desks([to.pk] if to else list(colleagues.values_list("pk", flat=True)), now)
    found = spread(standings, desks, now)
    groups: dict[int, list[Standing]] = {}
    for standing in standings:
        if standing.lead_id in found:
            groups.setdefault(found[standing.lead_id], []).append(standing)
    carry_over(groups, by=by, now=now, note=note)
    return HandedOver(found, [one.lead_id for one in standings if one.lead_id not in found])


def locked_desks(reps: Sequence[int], now: datetime) -> dict[int, Desk]:
    """These reps, locked in one order, as the allocation sees them; a hand-over may be to a manager."""
    locked = Rep.objects.whole().filter(pk__in=reps).order_by("pk")
    desks = desks_of(list(locked.select_for_update(of=("self",), no_key=True)), now=now)
    return {desk.rep: replace(desk, offers_per_day=_ANY_NUMBER) for desk in desks}


def spread(standings: Sequence[Standing], desks: Mapping[int, Desk], now: datetime) -> dict[int, int]:
    """Who would get which: opportunities first, which the cap on SAL does not concern; managers last."""
    found: dict[int, int] = {}
    state = list(desks.values())
    for stage in (Stage.SQL, Stage.SAL):
        queue = queue_of([one for one in standings if one.stage == stage], now=now)
        caps = {desk.rep: desk.sal_cap for desk in state}
        if stage is Stage.SQL:
            state = [replace(desk, sal_cap=None) for desk in state]
        made = plan(queue, state, now)
        found |= {one.lead: one.rep for one in made.assignments}
        state = [_after(desk, caps[desk.rep], stage) for desk in made.desks.values()]
        desks = {desk.rep: desk for desk in state}
    return found


def _after(desk: Desk, sal_cap: int | None, stage: Stage) -> Desk:
    """The desk for the next stage: opportunities are no SAL."""
    return replace(desk, sal_cap=desk.sal_cap if stage is Stage.SAL else sal_cap)


def carry_over(
    groups: Mapping[int, Sequence[Standing]], *, by: User | None, now: datetime, note: str
) -> None:
    """Write the hand-overs down: passages, the people concerned, the leads looked at again."""
    steps = [
        _step(standing, rep, by=by, now=now, note=note)
        for rep, standings in groups.items()
        for standing in standings
    ]
    if not steps:
        return
    former = {one.standing.lead_id: one.details["from"] for one in steps}
    pass_on(steps)
    names = dict(Rep.objects.filter(pk__in=groups).values_list("pk", "user__last_name"))
    who = by.full_name if by else ""
    tales = [
        Tale(rep, Telling.REASSIGNED, one.lead_id, {"who": who, "at": now.isoformat()})
        for rep, standings in groups.items()
        for one in standings
    ]
    tales += [
        Tale(
            int(str(former[one.standing.lead_id])),
            Telling.HANDED_OVER,
            one.standing.lead_id,
            {"who": names[one.rep_id or 0], "at": now.isoformat()},
        )
        for one in steps
    ]
    tell_all(tales, now=now)
    wake([one.standing.lead_id for one in steps])


def _step(standing: Standing, rep: int, *, by: User | None, now: datetime, note: str) -> Step:
    return Step(
        standing,
        Verb.REASSIGN,
        standing.position,
        now,
        actor=by,
        note=note,
        details={"from": standing.rep_id, "to": rep},
        owner=Owner.REP,
        rep_id=rep,
    )
