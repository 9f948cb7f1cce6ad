"""When a meeting takes place, in words, and the meeting as a calendar entry."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from babel.dates import format_date, get_timezone_name
from django.utils.translation import gettext as _
from django.utils.translation import override

from funnel.invitations import Entry, Party
from funnel.meeting_links import meeting_url
from funnel.meetings import MeetingState
from funnel.models import Meeting


def when_in_words(meeting: Meeting) -> str:
    """ "jeudi 19 mars 2026, 10:00–11:00 (heure normale d’Europe centrale)", in the meeting's language and
    time zone."""
    zone, language = ZoneInfo(meeting.time_zone), meeting.language
    starts, ends = meeting.starts_at.astimezone(zone), meeting.ends_at.astimezone(zone)
    day = format_date(starts, "full", locale=language)
    named = get_timezone_name(starts, locale=language)
    return f"{day}, {starts:%H:%M}–{ends:%H:%M} ({named})"


def entry_of(meeting: Meeting, *, organiser: Party) -> Entry:
    """The meeting as calendars know it. Needs its lead and rep."""
    lead = meeting.lead
    url = meeting_url(meeting.public_id)
    with override(meeting.language):
        answer = _("Accept or decline: %(url)s") % {"url": url}
    return Entry(
        uid=meeting.uid,
        sequence=meeting.sequence,
        title=meeting.title,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        organiser=organiser,
        guest=Party(lead.full_name, lead.email or ""),
        place=meeting.place or meeting.link,
        description="\n".join(line for line in (meeting.link, answer) if line),
        is_accepted=meeting.state == MeetingState.ACCEPTED,
    )
