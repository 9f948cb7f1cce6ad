"""What follows when a rep's places, hours, rules or presence change."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from accounts.actions import end_sessions
from accounts.models import User
from funnel.actions.handing_over import HandedOver, hand_over_all
from funnel.actions.offers import expire_offers
from funnel.actions.standing import manages_sales
from funnel.models import Absence, Offer, Rep
from funnel.queries.waiting import waiting_room
from funnel.refusals import Incomplete, NotYours
from leads.actions import agenda

LONGEST_NOTE = 200


def desk_changed(rep: Rep) -> None:
    """Have the offers of this rep looked at, and the best of the waiting leads: a place may be free now."""
    offered = Offer.objects.open().filter(rep=rep).values_list("lead", flat=True)
    waiting = waiting_room().values_list("lead", flat=True)[:1]
    agenda.wake([*offered, *waiting])


@transaction.atomic
def go_on_leave(
    *,
    rep: Rep,
    first_day: date,
    by: User,
    now: datetime,
    last_day: date | None = None,
    note: str = "",
    hands_over: bool = False,
    deputy: Rep | None = None,
) -> Absence:
    """The rep is away on these days, both included; without a last day until further notice.

    What is on their table goes to others on the first day, at once when that is today or past. Who manages
    sales may enter it for anybody, reps for themselves. Raises NotYours; Incomplete (``absence_order``,
    ``absence_twice``, ``note_too_long``).
    """
    if rep.pk != by.pk and not manages_sales(by):
        raise NotYours
    if last_day is not None and last_day < first_day:
        raise Incomplete("absence_order", field="last_day")
    if len(note) > LONGEST_NOTE:
        raise Incomplete("note_too_long", field="note", limit=LONGEST_NOTE)
    values = {"last_day": last_day, "note": note, "hands_over": hands_over, "deputy": deputy}
    absence, is_new = Absence.objects.get_or_create(rep=rep, first_day=first_day, defaults=values)
    if not is_new:
        raise Incomplete("absence_twice", field="first_day")
    begin_absences(now=now, rep=rep)
    return absence


@transaction.atomic
def call_off_leave(*, absence: Absence, by: User, now: datetime) -> None:
    """The rep is there after all: an absence to come is forgotten, one that has begun ends yesterday.

    Leads that were handed over stay where they are. Raises NotYours.
    """
    if absence.rep_id != by.pk and not manages_sales(by):
        raise NotYours
    yesterday = date.fromordinal(absence.rep.calendar.local_day(now).toordinal() - 1)
    if absence.first_day > yesterday:
        absence.delete()
    else:
        Absence.objects.filter(pk=absence.pk).update(last_day=yesterday)
    desk_changed(absence.rep)


def begin_absences(*, now: datetime, rep: Rep | None = None) -> list[HandedOver]:
    """Carry out the absences whose first day has come in the rep's own time zone, each once."""
    latest = now.date().toordinal() + 1
    waiting = Absence.objects.filter(begun_at=None, first_day__lte=date.fromordinal(latest))
    if rep is not None:
        waiting = waiting.filter(rep=rep)
    return [
        done
        for one in waiting.select_related("rep__user", "deputy").order_by("pk")
        if (done := _begin(one, now=now)) is not None
    ]


@transaction.atomic
def _begin(absence: Absence, *, now: datetime) -> HandedOver | None:
    """Offers go back to the waiting room; where it was said, leads being worked go to colleagues."""
    today = absence.rep.calendar.local_day(now)
    if absence.first_day > today:
        return None
    if not Absence.objects.filter(pk=absence.pk, begun_at=None).update(begun_at=now):
        return None
    if absence.last_day is not None and absence.last_day < today:
        return HandedOver({})
    done = HandedOver({})
    if absence.hands_over:
        done = hand_over_all(rep=absence.rep, by=None, now=now, to=absence.deputy, note=absence.note)
    _clear_table(absence.rep, now=now)
    return done


def _clear_table(rep: Rep, *, now: datetime) -> None:
    """The open offers of a rep who is away or gone go back; what waits is looked at again."""
    offered = list(Offer.objects.open().filter(rep=rep).values_list("lead", flat=True))
    expire_offers(now=now, lead_ids=offered)
    desk_changed(rep)


@transaction.atomic
def deactivate(
    *, rep: Rep, by: User, now: datetime, to: Rep | None = None, ends_access: bool = False
) -> HandedOver:
    """The rep's desk is closed: open offers go to others, leads being worked to ``to`` or to who suits best.

    What finds no place is left to be handed over by the manager. With ``ends_access`` the user can no longer
    sign in, and every session ends now. Raises NotYours for who does not manage sales.
    """
    if not manages_sales(by):
        raise NotYours
    Rep.objects.filter(pk=rep.pk).update(is_active=False)
    rep.is_active = False
    if ends_access:
        User.objects.filter(pk=rep.pk).update(is_active=False)
        end_sessions(user=rep.user)
    done = hand_over_all(rep=rep, by=by, now=now, to=to)
    _clear_table(rep, now=now)
    return done


@transaction.atomic
def reactivate(*, rep: Rep, by: User) -> None:
    """The desk is open again and takes its part of what waits. Raises NotYours."""
    if not manages_sales(by):
        raise NotYours
    Rep.objects.filter(pk=rep.pk).update(is_active=True)
    rep.is_active = True
    desk_changed(rep)
