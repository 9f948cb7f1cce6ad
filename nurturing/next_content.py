"""Which piece of content fits a lead best, among those it has not yet received: plain values in, one out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

BANDS = ("tofu", "mofu", "bofu")
PHASES = ("awareness", "interest", "consideration", "decision", "conversion")


class Why(StrEnum):
    """Why a piece fits; the words are in ``nurturing.words``."""

    TOPIC = "topic"
    PERSONA = "persona"
    NEXT_PHASE = "next_phase"
    SAME_PHASE = "same_phase"
    SAME_BAND = "same_band"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of content that could be sent."""

    id: int
    band: str
    phase: str = ""
    language: str = "fr"
    topics: frozenset[str] = frozenset()
    personas: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reader:
    """The lead as far as the choice goes. ``seen`` are the pieces it received or consulted by itself."""

    band: str
    phase: str = ""
    language: str = "fr"
    interests: frozenset[str] = frozenset()
    personas: frozenset[str] = frozenset()
    seen: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen piece and why: (reason, what it is about) in falling weight."""

    piece_id: int
    points: int
    because: tuple[tuple[Why, str], ...] = field(default=())


TOPIC_POINTS, TOPICS_COUNTED = 30, 2
PERSONA_POINTS = 20
NEXT_PHASE_POINTS, SAME_PHASE_POINTS = 25, 20
SAME_BAND_POINTS = 10


def best_fitted(pieces: Iterable[Piece], reader: Reader) -> Choice | None:
    """The piece that fits ``reader`` best, or None when nothing is left; ties go to the oldest piece.

    A piece in another language, already seen, or more than one phase or band ahead is never chosen.
    """
    choices = [_weigh(piece, reader) for piece in pieces if _may_suit(piece, reader)]
    return max(choices, key=lambda choice: (choice.points, -choice.piece_id), default=None)


def _may_suit(piece: Piece, reader: Reader) -> bool:
    if piece.id in reader.seen or piece.language != reader.language:
        return False
    return _step(BANDS, reader.band, piece.band) <= 1 and _step(PHASES, reader.phase, piece.phase) <= 1


def _step(order: tuple[str, ...], here: str, there: str) -> int:
    """How many steps ``there`` lies ahead of ``here``; unknown places are not ahead."""
    if here not in order or there not in order:
        return 0
    return order.index(there) - order.index(here)


def _weigh(piece: Piece, reader: Reader) -> Choice:
    found: list[tuple[int, Why, str]] = []
    topics = sorted(piece.topics & reader.interests)[:TOPICS_COUNTED]
    found += [(TOPIC_POINTS, Why.TOPIC, topic) for topic in topics]
    personas = sorted(piece.personas & reader.personas)[:1]
    found += [(PERSONA_POINTS, Why.PERSONA, persona) for persona in personas]
    if piece.phase in PHASES and reader.phase in PHASES:
        found += _phase_points(_step(PHASES, reader.phase, piece.phase), piece.phase)
    if piece.band == reader.band:
        found.append((SAME_BAND_POINTS, Why.SAME_BAND, piece.band))
    found.sort(key=lambda each: -each[0])
    return Choice(piece.id, sum(p for p, _, _ in found), tuple((why, what) for _, why, what in found))


def _phase_points(ahead: int, phase: str) -> list[tuple[int, Why, str]]:
    if ahead == 1:
        return [(NEXT_PHASE_POINTS, Why.NEXT_PHASE, phase)]
    return [(SAME_PHASE_POINTS, Why.SAME_PHASE, phase)] if ahead == 0 else []
