"""Everything about one lead, for its page. Nine queries besides the score's own explanation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils.functional import Promise

from accounts.models import User
from dashboard import timeline
from dashboard.custom_values import custom_facts
from dashboard.ledger import Ledger, ledger
from dashboard.profile import Fact, company_facts, facts_of
from funnel.choices import OfferStatus
from funnel.models import Offer, Opportunity, Passage, Standing
from funnel.stages import Stage
from leads.actions.verdicts import key_of, reasons_of
from leads.channels import Channel
from leads.choices import ConsentState, ContactChannel, Purpose
from leads.custom_fields import About
from leads.duplicate_words import in_words
from leads.models import (
    ConsentEvent,
    CustomField,
    DuplicateCandidate,
    Event,
    Lead,
    Merge,
    ProfileChange,
    Touch,
    Verdict,
)
from nurturing.models import Message
from nurturing.queries import messages_of
from scoring.programs import NoLiveRules
from scoring.queries import Explanation, explain

EVENTS_SHOWN = 80
PASSAGES_SHOWN = 200
CHANGES_SHOWN = 300
MESSAGES_SHOWN = 40
TOUCHES_SHOWN = 50
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
class ConsentLine:
    """What the lead last said about one purpose on one channel."""

    purpose: str | Promise
    channel: str | Promise
    state: ConsentState
    at: dt.datetime


@dataclass(frozen=True)
class TouchLine:
    """One time the lead came, and by which source."""

    at: dt.datetime
    channel: str | Promise
    campaign: str
    referrer: str


@dataclass(frozen=True)
class Business:
    """What the lead's latest opportunity is about; amounts in euros."""

    product: str
    expected_amount: Decimal | None
    expected_close: dt.date | None
    amount: Decimal | None


@dataclass(frozen=True)
class Twin:
    """Another lead that is likely the same person: its public id, how alike in percent, and why."""

    public_id: str
    score: int
    reasons: list[str]


@dataclass(frozen=True)
class Merged:
    """A lead that was merged into this one; ``id`` is the merge's, which can be undone."""

    id: str
    at: dt.datetime
    email: str | None
    phone: str | None


@dataclass(frozen=True)
class Found:
    """A lead that somebody may see, with what was fetched along with it."""

    lead: Lead
    offer: Offer | None
    consents: list[ConsentLine]
    business: Business | None
    twins: list[Twin]
    merges: list[Merged]
    touches: list[TouchLine]


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
    consents: list[ConsentLine]
    cycles: list[Cycle]
    offer: Offer | None
    business: Business | None
    touches: list[TouchLine]


# The last word on each purpose and channel, and the latest business, fetched with the lead itself.
_LAST_CONSENTS = ArraySubquery(
    ConsentEvent.objects.filter(lead=OuterRef("pk"))
    .order_by("purpose", "channel", "-at", "-id")
    .distinct("purpose", "channel")
    .values(json=JSONObject(purpose="purpose", channel="channel", state="state", at="at"))
)
_LAST_BUSINESS = Subquery(
    Opportunity.objects.filter(lead=OuterRef("pk"))
    .order_by("-cycle")
    .values(
        json=JSONObject(
            product="product",
            expected_amount="expected_amount",
            expected_close="expected_close",
            amount="amount",
        )
    )[:1]
)


# Who may be the same person, and who was merged in: both directions of a pair, in the lead's own query.
_PAIRS = ArraySubquery(
    DuplicateCandidate.objects.filter(Q(low=OuterRef("pk")) | Q(high=OuterRef("pk")), state="open")
    .order_by("-score", "-pk")
    .values(json=JSONObject(low="low__public_id", high="high__public_id", score="score", reasons="reasons"))[
        :5
    ]
)
_MERGES = ArraySubquery(
    Merge.objects.filter(kept=OuterRef("pk"), undone_at=None)
    .order_by("-at")
    .values(json=JSONObject(id="public_id", at="at", email="away__email", phone="away__phone"))
)


# Every touch, oldest first, with its campaign's name.
_TOUCHES = ArraySubquery(
    Touch.objects.filter(lead=OuterRef("pk"))
    .order_by("at", "pk")
    .values(json=JSONObject(at="at", channel="channel", campaign="campaign__name", referrer="referrer"))[
        :TOUCHES_SHOWN
    ]
)


