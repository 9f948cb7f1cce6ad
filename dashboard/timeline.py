"""A lead's history as one list: events, passages, messages and profile changes, newest first (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TypeVar

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from dashboard.event_words import property_in_words
from dashboard.profile import field_label, value_in_words
from dashboard.templatetags.ui import message_title
from funnel.choices import SITUATIONS, STAGES, VERBS
from funnel.models import Passage
from funnel.stages import Situation, Stage, Verb
from leads import kinds
from leads.channels import Channel
from leads.models import Event, ProfileChange, Verdict
from leads.queries import spread
from leads.traffic_words import reasons_in_words
from nurturing.models import Message, State

# Told better by the passage, the message or the profile change that they belong to.
TOLD_ELSEWHERE = frozenset({"email_sent", "profile_changed"}) | {
    kind.code for kind in kinds.SHIPPED if kind.is_internal and kind.id >= 60
}
ICONS = {
    "page_viewed": "eye",
    "pricing_viewed": "tag",
    "return_visit": "repeat",
    "time_on_site": "clock",
    "form_submitted": "forms",
    "content_downloaded": "download",
    "video_watched": "player-play",
    "newsletter_subscribed": "news",
    "webinar_registered": "presentation",
    "webinar_attended": "presentation",
    "event_registered": "calendar-event",
    "event_attended": "calendar-event",
    "trade_show_meeting": "building-store",
    "inbound_call": "phone-incoming",
    "outbound_call": "phone-outgoing",
    "quote_requested": "file-invoice",
    "demo_requested": "screen-share",
    "contact_requested": "message-circle",
    "meeting_booked": "calendar-plus",
    "meeting_held": "users",
    "email_opened": "mail-opened",
    "email_clicked": "click",
    "email_replied": "mail-forward",
    "email_bounced": "mail-off",
    "email_complained": "mail-off",
    "unsubscribed": "mail-off",
    "consent_given": "shield-check",
    "consent_withdrawn": "shield-x",
}
PASSAGE_ICONS = {
    Verb.ENTER: "door-enter",
    Verb.ACCEPT: "circle-check",
    Verb.RETURN: "arrow-back-up",
    Verb.DISQUALIFY: "ban",
    Verb.WIN: "trophy",
    Verb.CONVERT: "trophy",
    Verb.LOSE: "circle-x",
    Verb.OFFER: "inbox",
    Verb.READY: "lock-open",
    Verb.COOL: "snowflake",
    Verb.WAKE: "alarm",
    Verb.UNDO: "arrow-back-up",
}
TONES = {Stage.CUSTOMER: "good", Stage.DISQUALIFIED: "bad"}
SHOWN_PROPERTIES = 3
RowT = TypeVar("RowT")


@dataclass(frozen=True)
class Entry:
    """One line of the history. ``tone``: "", intent, passage, good or bad."""

    at: dt.datetime
    icon: str
    title: str | Promise
    detail: str = ""
    who: str = ""
    tone: str = ""
    tags: tuple[str | Promise, ...] = ()
    struck: bool = False
    score: tuple[str, int] | None = None
    times: int = 1
    order: int = field(default=0, compare=False)
    event_ids: tuple[int, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Day:
    """The entries of one local day."""

    date: dt.date
    entries: list[Entry]


def timeline(
    events: Iterable[Event],
    passages: Iterable[Passage],
    messages: Iterable[Message],
    changes: Iterable[ProfileChange],
) -> list[Day]:
    """All of it, newest first, by local day."""
    entries = [
        *_told(events, of_event),
        *_told_passages(list(passages)),
        *_told(messages, of_message),
        *of_changes(changes),
    ]
    entries.sort(key=lambda entry: (entry.at, entry.order), reverse=True)
    days = groupby(entries, key=lambda entry: timezone.localdate(entry.at))
    return [Day(date, _folded(found)) for date, found in days]


def _folded(entries: Iterable[Entry]) -> list[Entry]:
    """What was done several times in a row is one line, at its newest time."""
    alike = groupby(
        entries, key=lambda one: (str(one.title), one.detail, one.who, one.tags, one.score, one.struck)
    )
    return [_one_line(list(run)) for _key, run in alike]


def _one_line(alike: list[Entry]) -> Entry:
    numbers = tuple(number for entry in alike for number in entry.event_ids)
    return replace(alike[0], times=len(alike), event_ids=numbers)


def _told_passages(passages: list[Passage]) -> Iterator[Entry]:
    """Each passage; one that was taken back is struck out."""
    undone = {passage.undoes_id for passage in passages}
    for passage in passages:
        yield replace(of_passage(passage), struck=passage.pk in undone)


def _told(rows: Iterable[RowT], tell: Callable[[RowT], Entry | None]) -> Iterator[Entry]:
    yield from (entry for entry in map(tell, rows) if entry is not None)


def of_event(event: Event) -> Entry | None:
    """What the lead did; None for what another line tells."""
    if event.kind.code in TOLD_ELSEWHERE:
        return None
    parts = [event.content.title if event.content else "", *_properties(event.properties)]
    return Entry(
        at=event.occurred_at,
        icon=ICONS.get(event.kind.code, "activity"),
        title=event.kind.label,
        detail=" · ".join(part for part in parts if part),
        tone="intent" if event.kind.is_intent else "",
        tags=tuple(_event_tags(event)),
        struck=event.voided_at is not None,
        order=event.pk % 2**31,
        event_ids=(event.pk,),
    )


def _event_tags(event: Event) -> Iterator[str | Promise]:
    if event.channel in Channel.values:
        yield Channel(event.channel).label
    if event.verdict == Verdict.MACHINE:
        reasons = reasons_in_words(vars(event).get("reasons", ()))
        yield _("machine: %(reasons)s") % {"reasons": reasons} if reasons else _("machine")
    if event.voided_at is not None:
        yield _("voided: %(reason)s") % {"reason": event.void_reason or "—"}


def _properties(properties: Mapping[str, object]) -> list[str]:
    """The first few plain values, cut short; what is nested is not for people."""
    said = [text for name, value in properties.items() if (text := property_in_words(name, value))]
    return [text if len(text) <= 80 else f"{text[:79]}…" for text in said[:SHOWN_PROPERTIES]]


def of_passage(passage: Passage) -> Entry:
    """A passage: from where to where, why, by whom, and the badge at that instant."""
    stage = Stage(passage.to_stage)
    parts = [_way(passage), str(passage.reason.label) if passage.reason else "", passage.note]
    return Entry(
        at=passage.at,
        icon=PASSAGE_ICONS.get(Verb(passage.verb), "arrow-up-right"),
        title=VERBS[Verb(passage.verb)],
        detail=" · ".join(part for part in parts if part),
        who=passage.actor_name,
        tone=TONES.get(stage, "passage"),
        tags=(_("imported"),) if passage.is_imported else (),
        score=(passage.grade, passage.level) if passage.grade and passage.level else None,
        order=passage.pk % 2**31,
    )


def _way(passage: Passage) -> str:
    if not passage.from_stage:
        return ""
    origin = _place(passage.from_stage, passage.from_situation)
    return f"{origin} → {_place(passage.to_stage, passage.to_situation)}"


def _place(stage: str, situation: str) -> str:
    return (
        str(SITUATIONS[situation])
        if situation in (Situation.READY, Situation.OFFERED)
        else str(STAGES[stage])
    )


def of_message(message: Message) -> Entry | None:
    """A message that left or was stopped; None while it is only planned."""
    if message.state in (State.PLANNED, State.CLAIMED, State.SENDING):
        return None
    sent = message.state == State.SENT
    return Entry(
        at=message.sent_at or message.planned_at,
        icon="send" if sent else "mail-pause",
        title=_("Email sent") if sent else _("Email: %(state)s") % {"state": _state(message)},
        detail=message_title(message),
        tone="" if sent else "bad" if message.state == State.FAILED else "",
        order=message.pk % 2**31,
    )


def _state(message: Message) -> str:
    return str(State(message.state).label).lower()


def of_changes(changes: Iterable[ProfileChange]) -> Iterator[Entry]:
    """What became known, one line for all that came at once from one origin."""
    keyed = sorted(spread(changes), key=lambda change: (change.at, change.origin), reverse=True)
    for (at, _origin), found in groupby(keyed, key=lambda change: (change.at, change.origin)):
        together = list(found)
        yield Entry(
            at=at,
            icon="pencil",
            title=_("Profile completed"),
            detail=", ".join(
                _("%(field)s: %(value)s")
                % {"field": field_label(change.field), "value": value_in_words(change.field, change.new)}
                for change in together[:6]
            ),
            who=together[0].by.full_name if together[0].by else "",
            tags=(together[0].get_origin_display(),),
            order=-1,
        )
