"""Taking quick entries: a card typed by one of us becomes a lead with its event, consents and touch, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.text import slugify

from accounts.models import User
from capture.choices import QuickMode
from capture.models import QuickEntry
from leads.actions.consent import record_consents
from leads.actions.events import new_event, record_events
from leads.actions.people import Arrival, Identity, Recognised, recognise
from leads.actions.touches import note_touch
from leads.channels import Acquisition, Channel
from leads.choices import ConsentState, Origin
from leads.incoming import NewEvent, canonical, digest_of
from leads.kinds import BY_CODE
from leads.models import Campaign, ConsentEvent, ConsentWording, Source
from leads.normalise import EmailAddress, PhoneNumber
from leads.partitions import month_after

# What a meeting on an occasion of this channel is; elsewhere it is a form filled for somebody.
_KINDS = {
    Channel.TRADE_SHOW: "trade_show_meeting",
    Channel.EVENT: "event_attended",
    Channel.POINT_OF_SALE: "shop_visit",
    Channel.IN_STORE_OFFER: "coupon_claimed",
}
_ASKED = {"quote": "quote_requested", "demo": "demo_requested", "call_back": "contact_requested"}
PAGE = "/capture/quick/"


class IdUsedBefore(Exception):
    """Another card came under this id before: it stays, this one was not taken."""


@dataclass(frozen=True, slots=True)
class Card:
    """What was typed. ``horizon``: months from the meeting to the project; "" when unknown."""

    id: UUID
    mode: QuickMode
    met_at: datetime
    occasion: Campaign | None = None
    email: EmailAddress | None = None
    phone: PhoneNumber | None = None
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    sector: str = ""
    need: Sequence[str] = ()
    role: str = ""
    horizon: str = ""
    note: str = ""
    reason: str = ""
    wants: Sequence[str] = ()
    consents: Sequence[ConsentWording] = field(default_factory=tuple)
    corrects: UUID | None = None

    @property
    def answers(self) -> dict[str, object]:
        """What is kept of the card: to show it, to correct it, and to know it again."""
        return {
            "occasion": self.occasion.pk if self.occasion else None,
            "email": self.email.display if self.email else "",
            "phone": self.phone.raw if self.phone else "",
            "first_name": self.first_name,
            "last_name": self.last_name,
            "company": self.company,
            "sector": self.sector,
            "need": list(self.need),
            "role": self.role,
            "horizon": self.horizon,
            "note": self.note,
            "reason": self.reason,
            "wants": list(self.wants),
            "consents": sorted(wording.pk for wording in self.consents),
        }

    @property
    def digest(self) -> int:
        """The same for the same card; the time is left out, since no card was typed twice on purpose."""
        return digest_of(canonical({**self.answers, "mode": str(self.mode)}))

    @property
    def channel(self) -> Channel:
        """The lever by which the person came."""
        if self.mode == QuickMode.CALL:
            return Channel.INBOUND_CALL
        if self.mode == QuickMode.PAPER:
            return Channel.PAPER_FORM
        return Channel(self.occasion.channel) if self.occasion else Channel.OTHER

    @property
    def acquisition(self) -> Acquisition:
        """Direct when one of us met the person."""
        return Acquisition.DIRECT if self.mode == QuickMode.STAND else Acquisition.INDIRECT

    @property
    def kind(self) -> str:
        """The event that it is."""
        if self.mode == QuickMode.CALL:
            return "inbound_call"
        return _KINDS.get(self.channel, "form_submitted")


@dataclass(frozen=True, slots=True)
class Taken:
    """The entry, and whether it had been taken before."""

    entry: QuickEntry
    again: bool


@transaction.atomic
def take_card(card: Card, *, by: User, now: datetime) -> Taken:
    """Take a card, however often it is sent.

    The lead's owner stays who it is. Raises IdUsedBefore, NoIdentity, WasErased.
    """
    _one_at_a_time(card.id)
    known = QuickEntry.objects.filter(pk=card.id).select_related("lead").first()
    if known:
        if known.digest != card.digest or known.by_id != by.pk:
            raise IdUsedBefore
        return Taken(known, again=True)
    found = _recognise(card, by=by, now=now)
    mine = QuickEntry.objects.filter(by=by, lead=found.lead)
    corrected = mine.filter(pk=card.corrects).first() if card.corrects else None
    entry = QuickEntry.objects.create(
        id=card.id,
        mode=card.mode,
        occasion=card.occasion,
        by=by,
        met_at=card.met_at,
        received_at=now,
        digest=card.digest,
        answers=card.answers,
        lead=found.lead,
        made_lead=found.created,
        corrects=corrected,
    )
    _note(card, entry, corrected, now=now)
    return Taken(entry, again=False)


def _one_at_a_time(card_id: UUID) -> None:
    """The same card sent twice at once waits for the other, and finds it taken."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"quick entry {card_id}"])


