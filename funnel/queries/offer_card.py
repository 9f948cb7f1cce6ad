"""All about one offer: why this lead, what it did and wrote, what nobody knows, who else it may be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from funnel.models import Offer
from funnel.queries.duplicates import Likely, likely_duplicates
from funnel.queries.happenings import Happening, happenings
from funnel.queries.policy import first_contact_of
from funnel.research import field_label, missing_fields
from funnel.service_levels import due
from leads.models import Event, Lead
from leads.queries import timeline
from scoring.programs import NoLiveRules
from scoring.queries import Explanation, explain

SOON = timedelta(hours=4)
EVENTS_READ = 40
EVENTS_SHOWN = 8
MOST_REASONS = 3

# Their properties are what the person typed.
_ANSWERED = frozenset(
    {"form_submitted", "quote_requested", "demo_requested", "contact_requested", "meeting_booked"}
)


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
    """All that a rep needs to decide on one lead. ``urgency``: see ``urgency_of``."""

    offer: Offer
    pros: tuple[Point, ...]
    cons: tuple[Point, ...]
    events: tuple[Happening, ...]
    answers: tuple[tuple[str, str], ...]
    missing: tuple[tuple[str, str], ...]
    duplicates: tuple[Likely, ...]
    first_contact_due: datetime
    urgency: str
    is_snoozed: bool

    @property
    def lead(self) -> Lead:
        """Whom it is about."""
        return self.offer.lead


def offer_card(offer: Offer, user: User, *, now: datetime) -> Card:
    """The card of an offer that came ``with_lead``. Three queries, and one if there may be duplicates."""
    events = list(timeline(offer.lead, limit=EVENTS_READ))
    pros, cons = points_of(offer.lead, now=now)
    return Card(
        offer=offer,
        pros=pros,
        cons=cons,
        events=happenings(events, limit=EVENTS_SHOWN),
        answers=_answers(events),
        missing=tuple((name, field_label(name)) for name in missing_fields(offer.lead)),
        duplicates=likely_duplicates(offer.lead, user) if vars(offer)["has_double"] else (),
        first_contact_due=due(now, first_contact_of(offer), offer.rep.calendar),
        urgency=urgency_of(offer, now),
        is_snoozed=offer.is_snoozed_at(now),
    )


def urgency_of(offer: Offer, now: datetime) -> str:
    """ "late", "soon" (less than four hours are left) or ""."""
    if offer.deadline <= now:
        return "late"
    return "soon" if offer.deadline <= now + SOON else ""


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