def find_lead(user: User, public_id: UUID) -> Found:
    """The lead of this public id, if this user may see it, in one query; else Lead.DoesNotExist."""
    related = ("company", "owner", "former_owner", "offered_to", "standing", "score", "open_offer__rep__user")
    rows = (
        Lead.objects.visible_to(user)
        .present()
        .annotate(
            open_offer=FilteredRelation("offers", condition=Q(offers__status=OfferStatus.OPEN)),
            consents=_LAST_CONSENTS,
            business=_LAST_BUSINESS,
            came_by=_TOUCHES,
            pairs=_PAIRS,
            merged=_MERGES,
        )
    )
    lead = rows.select_related(*related).get(public_id=public_id)
    beside = vars(lead)
    return Found(
        lead=lead,
        offer=beside.get("open_offer"),
        consents=[_consent(**row) for row in beside["consents"]],
        business=_business(**beside["business"]) if beside["business"] else None,
        touches=[_touch(**row) for row in beside["came_by"]],
        twins=[_twin(lead, **row) for row in beside["pairs"]],
        merges=[Merged(**row | {"at": dt.datetime.fromisoformat(row["at"])}) for row in beside["merged"]],
    )


def _twin(lead: Lead, *, low: str, high: str, score: int, reasons: list[str]) -> Twin:
    other = high if low == str(lead.public_id) else low
    return Twin(other, score, in_words(reasons))


def lead_page(found: Found, *, now: dt.datetime) -> LeadPage:
    """The page of a lead as of ``now``."""
    lead = found.lead
    standing = getattr(lead, "standing", None)
    explanation = _explanation(lead, now)
    passages = list(
        Passage.objects.filter(lead=lead).select_related("reason").order_by("-id")[:PASSAGES_SHOWN]
    )
    changes = list(
        # Its passages tell of its stages.
        ProfileChange.objects.filter(lead=lead)
        .exclude(field="stage")
        .select_related("by")
        .order_by("-at", "-id")[:CHANGES_SHOWN]
    )
    events = list(newest_events(lead))
    tell_reasons(events)
    messages = list(messages_of(lead.pk)[:MESSAGES_SHOWN])
    return LeadPage(
        lead=lead,
        standing=standing,
        explanation=explanation,
        fit=ledger(explanation.fit_lines if explanation else ()),
        engagement=ledger(explanation.engagement_lines if explanation else ()),
        steps=steps(standing, passages),
        facts=_facts(lead, changes, explanation.missing if explanation else ()),
        company=company_facts(lead.company) if lead.company else [],
        days=timeline.timeline(events[:EVENTS_SHOWN], passages, messages, changes),
        has_older=len(events) > EVENTS_SHOWN,
        messages=messages,
        consents=found.consents,
        cycles=cycles(passages),
        offer=found.offer,
        business=found.business,
        touches=found.touches,
    )


def _facts(lead: Lead, changes: list[ProfileChange], missing: Collection[str]) -> list[Fact]:
    """The standard profile, then the site's own fields."""
    own = CustomField.objects.of(About.LEAD)
    return [*facts_of(lead, changes, missing), *custom_facts(lead, own, changes, missing)]


def tell_reasons(events: Iterable[Event]) -> None:
    """Put beside each machine's event why it is held to be one; a query only where there is any."""
    machines = [event for event in events if event.verdict == Verdict.MACHINE]
    found = reasons_of(machines)
    for event in machines:
        vars(event)["reasons"] = found.get(key_of(event), [])


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


def _consent(*, purpose: str, channel: str, state: str, at: str) -> ConsentLine:
    return ConsentLine(
        purpose=Purpose(purpose).label,
        channel=ContactChannel(channel).label,
        state=ConsentState(state),
        at=dt.datetime.fromisoformat(at),
    )


def _touch(*, at: str, channel: str, campaign: str | None, referrer: str) -> TouchLine:
    label = Channel(channel).label if channel in Channel.values else "—"
    return TouchLine(dt.datetime.fromisoformat(at), label, campaign or "", referrer)


def _business(
    *, product: str, expected_amount: float | None, expected_close: str | None, amount: float | None
) -> Business:
    return Business(
        product=product,
        expected_amount=None if expected_amount is None else Decimal(str(expected_amount)),
        expected_close=dt.date.fromisoformat(expected_close) if expected_close else None,
        amount=None if amount is None else Decimal(str(amount)),
    )


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
