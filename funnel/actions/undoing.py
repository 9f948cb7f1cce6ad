"""Taking a decision back: a passage that restores what stood before, while nothing has come after it.

For ``UNDO_IN_PAGE`` nothing follows from a person's decision (funnel.actions.standing.record_decision), so
undoing it then leaves no trace but history. Until ``UNDO_ON_SERVER`` it is possible as long as the lead
stands where the decision put it and its place is still free.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from funnel.actions.offers import DEADLINE_PURPOSE
from funnel.actions.passages import Owner, Step, last_passage, pass_on
from funnel.actions.standing import WAKE_PURPOSE, held, manages_sales
from funnel.choices import OfferStatus
from funnel.days import start_of_day
from funnel.models import Offer, Opportunity, Passage, Rep, Standing
from funnel.queries.capacity import used_places
from funnel.refusals import NotYours, Refused
from funnel.service_levels import DECIDED_PURPOSE, UNDO_IN_PAGE, UNDO_ON_SERVER
from funnel.stages import OFFERED, SAL, SQL, Position, Situation, Stage, Verb
from leads.actions.agenda import cancel, schedule, wake
from leads.actions.events import record_event
from leads.kinds import BY_CODE
from leads.models import Event, Source
from leads.webhooks import outbox
from scoring.actions.voidings import void_one

# The events by which decisions tell of themselves.
_DECISIONS = (
    *("accepted", "returned", "disqualified", "offer_refused", "qualified", "won", "lost", "referred"),
    *("reopened", "became_mql", "cooled_down", "woken"),
)


@transaction.atomic
def undo(*, passage: Passage, by: User, now: datetime, within: bool = True) -> Standing:
    """Take a person's passage back: everything stands again as before it. Doing it twice is no error.

    ``within``: only as long as UNDO_ON_SERVER after it; a run over many leads may be taken back later.
    Raises Refused: ``undo_too_late``, ``undo_moved_on``, ``undo_no_place``, ``undo_impossible``; NotYours
    unless ``by`` decided it or manages sales.
    """
    standing = held(passage.lead_id)
    if passage.actor_id != by.pk and not manages_sales(by):
        raise NotYours
    last = last_passage(passage.lead_id)
    if last is not None and last.undoes_id == passage.pk:
        return standing
    if last is None or last.pk != passage.pk:
        raise Refused("undo_moved_on")
    if within and now > passage.at + UNDO_ON_SERVER:
        raise Refused("undo_too_late")
    _take_back(standing, last, by, now)
    return standing


def _take_back(standing: Standing, undone: Passage, by: User, now: datetime) -> None:
    """The passage back, and everything that the decision did besides."""
    before = Position(Stage(undone.from_stage), Situation(undone.from_situation))
    details: dict[str, object] = {"undoes": undone.pk, "verb": undone.verb}
    rep = _holder(undone) if before in (OFFERED, SAL, SQL) else None
    desk = Rep.objects.select_for_update(no_key=True).filter(pk=rep).first() if rep else None
    pass_on(
        [
            Step(
                standing,
                Verb.UNDO,
                before,
                now,
                actor=by,
                details=details,
                owner=Owner.AS_BEFORE,
                undoes=undone,
            )
        ]
    )
    if before == OFFERED:
        _reopen_offer(undone, now)
    _restore_opportunity(undone)
    if desk and now > undone.at + UNDO_IN_PAGE:
        _require_place(desk, now)
    _forget_what_follows(standing, undone, by, now)


def _holder(undone: Passage) -> int | None:
    """Whose place the lead had: who worked it, or to whom it was offered."""
    before = undone.before or {}
    rep = before.get("standing", {}).get("rep_id") or before.get("offered_to_id")
    return int(rep) if rep else None


def _reopen_offer(undone: Passage, now: datetime) -> None:
    """The offer that was decided is open again, for at least as long as it still had. Raises Refused."""
    closed = Offer.objects.filter(lead=undone.lead_id, decided_at=undone.at).exclude(status=OfferStatus.OPEN)
    offer = closed.select_for_update(of=("self",), no_key=True).order_by("-id").first()
    if offer is None:
        raise Refused("undo_impossible")
    offer.status, offer.decided_at, offer.decided_by = OfferStatus.OPEN, None, None
    offer.reason, offer.note, offer.value_rating = None, "", None
    offer.deadline = max(offer.deadline + (now - undone.at), now + UNDO_IN_PAGE)
    offer.save()
    schedule(lead_id=offer.lead_id, purpose=DEADLINE_PURPOSE, due_at=offer.deadline)


def _restore_opportunity(undone: Passage) -> None:
    """The business as it was; one that the decision opened is gone."""
    before = undone.before or {}
    if "opportunity" not in before:
        return
    found = Opportunity.objects.filter(lead=undone.lead_id, cycle=undone.cycle)
    row = before["opportunity"]
    if row is None:
        found.delete()
        return
    kept = ("id", "lead_id", "cycle")
    fields = [field for field in Opportunity._meta.concrete_fields if field.attname not in kept]
    found.update(**{f.attname: f.to_python(row[f.attname]) for f in fields if f.attname in row})


def _require_place(desk: Rep, now: datetime) -> None:
    """The lead may have its place back only while that is free. Raises Refused("undo_no_place")."""
    if used_places([desk.pk], now=now)[desk.pk].total > desk.places:
        raise Refused("undo_no_place")


def _forget_what_follows(standing: Standing, undone: Passage, by: User, now: datetime) -> None:
    """The decision's event counts no more, what was to be told of it stays untold; then all is looked at."""
    kinds = [BY_CODE[code].id for code in _DECISIONS]
    events = Event.objects.filter(
        lead=standing.lead_id, occurred_at=undone.at, source_id=Source.PEOPLE, kind_id__in=kinds
    )
    found = list(events)
    void_one(events=found, reason=_("Decision undone"), by=by, now=now)
    outbox.take_back(standing.lead_id, [event.event_id for event in found])
    cancel(lead_ids=[standing.lead_id], purpose=DECIDED_PURPOSE)
    if standing.wake_on:
        schedule(lead_id=standing.lead_id, purpose=WAKE_PURPOSE, due_at=start_of_day(standing.wake_on))
    if now > undone.at + UNDO_IN_PAGE:
        record_event(
            lead_id=standing.lead_id,
            kind="decision_undone",
            occurred_at=now,
            now=now,
            source=Source.PEOPLE,
            properties={"decision": undone.verb},
        )
    wake([standing.lead_id])
