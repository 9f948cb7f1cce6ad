"""Everything about one lead, for its page. Eight queries besides the score's own explanation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from dashboard import timeline
from dashboard.ledger import Ledger, ledger
from dashboard.profile import Fact, company_facts, facts_of
from funnel.models import Offer, Opportunity, Passage, Standing
from funnel.stages import Stage
from leads.models import ConsentEvent, Event, Lead, ProfileChange
from nurturing.models import Message
from nurturing.queries import messages_of
from scoring.programs import NoLiveRules
from scoring.queries import Explanation, explain

EVENTS_SHOWN = 80
PASSAGES_SHOWN = 200
CHANGES_SHOWN = 300
MESSAGES_SHOWN = 40
LADDER = (Stage.LEAD, Stage.MQL, Stage.SAL, Stage.SQL, Stage.CUSTOMER)


@dataclass(frozen=True)
class Step:
    """One step of the stage stepper: done, now, next, or off (reached once, stands elsewhere now)."""

    code: str
    state: str


@dataclass(frozen=True)
class Cycle:
    """One round of a lead through the funnel."""

    number: int
    began: dt.datetime
    ended: dt.datetime | None
    furthest: str
    outcome: str


@dataclass(frozen=True)
class LeadPage:
    """What the page of one lead shows."""

    lead: Lead
    standing: Standing | None
    explanation: Explanation | None
    fit: Ledger
    engagement: Ledger
    steps: list[Step]
    facts: list[Fact]
    company: list[Fact]
    days: list[timeline.Day]
    has_older: bool
    messages: list[Message]
    consents: list[ConsentEvent]
    cycles: list[Cycle]
    offer: Offer | None
    opportunity: Opportunity | None


def find_lead(user: User, public_id: UUID) -> Lead:
    """The lead of this public id, if this user may see it; raises Lead.DoesNotExist otherwise."""
    rows = Lead.objects.visible_to(user).present()
    related = ("company", "owner", "former_owner", "offered_to", "standing__rep__user", "score")
    return rows.select_related(*related).get(public_id=public_id)


def lead_page(lead: Lead, *, now: dt.datetime) -> LeadPage:
    """The page of ``lead`` as of ``now``."""
    standing = getattr(lead, "standing", None)
    explanation = _explanation(lead, now)
    passages = list(
        Passage.objects.filter(lead=lead).select_related("reason").order_by("-id")[:PASSAGES_SHOWN]
    )
    changes = list(
        ProfileChange.objects.filter(lead=lead).select_related("by").order_by("-at", "-id")[:CHANGES_SHOWN]
    )
    events = list(newest_events(lead))
    messages = list(messages_of(lead.pk)[:MESSAGES_SHOWN])
    return LeadPage(
        lead=lead,
        standing=standing,
        explanation=explanation,
        fit=ledger(explanation.fit_lines if explanation else ()),
        engagement=ledger(explanation.engagement_lines if explanation else ()),
        steps=steps(standing, passages),
        facts=facts_of(lead, changes, explanation.missing if explanation else ()),
        company=company_facts(lead.company) if lead.company else [],
        days=timeline.timeline(events[:EVENTS_SHOWN], passages, messages, changes),
        has_older=len(events) > EVENTS_SHOWN,
        messages=messages,
        consents=last_consents(lead),
        cycles=cycles(passages),
        offer=Offer.objects.filter(lead=lead, status="open").select_related("rep__user").first(),
        opportunity=Opportunity.objects.filter(lead=lead).order_by("-cycle").first(),
    )


def _explanation(lead: Lead, now: dt.datetime) -> Explanation | None:
    """Why the lead has its score; None while no rules are live."""
    try:
        return explain(lead, now=now)
    except NoLiveRules:
        return None


def newest_events(lead: Lead) -> QuerySet[Event]:
    """The newest events, one more than is shown."""
    rows = Event.objects.filter(lead=lead).select_related("kind", "content")
    return rows.order_by("-occurred_at", "-id")[: EVENTS_SHOWN + 1]


def last_consents(lead: Lead) -> list[ConsentEvent]:
    """The last word on each purpose and channel."""
    rows = ConsentEvent.objects.filter(lead=lead).order_by("purpose", "channel", "-at", "-id")
    return list(rows.distinct("purpose", "channel"))


def steps(standing: Standing | None, passages: Sequence[Passage]) -> list[Step]:
    """The ladder of stages as far as this cycle went; a lead that stands aside has no step that is now."""
    if standing is None:
        return [Step(stage, "next") for stage in LADDER]
    if standing.stage in LADDER:
        here = LADDER.index(Stage(standing.stage))
        return [
            Step(stage, "done" if place < here else "now" if place == here else "next")
            for place, stage in enumerate(LADDER)
        ]
    furthest = _furthest(passage for passage in passages if passage.cycle == standing.cycle)
    return [Step(stage, "off" if place <= furthest else "next") for place, stage in enumerate(LADDER)]


def cycles(passages: Sequence[Passage]) -> list[Cycle]:
    """The rounds through the funnel, newest first; ``passages`` come newest first."""
    found = []
    for number in sorted({passage.cycle for passage in passages}, reverse=True):
        round_ = [passage for passage in passages if passage.cycle == number]
        newer = [passage for passage in passages if passage.cycle > number]
        found.append(
            Cycle(
                number=number,
                began=round_[-1].at,
                ended=newer[-1].at if newer else None,
                furthest=LADDER[_furthest(round_)],
                outcome=next((passage.outcome for passage in round_ if passage.outcome), ""),
            )
        )
    return found


def _furthest(passages: Iterable[Passage]) -> int:
    reached = [LADDER.index(Stage(p.to_stage)) for p in passages if p.to_stage in LADDER]
    return max(reached, default=0)