def _recognise(card: Card, *, by: User, now: datetime) -> Recognised:
    profile: dict[str, object] = {
        "first_name": card.first_name,
        "last_name": card.last_name,
        "company_role": card.role,
        "interests": list(card.need),
    }
    if card.horizon:
        first = date(card.met_at.year, card.met_at.month, 1)
        profile["project_month"] = month_after(first, int(card.horizon)) if card.horizon != "0" else first
    company: dict[str, object] = {"name": card.company, "sector": card.sector} if card.company else {}
    return recognise(
        identity=Identity(card.email, card.phone),
        profile=profile,
        origin=Origin.SALES,
        now=now,
        arrival=Arrival(card.channel, card.acquisition),
        company=company,
        by=by,
    )


def _note(card: Card, entry: QuickEntry, corrected: QuickEntry | None, *, now: datetime) -> None:
    """The events, the consents and the touch. A correction adds only what the first card did not say."""
    before = corrected.answers if corrected else {}
    wants = [want for want in card.wants if want not in before.get("wants", ())]
    record_events(_events(card, entry, wants, meeting=corrected is None), now=now)
    said = [box for box in card.consents if box.pk not in before.get("consents", ())]
    record_consents([_consent(box, card, entry) for box in said], now=now)
    if corrected is None:
        note_touch(
            at=card.met_at, lead_id=entry.lead_id, channel=card.channel, campaign=card.occasion, page=PAGE
        )


def _events(card: Card, entry: QuickEntry, wants: Sequence[str], *, meeting: bool) -> list[NewEvent]:
    """The meeting itself, and one for each thing asked for that is a kind of its own."""
    told = {
        "occasion": card.occasion.code if card.occasion else "",
        "note": card.note,
        "reason": card.reason,
        "wants": list(card.wants),
        "mode": str(card.mode),
    }
    properties: dict[str, object] = {name: value for name, value in told.items() if value}
    kinds = {"": card.kind} if meeting else {}
    kinds |= {f":{want}": _ASKED[want] for want in wants if want in _ASKED}
    return [
        new_event(
            lead_id=entry.lead_id,
            kind_id=BY_CODE[kind].id,
            occurred_at=card.met_at,
            source_id=Source.PEOPLE,
            event_id=f"quick:{entry.pk}{suffix}",
            channel=card.channel,
            properties=properties,
        )
        for suffix, kind in kinds.items()
    ]


def _consent(box: ConsentWording, card: Card, entry: QuickEntry) -> ConsentEvent:
    """The proof: which words were shown, by whom, when, on which card."""
    return ConsentEvent(
        lead_id=entry.lead_id,
        purpose=box.purpose,
        channel=box.channel,
        state=ConsentState.GRANTED,
        at=card.met_at,
        text_version=box.text_version,
        form_version=f"quick-entry:{entry.pk}",
        page_url=PAGE,
        actor=f"user:{entry.by_id}",
    )


def make_occasion(*, name: str, channel: Channel, now: datetime) -> Campaign:
    """A fair or the like, as from today; one of the same name and channel in use is the same one."""
    known = Campaign.objects.filter(name__iexact=name, channel=channel, is_active=True).first()
    if known:
        return known
    return Campaign.objects.create(
        code=_free_code(name),
        name=name,
        channel=channel,
        acquisition=Acquisition.DIRECT,
        starts_on=now.date(),
        created_at=now,
    )


def _free_code(name: str) -> str:
    stem = slugify(name)[:50] or "occasion"
    taken = set(Campaign.objects.filter(code__startswith=stem).values_list("code", flat=True))
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return next(code for code in (stem, *numbered) if code not in taken)
