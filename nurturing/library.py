"""The content library and its readers, as the plain values that the choice of the next piece takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Protocol

from funnel.stages import BAND, Position
from leads.choices import ContentType
from leads.models import Content, Event, Verdict
from nurturing.models import Message, State
from nurturing.next_content import Piece, Reader
from scoring.models import LeadScore

# What can be read on its own; a demo or a price list is asked for, not sent unasked.
READABLE = frozenset(ContentType) - {ContentType.DEMO, ContentType.PRICE_LIST, ContentType.NEWSLETTER}


class Readable(Protocol):
    """A lead, as far as its reading goes."""

    @property
    def pk(self) -> int: ...
    @property
    def interests(self) -> Sequence[str]: ...
    @property
    def custom(self) -> Mapping[str, object]: ...


def pieces() -> list[Piece]:
    """Every piece in use that has an address to send people to."""
    rows = Content.objects.filter(is_active=True, type__in=READABLE).exclude(url="")
    columns = rows.values_list("id", "band", "phase", "language", "topics", "personas")
    return [
        Piece(pk, band, phase, language, frozenset(topics), frozenset(personas))
        for pk, band, phase, language, topics, personas in columns
    ]


def readers(
    leads: Sequence[Readable], positions: Mapping[int, Position], languages: Mapping[int, str]
) -> dict[int, Reader]:
    """Each lead as a reader: where it stands, what interests it, what it has already seen. Three queries."""
    ids = [lead.pk for lead in leads]
    consulted, topics = _consulted(ids)
    received = _received(ids)
    phases = dict(LeadScore.objects.filter(lead_id__in=ids).values_list("lead_id", "phase"))
    return {
        lead.pk: Reader(
            band=(BAND[positions[lead.pk].stage] or ""),
            phase=phases.get(lead.pk, ""),
            language=languages[lead.pk],
            interests=frozenset(lead.interests) | topics[lead.pk],
            personas=frozenset(filter(None, [str(lead.custom.get("persona", ""))])),
            seen=frozenset(consulted[lead.pk] | received[lead.pk]),
        )
        for lead in leads
    }


def _consulted(lead_ids: Sequence[int]) -> tuple[dict[int, set[int]], dict[int, set[str]]]:
    """The pieces that each lead consulted by itself, and what they are about."""
    seen: dict[int, set[int]] = defaultdict(set)
    topics: dict[int, set[str]] = defaultdict(set)
    rows = (
        Event.objects.filter(lead_id__in=lead_ids, content_id__isnull=False, voided_at=None)
        .exclude(verdict=Verdict.MACHINE)
        .values_list("lead_id", "content_id", "content__topics")
        .distinct()
    )
    for lead_id, content_id, about in rows:
        seen[lead_id].add(content_id)
        topics[lead_id].update(about or ())
    return seen, topics


def _received(lead_ids: Sequence[int]) -> dict[int, set[int]]:
    """The pieces that were sent to each lead, are on their way or may have arrived."""
    seen: dict[int, set[int]] = defaultdict(set)
    rows = Message.objects.filter(lead_id__in=lead_ids, content_id__isnull=False).exclude(
        state__in=[State.HELD, State.FAILED, State.CANCELLED]
    )
    for lead_id, content_id in rows.values_list("lead_id", "content_id"):
        seen[lead_id].add(content_id)
    return seen
