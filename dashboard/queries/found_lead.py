"""Finding one lead that somebody may see, with all that hangs beside it, in one query."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import FilteredRelation, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.utils.functional import Promise

from accounts.models import User
from dashboard.curve import Change
from funnel.choices import OfferStatus
from funnel.models import Offer, Opportunity
from leads.channels import Channel
from leads.choices import ConsentState, ContactChannel, Purpose
from leads.custom_fields import About
from leads.duplicate_words import in_words
from leads.models import ConsentEvent, CustomField, DuplicateCandidate, Lead, Merge, Touch
from scoring.likelihoods import entitled_permille
from scoring.models import ScoreChange

TOUCHES_SHOWN = 50
COURSE_SHOWN = 240


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
    course: list[Change]
    own_fields: list[CustomField]


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


# How the score went, newest first.
_COURSE = ArraySubquery(
    ScoreChange.objects.filter(lead=OuterRef("pk"))
    .order_by("-at", "-id")
    .values(
        json=JSONObject(
            at="at",
            fit="fit",
            engagement="engagement",
            grade="grade",
            level="level",
            cause="cause",
            event_id="event_id",
            version="rules_version",
        )
    )[:COURSE_SHOWN]
)


# The site's own fields: the same for every lead, but one query less than by themselves.
_OWN_FIELDS = ArraySubquery(
    CustomField.objects.of(About.LEAD).values(
        json=JSONObject(**{field.name: field.name for field in CustomField._meta.concrete_fields})
    )
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
            course=_COURSE,
            own_fields=_OWN_FIELDS,
            entitled_permille=entitled_permille("pk"),
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
        own_fields=[CustomField(**row) for row in beside["own_fields"]],
        course=[_change(**row) for row in reversed(beside["course"])],
    )


def _twin(lead: Lead, *, low: str, high: str, score: int, reasons: list[str]) -> Twin:
    other = high if low == str(lead.public_id) else low
    return Twin(other, score, in_words(reasons))


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


def _change(*, at: str, **values: Any) -> Change:
    return Change(at=dt.datetime.fromisoformat(at), **values)


def _business(
    *, product: str, expected_amount: float | None, expected_close: str | None, amount: float | None
) -> Business:
    return Business(
        product=product,
        expected_amount=None if expected_amount is None else Decimal(str(expected_amount)),
        expected_close=dt.date.fromisoformat(expected_close) if expected_close else None,
        amount=None if amount is None else Decimal(str(amount)),
    )
