"""What the first message says to people who did not give us their data themselves (RGPD, article 14).

An import puts them into a list by source (``leads.first_notice``); the first message of whatever track or
newsletter carries the notice in its foot, and only when it has certainly left are they told.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from leads.first_notice import CODE, source_of
from leads.models import ListMembership


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a lead's data came from, and when."""

    source: str
    at: datetime


def origins_to_tell(lead_ids: Collection[int]) -> dict[int, Origin]:
    """Those of the leads who are still to be told, and what: of several sources the first."""
    waiting = ListMembership.objects.filter(
        lead__in=lead_ids, list__code__startswith=CODE, left_at=None
    ).order_by("-joined_at", "-pk")
    rows = waiting.values_list("lead_id", "list__name", "joined_at")
    return {lead_id: Origin(source_of(name), at) for lead_id, name, at in rows}


def notice_words(origin: Origin, *, language: str) -> str:
    """Source, purpose, legal basis and rights (article 14, 1 and 2); who we are stands beside it."""
    day = format_date(origin.at.astimezone(ZoneInfo(settings.TIME_ZONE)), "long", locale=language)
    with override(language):
        return _(
            "You did not give us your details yourself: we received them on %(day)s (source: %(source)s). We "
            "use them to tell you about what we offer, which is our legitimate interest, for as long as that "
            "serves you. You may see, correct or erase them, limit their use and object to it at any time by "
            "the links below or by answering this message, and complain to the data protection authority (in "
            "France: CNIL)."
        ) % {"day": day, "source": origin.source or _("a partner")}


def mark_told(lead_id: int, *, now: datetime) -> None:
    """The message has left: the person knows."""
    ListMembership.objects.filter(lead=lead_id, list__code__startswith=CODE, left_at=None).update(left_at=now)
