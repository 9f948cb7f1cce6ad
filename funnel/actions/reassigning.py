"""Some leads of one rep to another, or each to the colleague who suits best: first as a plan, then done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from funnel.actions.grounds import checked_note
from funnel.actions.handing_over import HandedOver, carry_over, locked_desks, spread
from funnel.actions.standing import manages_sales
from funnel.allocation import Desk
from funnel.models import Rep, Standing
from funnel.queries.waiting import desks_of
from funnel.refusals import NotYours
from funnel.stages import Stage

_NO_LIMIT = 1_000_000


def foresee_reassignment(
    *, rep: Rep, leads: Sequence[int], to: Rep | None, now: datetime, beyond_caps: bool = False
) -> HandedOver:
    """Who would get which of these leads of the rep (ids), and which would stay. Changes nothing."""
    standings = list(_of(rep, leads))
    desks = {desk.rep: desk for desk in desks_of(list(_others(rep, to)), now=now)}
    return _shared_out(standings, _opened(desks, beyond_caps), now)


@transaction.atomic
def reassign(
    *,
    rep: Rep,
    leads: Sequence[int],
    to: Rep | None,
    by: User,
    now: datetime,
    note: str = "",
    beyond_caps: bool = False,
) -> HandedOver:
    """Hand these leads of the rep (ids) over; the stage of each stays as it is, both reps are told.

    Caps hold unless ``beyond_caps``, which a note has to explain. What finds no place stays, as do leads that
    the rep does not work any more. Raises NotYours for who does not manage sales, Incomplete.
    """
    if not manages_sales(by):
        raise NotYours
    text = checked_note(note, required=beyond_caps)
    standings = list(_of(rep, leads).select_for_update(of=("lead", "self"), no_key=True))
    desks = locked_desks([one.pk for one in _others(rep, to)], now)
    made = _shared_out(standings, _opened(desks, beyond_caps), now)
    groups: dict[int, list[Standing]] = {}
    for standing in standings:
        if standing.lead_id in made.moved:
            groups.setdefault(made.moved[standing.lead_id], []).append(standing)
    carry_over(groups, by=by, now=now, note=text)
    return made


def _of(rep: Rep, leads: Sequence[int]) -> QuerySet[Standing]:
    """The leads among these that the rep works, in the order in which they are locked."""
    worked = Standing.objects.filter(rep=rep, stage__in=[Stage.SAL, Stage.SQL], lead__in=leads)
    return worked.select_related("lead").order_by("lead")


def _others(rep: Rep, to: Rep | None) -> QuerySet[Rep]:
    """To whom: this one, or any colleague with an open desk."""
    if to is not None:
        return Rep.objects.whole().filter(pk=to.pk)
    return Rep.objects.whole().filter(is_active=True).exclude(pk=rep.pk)


def _opened(desks: dict[int, Desk], beyond_caps: bool) -> dict[int, Desk]:
    """The desks as a hand-over sees them: no cap on offers a day; beyond caps none at all."""
    opened = {number: replace(desk, offers_per_day=_NO_LIMIT) for number, desk in desks.items()}
    if not beyond_caps:
        return opened
    return {number: replace(desk, places=_NO_LIMIT, sal_cap=None) for number, desk in opened.items()}


def _shared_out(standings: Sequence[Standing], desks: dict[int, Desk], now: datetime) -> HandedOver:
    found = spread(standings, desks, now) if standings else {}
    return HandedOver(found, [one.lead_id for one in standings if one.lead_id not in found])
