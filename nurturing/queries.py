"""Reading messages: the log, what has to be checked, and when each lead was last written to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from nurturing.caps import WEEK
from nurturing.models import Message, State
from nurturing.policy import Purpose
from nurturing.sql import SENT, rows
from nurturing.timing import Sent

# A message that may have left counts as one that has.
LEFT = [State.SENDING.value, State.SENT.value, State.UNKNOWN.value]
ON_ITS_WAY = [State.PLANNED.value, State.CLAIMED.value]


def sent_to(
    lead_ids: Collection[int], *, now: datetime, only_left: bool = False, but: int = 0
) -> dict[int, Sent]:
    """When messages of the last week left for each lead, or (unless ``only_left``) are planned to.

    ``but`` is the id of a message that is not to be counted.
    """
    found: dict[int, Sent] = defaultdict(Sent)
    waiting = [] if only_left else ON_ITS_WAY
    for lead_id, purpose, at in rows(
        SENT, leads=list(lead_ids), left=LEFT, waiting=waiting, since=now - WEEK, but=but
    ):
        found[lead_id].add(at, Purpose(purpose))
    return found


def message_log() -> QuerySet[Message]:
    """Every message, the newest first, with what a list of them shows."""
    return Message.objects.select_related("lead__company", "lead__score", "template", "content").order_by(
        "-planned_at", "-id"
    )


def messages_of(lead_id: int) -> QuerySet[Message]:
    """The messages of one lead, sent and held back, the newest first."""
    return message_log().filter(lead_id=lead_id)


def to_check() -> QuerySet[Message]:
    """Messages of which nobody knows whether they arrived: only a person may have them sent again."""
    return message_log().filter(state=State.UNKNOWN)


def held_since(since: datetime) -> QuerySet[Message]:
    """What was held back since then, with its reason."""
    return message_log().filter(state=State.HELD, planned_at__gte=since)
