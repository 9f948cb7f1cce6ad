"""The rep's inbox: the offers to decide, those put aside, and the places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Count, IntegerField, QuerySet, Sum, When, Window

from accounts.models import User
from funnel.models import Offer, Rep
from funnel.queries.answers import answer_due
from funnel.queries.capacity import Used, used_places
from funnel.queries.duplicates import has_double
from funnel.queries.offer_card import urgency_of
from funnel.queries.policy import contact_hours
from funnel.queries.why_now import WhyNow, why_now
from leads.kinds import BY_ID, Kind
from scoring.likelihoods import entitled_permille


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One offer in the queue. ``urgency``: see funnel.queries.offer_card.urgency_of."""

    offer: Offer
    why: WhyNow | None
    urgency: str

    @property
    def back(self) -> Kind | None:
        """What brought it back after it had been put aside."""
        return BY_ID.get(self.offer.woken_by or 0)


@dataclass(frozen=True, slots=True)
class Inbox:
    """The queue, best first, what was put aside, and the rep's places (none without a desk)."""

    rows: tuple[InboxRow, ...]
    asleep: tuple[InboxRow, ...]
    rep: Rep | None
    used: Used

    @property
    def head(self) -> Head:
        """The queue without its rows."""
        first = self.rows[0].offer if self.rows else None
        return Head(first, len(self.rows), self.rep, self.used)


def queue_of(user: User, *, now: datetime) -> QuerySet[Offer]:
    """The open offers of one rep with all that a row shows: best first, those put aside at the end."""
    offers = Offer.objects.open().filter(rep=user.pk)
    return with_lead(offers).order_by(_asleep(now), "-lead__standing__priority", "deadline", "id")


def _asleep(now: datetime) -> Case:
    """1 for an offer that was put aside, else 0."""
    return Case(When(snoozed_until__gt=now, then=1), default=0, output_field=IntegerField())


def with_lead(offers: QuerySet[Offer]) -> QuerySet[Offer]:
    """The offers with their rep, lead, company, standing, score, entitled likelihood, until when the
    lead is promised an answer, and whether it is likely a duplicate."""
    offers = offers.annotate(entitled_permille=entitled_permille("lead"), has_double=has_double("lead"))
    offers = offers.annotate(contact_hours=contact_hours(), answer_due=answer_due("lead"))
    return offers.select_related("rep__user", "lead__company", "lead__standing", "lead__score")


def inbox(user: User, *, now: datetime) -> Inbox:
    """What this user has to decide now. Five queries."""
    offers = list(queue_of(user, now=now).prefetch_related("rep__absences"))
    why = why_now([offer.lead_id for offer in offers], now=now)
    rep = offers[0].rep if offers else _rep(user)
    rows = [InboxRow(offer, why.get(offer.lead_id), urgency_of(offer, now)) for offer in offers]
    return Inbox(
        tuple(row for row in rows if not row.offer.is_snoozed_at(now)),
        tuple(row for row in rows if row.offer.is_snoozed_at(now)),
        rep,
        used_places([user.pk], now=now)[user.pk],
    )


def _rep(user: User) -> Rep | None:
    return Rep.objects.select_related("user").filter(pk=user.pk).first()


@dataclass(frozen=True, slots=True)
class Head:
    """The best offer to decide, how many there are, and the rep's places (without ``used``: not counted)."""

    offer: Offer | None
    waiting: int
    rep: Rep | None
    used: Used | None = None

    @property
    def free(self) -> int:
        """Places not taken."""
        return max(0, self.rep.places - self.used.total) if self.rep and self.used else 0


def head_of(user: User, *, now: datetime, rep: Rep | None = None) -> Head:
    """What to decide next, in one query as long as there is something; ``rep``: the user's desk if known."""
    counted = queue_of(user, now=now).annotate(total=Window(Count("pk")), put_aside=Window(Sum(_asleep(now))))
    first = counted.first()
    if first is None or first.is_snoozed_at(now):
        return Head(None, 0, rep or _rep(user), used_places([user.pk], now=now)[user.pk])
    if rep is not None and rep.pk == first.rep_id:
        first.rep = rep
    return Head(first, first.total - first.put_aside, first.rep)


def ahead_of(user: User, offer: Offer, *, now: datetime) -> Offer | None:
    """Which offer would be shown once this one is decided."""
    others = queue_of(user, now=now).exclude(pk=offer.pk).exclude(snoozed_until__gt=now)
    return others.first()
