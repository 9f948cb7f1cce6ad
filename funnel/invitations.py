"""Calendar messages (iCalendar, RFC 5545 and 5546): written for an appointment, read from a reply.

Plain values only. What is read comes from anybody: it is bounded in size before it is parsed, and nothing but
the answer to one appointment is taken from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from icalendar import Calendar, Component, Event, vCalAddress, vText

from funnel.meetings import MeetingState, Method

PRODUCT = "-//Écluse//Meetings//FR"
LARGEST_REPLY = 64 * 1024  # bytes
MOST_PARTS = 20
_ANSWERS = {"ACCEPTED": MeetingState.ACCEPTED, "DECLINED": MeetingState.DECLINED}


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who takes part."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An appointment as calendars know it. ``place`` is where, or the address of the video room."""

    uid: str
    sequence: int
    title: str
    starts_at: datetime
    ends_at: datetime
    organiser: Party
    guest: Party
    place: str = ""
    description: str = ""
    is_accepted: bool = False


def written(entry: Entry, method: Method, *, now: datetime) -> str:
    """The calendar message, its lines folded and ended as the standard asks."""
    calendar = _calendar(method.value)
    calendar.add_component(_event(entry, cancelled=method is Method.CANCEL, now=now))
    return bytes(calendar.to_ical()).decode()


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _event(entry: Entry, *, cancelled: bool, now: datetime) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", entry.starts_at.astimezone(UTC))
    event.add("dtend", entry.ends_at.astimezone(UTC))
    event.add("summary", entry.title)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED" if entry.is_accepted else "TENTATIVE")
    for name, text in (("location", entry.place), ("description", entry.description)):
        if text:
            event.add(name, text)
    event.add("organizer", _address(entry.organiser), encode=False)
    event.add("attendee", _attendee(entry), encode=False)
    return event


def _address(party: Party) -> vCalAddress:
    address = vCalAddress(f"mailto:{party.address}")
    # A parameter takes neither quotes nor anything that does not show.
    name = "".join(letter for letter in party.name if letter.isprintable() and letter not in '"\\').strip()
    address.params["cn"] = vText(name or party.address)
    return address


def _attendee(entry: Entry) -> vCalAddress:
    address = _address(entry.guest)
    address.params["role"] = vText("REQ-PARTICIPANT")
    address.params["partstat"] = vText("ACCEPTED" if entry.is_accepted else "NEEDS-ACTION")
    address.params["rsvp"] = vText("TRUE")
    return address


@dataclass(frozen=True, slots=True)
class Reply:
    """What one person answered to one version of an appointment. ``state``: accepted or declined."""

    uid: str
    sequence: int
    address: str
    state: MeetingState


def read_reply(content: bytes) -> Reply | None:
    """The answer in a calendar message; None when it is none that can be used (another method, a maybe,
    several events, too large, broken)."""
    if len(content) > LARGEST_REPLY:
        return None
    try:
        calendar = Calendar.from_ical(content)
        return _reply(calendar)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return None


def _reply(calendar: Component) -> Reply | None:
    events = calendar.walk("VEVENT")
    if str(calendar.get("method", "")).upper() != "REPLY" or len(events) != 1:
        return None
    [event] = events
    attendee = event.get("attendee")
    if attendee is None or isinstance(attendee, list):
        return None
    state = _ANSWERS.get(str(attendee.params.get("partstat", "")).upper())
    uid, address = str(event.get("uid", "")), str(attendee).strip()
    if state is None or not uid or len(uid) > 120 or not address.lower().startswith("mailto:"):
        return None
    return Reply(uid, int(event.get("sequence", 0)), address[7:].strip().lower(), state)
