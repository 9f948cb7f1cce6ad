"""What people do on a visit, by how far they have come; what they ask for; what follows from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from demo.cast import Person
from demo.company import SERVICES
from leads.choices import ContentType

T = ContentType


@dataclass(frozen=True, slots=True)
class Doing:
    """A kind of event, the types of content it may concern, and how often it is chosen."""

    kind: str
    types: tuple[ContentType, ...] = ()
    weight: int = 1


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What a registration leads to: with which chance, after how many days, at which minute of the day."""

    kind: str
    chance: float
    days: tuple[int, int]
    minute: int


VISIT_ACTS: tuple[tuple[Doing, ...], ...] = (
    (
        Doing("page_viewed", (T.ARTICLE,), 40),
        Doing("page_viewed", (T.INFOGRAPHIC,), 12),
        Doing("page_viewed", (), 12),
        Doing("video_watched", (T.VIDEO,), 10),
        Doing("time_on_site", (), 6),
        Doing("social_interaction", (), 8),
        Doing("comment_posted", (T.ARTICLE,), 2),
        Doing("ad_clicked", (), 4),
        Doing("return_visit", (), 5),
    ),
    (
        Doing("page_viewed", (T.ARTICLE,), 34),
        Doing("page_viewed", (T.CASE_STUDY,), 10),
        Doing("content_downloaded", (T.WHITE_PAPER, T.EBOOK), 6),
        Doing("video_watched", (T.VIDEO,), 10),
        Doing("newsletter_subscribed", (T.NEWSLETTER,), 3),
        Doing("webinar_registered", (T.WEBINAR,), 3),
        Doing("return_visit", (), 9),
        Doing("chat", (), 2),
        Doing("time_on_site", (), 6),
    ),
    (
        Doing("page_viewed", (T.CASE_STUDY, T.TESTIMONIAL), 30),
        Doing("page_viewed", (), 10),
        Doing("content_downloaded", (T.GUIDE, T.EBOOK, T.CATALOGUE), 7),
        Doing("webinar_registered", (T.WEBINAR,), 6),
        Doing("pricing_viewed", (T.PRICE_LIST,), 5),
        Doing("event_registered", (), 3),
        Doing("return_visit", (), 9),
        Doing("chat", (), 4),
        Doing("social_message", (), 2),
        Doing("shop_visit", (), 1),
    ),
    (
        Doing("page_viewed", (T.TESTIMONIAL, T.DATA_SHEET), 28),
        Doing("pricing_viewed", (T.PRICE_LIST,), 14),
        Doing("content_downloaded", (T.PRICE_LIST, T.GUIDE), 5),
        Doing("page_viewed", (T.DEMO,), 8),
        Doing("return_visit", (), 8),
        Doing("chat", (), 5),
        Doing("referral_made", (), 2),
        Doing("trial_started", (T.DEMO,), 1),
    ),
)
ASKS: tuple[Doing, ...] = (
    Doing("contact_requested", (), 34),
    Doing("quote_requested", (), 27),
    Doing("demo_requested", (), 14),
    Doing("meeting_booked", (), 10),
    Doing("inbound_call", (), 15),
)
FOLLOW_UPS: dict[str, FollowUp] = {
    "webinar_registered": FollowUp("webinar_attended", 0.6, (2, 9), 11 * 60),
    "event_registered": FollowUp("event_attended", 0.7, (6, 20), 9 * 60 + 30),
    "meeting_booked": FollowUp("meeting_held", 0.85, (2, 6), 14 * 60),
}


def properties_of(kind: str, person: Person, content: str, rng: Random) -> dict[str, object]:
    """What the source tells about such an event."""
    telling = PROPERTIES.get(kind)
    return telling(person, content, rng) if telling else {}


PAGES = ("/", "/services/", "/equipe/", "/references/", "/agences/", "/contact/")
FORMS = ("diagnostic", "rappel", "documentation")
CALL_RESULTS = ("reached", "reached", "voicemail", "call_back")


def _service(person: Person) -> str:
    """The name of the service that interests the person most."""
    return next(name for code, name, _price in SERVICES if code == person.topics[0])


def _request(person: Person, _content: str, _rng: Random) -> dict[str, object]:
    """What somebody writes who asks for something."""
    return {"service": _service(person), "message": person.need}


def _call(_person: Person, _content: str, rng: Random) -> dict[str, object]:
    """How a call went."""
    return {"result": rng.choice(CALL_RESULTS), "minutes": rng.randint(1, 14)}


PROPERTIES: dict[str, Callable[[Person, str, Random], dict[str, object]]] = {
    "page_viewed": lambda _person, content, rng: {
        "url": f"/ressources/{content}/" if content else rng.choice(PAGES)
    },
    "pricing_viewed": lambda _person, _content, _rng: {"url": "/tarifs/"},
    "video_watched": lambda _person, _content, rng: {"percent": rng.choice((25, 50, 75, 100))},
    "time_on_site": lambda _person, _content, rng: {"minutes": rng.randint(3, 24)},
    "form_submitted": lambda _person, _content, rng: {"form": rng.choice(FORMS)},
    "social_interaction": lambda _person, _content, rng: {"action": rng.choice(("like", "share", "follow"))},
    "inbound_call": _call,
    "outbound_call": _call,
    "contact_requested": _request,
    "quote_requested": _request,
    "demo_requested": _request,
    "meeting_booked": _request,
}
