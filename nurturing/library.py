"""The content library and its readers, as the plain values that the choice of the next piece takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from funnel.stages import BAND, Position
from leads.choices import ContentType
from leads.models import Verdict
from nurturing.facts import Person
from nurturing.models import State
from nurturing.next_content import Piece, Reader
from nurturing.sql import CONSULTED, PIECES, RECEIVED, rows

# What can be read on its own; a demo or a price list is asked for, not sent unasked.
UNREADABLE = {ContentType.DEMO, ContentType.PRICE_LIST, ContentType.NEWSLETTER}
READABLE = sorted(each.value for each in ContentType if each not in UNREADABLE)
NOT_RECEIVED = [State.HELD.value, State.FAILED.value, State.CANCELLED.value]


def pieces() -> list[Piece]:
    """Every piece in use that has an address to send people to."""
    return [
        Piece(pk, band, phase, language, frozenset(topics), frozenset(personas))
        for pk, band, phase, language, topics, personas in rows(PIECES, types=READABLE)
    ]


def readers(
    leads: Sequence[Person], positions: Mapping[int, Position], languages: Mapping[int, str]
) -> dict[int, Reader]:
    """Each lead as a reader: where it stands, what interests it, what it has already seen. Two queries."""
    ids = [lead.pk for lead in leads]
    seen, topics = _seen(ids)
    return {
        lead.pk: Reader(
            band=(BAND[positions[lead.pk].stage] or ""),
            phase=lead.phase,
            language=languages[lead.pk],
            interests=frozenset(lead.interests) | topics[lead.pk],
            personas=frozenset({lead.persona} - {""}),
            seen=frozenset(seen[lead.pk]),
        )
        for lead in leads
    }


def _seen(lead_ids: Sequence[int]) -> tuple[dict[int, set[int]], dict[int, set[str]]]:
    """What each lead consulted by itself or may have received, and the topics of what it consulted."""
    seen: dict[int, set[int]] = defaultdict(set)
    topics: dict[int, set[str]] = defaultdict(set)
    for lead_id, content_id, about in rows(CONSULTED, leads=list(lead_ids), machine=Verdict.MACHINE.value):
        seen[lead_id].add(content_id)
        topics[lead_id].update(about)
    for lead_id, content_id in rows(RECEIVED, leads=list(lead_ids), not_received=NOT_RECEIVED):
        seen[lead_id].add(content_id)
    return seen, topics
