"""What a lead did lately, in words, for the pages of sales."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from leads.models import Event, EventKind

# Told better by the passages, or no news to a rep.
_SILENT = frozenset({"profile_changed", "email_sent", "email_delivered", "list_joined", "list_left"})
_FIRST_OF_FUNNEL, _AFTER_FUNNEL = 60, 200
_ICONS = {
    "page_viewed": "eye",
    "pricing_viewed": "tag",
    "return_visit": "repeat",
    "form_submitted": "forms",
    "content_downloaded": "download",
    "video_watched": "player-play",
    "newsletter_subscribed": "news",
    "webinar_registered": "presentation",
    "webinar_attended": "presentation",
    "event_attended": "calendar-event",
    "trade_show_meeting": "building-store",
    "inbound_call": "phone-incoming",
    "outbound_call": "phone-outgoing",
    "quote_requested": "file-invoice",
    "demo_requested": "screen-share",
    "contact_requested": "message-circle",
    "meeting_booked": "calendar-plus",
    "meeting_held": "users",
    "email_clicked": "click",
    "email_replied": "mail-forward",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One event in words. ``detail``: the content it is about, or how it came."""

    label: str
    detail: str
    at: datetime
    icon: str
    is_intent: bool
    is_void: bool


def happenings(events: Iterable[Event], *, limit: int) -> tuple[Happening, ...]:
    """The first ``limit`` events (with kind and content) that tell a rep something."""
    told = [event for event in events if _is_told(event.kind)]
    return tuple(_happening(event) for event in told[:limit])


def _is_told(kind: EventKind) -> bool:
    return kind.code not in _SILENT and not _FIRST_OF_FUNNEL <= kind.pk < _AFTER_FUNNEL


def _happening(event: Event) -> Happening:
    return Happening(
        label=event.kind.label,
        detail=event.content.title if event.content else "",
        at=event.occurred_at,
        icon=_ICONS.get(event.kind.code, "activity"),
        is_intent=event.kind.is_intent,
        is_void=event.voided_at is not None,
    )
