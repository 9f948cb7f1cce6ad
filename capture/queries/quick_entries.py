"""Reading quick entries: what somebody typed last, and what may be asked by taps."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from accounts.models import User
from capture.models import QuickEntry
from leads.models import Content

MOST_TOPICS = 8


def last_entries(by: User, *, limit: int = 12) -> list[QuickEntry]:
    """What this person typed last, the newest first, without what was corrected since."""
    mine = QuickEntry.objects.filter(by=by, corrections=None).select_related("lead__company", "occasion")
    return list(mine.order_by("-received_at", "-pk")[:limit])


def count_since(by: User, *, since: datetime, mode: str) -> int:
    """How many cards of this mode the person typed since then."""
    return QuickEntry.objects.filter(by=by, mode=mode, corrects=None, received_at__gte=since).count()


def topics() -> list[str]:
    """What leads may need: the topics that most contents are about."""
    found: Counter[str] = Counter()
    for topics_of_one in (
        Content.objects.filter(is_active=True).order_by("pk").values_list("topics", flat=True)
    ):
        found.update(topics_of_one)
    return [topic for topic, _count in found.most_common(MOST_TOPICS)]
