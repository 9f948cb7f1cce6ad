"""The rep's inbox: the offers to decide, why now, and all about one of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce

from accounts.models import User
from funnel.models import Offer, Rep, Standing
from funnel.queries.capacity import Used, used_places
from funnel.queries.happenings import Happening, happenings
from funnel.research import field_label, missing_fields
from funnel.service_levels import FIRST_CONTACT, due
from leads.kinds import BY_ID, SHIPPED, Kind
from leads.models import Event, Lead
from leads.queries import timeline
from scoring.likelihoods import entitled_permille
from scoring.programs import NoLiveRules
from scoring.queries import Explanation, explain

SOON = timedelta(hours=4)
WHY_WINDOW = timedelta(days=90)
EVENTS_READ = 40
EVENTS_SHOWN = 8
MOST_REASONS = 3

# What makes a lead worth a look now: what asks for sales first, then what weighs.
_WEIGHTY = {kind.id: kind for kind in SHIPPED if kind.is_intent or kind.points >= 8}
# Their properties are what the person typed.
_ANSWERED = frozenset(
    {"form_submitted", "quote_requested", "demo_requested", "contact_requested", "meeting_booked"}
)


@dataclass(frozen=True, slots=True)
class WhyNow:
    """The event that says why to look at this lead now."""

    kind: Kind
    at: datetime


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One offer in the queue. ``urgency``: "late", "soon" (within four hours) or ""."""

    offer: Offer
    why: WhyNow | None
    urgency: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """The queue, best first, and the rep's places. Without a desk there is nothing to fill."""

    rows: tuple[InboxRow, ...]
    rep: Rep | None
    used: Used

    @property
    def head(self) -> Head:
        """The queue without its rows."""
        first = self.rows[0].offer if self.rows else None
        return Head(first, len(self.rows), self.rep, self.used)


def queue_of(user: User) -> QuerySet[Offer]:
    """The open offers of one rep, best first, with all that a row shows."""
    offers = Offer.objects.open().filter(rep=user.pk)
    return with_lead(offers).order_by("-lead__standing__priority", "deadline", "id")


def with_lead(offers: QuerySet[Offer]) -> QuerySet[Offer]:
    """The offers with their rep, lead, company, standing, score, and likelihood where one is entitled."""
    offers = offers.annotate(entitled_permille=entitled_permille("lead"))
    return offers.select_related("rep__user", "lead__company", "lead__standing", "lead__score")


def inbox(user: User, *, now: datetime) -> Inbox:
    """What this user has to decide now. Four queries."""
    offers = list(queue_of(user))
    why = why_now([offer.lead_id for offer in offers], now=now)
    rep = offers[0].rep if offers else Rep.objects.select_related("user").filter(pk=user.pk).first()
    rows = tuple(InboxRow(offer, why.get(offer.lead_id), _urgency(offer, now)) for offer in offers)
    return Inbox(rows, rep, used_places([user.pk])[user.pk])


@dataclass(frozen=True, slots=True)
class Head:
    """The best open offer, how many there are, and the rep's places."""

    offer: Offer | None
    waiting: int
    rep: Rep | None
    used: Used

    @property
    def free(self) -> int:
        """Places not taken."""
        return max(0, self.rep.places - self.used.total) if self.rep else 0


def head_of(user: User) -> Head:
    """What to decide next: one query as long as there is something."""
    worked = Standing.objects.filter(rep=user.pk).order_by().values("rep").annotate(leads=Count("pk"))
    offers = queue_of(user).annotate(
        waiting=Window(Count("pk")), worked=Coalesce(Subquery(worked.values("leads")), 0)
    )
    head = offers.first()
    if head is None:
        rep = Rep.objects.filter(pk=user.pk).first()
        return Head(None, 0, rep, used_places([user.pk])[user.pk])
    return Head(head, head.waiting, head.rep, Used(worked=head.worked, offers=head.waiting))


def _urgency(offer: Offer, now: datetime) -> str:
    if offer.deadline <= now:
        return "late"
    return "soon" if offer.deadline <= now + SOON else ""


_WHY = """
SELECT DISTINCT ON (lead_id) lead_id, kind_id, occurred_at FROM leads_event
WHERE lead_id = ANY(%(leads)s) AND kind_id = ANY(%(kinds)s) AND signature_id <> 0 AND occurred_at > %(after)s
ORDER BY lead_id, kind_id = ANY(%(intents)s) DESC, occurred_at DESC
"""


def why_now(lead_ids: Sequence[int], *, now: datetime) -> dict[int, WhyNow]:
    """For each lead the newest act of intent of the last 90 days, else the newest event that weighs."""
    if not lead_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _WHY,
            {
                "leads": list(lead_ids),
                "kinds": list(_WEIGHTY),
                "intents": [number for number, kind in _WEIGHTY.items() if kind.is_intent],
                "after": now - WHY_WINDOW,
            },
        )
        return {lead: WhyNow(BY_ID[kind], at) for lead, kind, at in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Point:
    """A reason for or against a lead, in words; ``points`` are whole points."""

    text: str
    points: int

    @property
    def signed(self) -> str:
        """The points with their sign."""
        return f"{self.points:+d}".replace("-", "−")


@dataclass(frozen=True, slots=True)
class Card:
    """All that a rep needs to decide on one lead."""

    offer: Offer
    pros: tuple[Point, ...]
    cons: tuple[Point, ...]
    events: tuple[Happening, ...]
    answers: tuple[tuple[str, str], ...]
    missing: tuple[tuple[str, str], ...]
    first_contact_due: datetime
    urgency: str

    @property
    def lead(self) -> Lead:
        """Whom it is about."""
        return self.offer.lead


def offer_card(offer: Offer, *, now: datetime) -> Card:
    """The card of an offer that came ``with_lead``. Four queries or so, however much there is."""
    events = list(timeline(offer.lead, limit=EVENTS_READ))
    pros, cons = points_of(offer.lead, now=now)
    return Card(
        offer=offer,
        pros=pros,
        cons=cons,
        events=happenings(events, limit=EVENTS_SHOWN),
        answers=_answers(events),
        missing=tuple((name, field_label(name)) for name in missing_fields(offer.lead)),
        first_contact_due=due(now, FIRST_CONTACT, offer.rep.calendar),
        urgency=_urgency(offer, now),
    )


def points_of(lead: Lead, *, now: datetime) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    """Three reasons for and three against at most, weightiest first; none while no rules are live."""
    try:
        explanation = explain(lead, now=now)
    except NoLiveRules:
        return (), ()
    points = _by_rule(explanation)
    pros = sorted((one for one in points if one.points > 0), key=lambda one: -one.points)
    cons = sorted((one for one in points if one.points < 0), key=lambda one: one.points)
    return tuple(pros[:MOST_REASONS]), tuple(cons[:MOST_REASONS])


def _by_rule(explanation: Explanation) -> list[Point]:
    """The lines of each rule together."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for line in explanation.lines:
        if line.rule:
            sums[line.rule, line.text] += line.points
    return [Point(text, thousandths // 1000) for (_, text), thousandths in sums.items()]


def _answers(events: Sequence[Event]) -> tuple[tuple[str, str], ...]:
    """What the person typed in the newest form, as question and answer."""
    for event in events:
        if event.kind.code in _ANSWERED and event.properties and event.voided_at is None:
            return tuple(
                (name.replace("_", " ").capitalize(), str(value))
                for name, value in event.properties.items()
                if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip()
            )
    return ()
