"""Rules for those who want no rules: a grid of content type × buying phase, and the acts of intent (pure).

Whoever reads a case study about a decision shows more than whoever reads an article about a problem. The grid
says how much more, in points; everything else (phases, temperature, gates) follows from it, since the phase
of what somebody consults is the phase they are in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scoring.drafts import Document

# The phases that content may be for: whoever has bought reads something else.
PHASES = ("awareness", "interest", "consideration", "decision")
# Ways of consulting a piece of content; a mail that carries one is none.
CONSULTED = ("page_viewed", "content_downloaded", "video_watched", "webinar_attended", "event_attended")
MAX_POINTS = 100
LEAST_GAP = 2  # whole points between the gates, so that the matrix has three thresholds
LONGEST = 730  # days

Json = dict[str, object]
Names = Mapping[str, tuple[str, str]]  # French and English, by code


class NothingScored(ValueError):
    """Neither a cell of the grid nor an act of intent gives points."""


@dataclass(frozen=True, slots=True)
class Start:
    """What is asked of those who want no rules.

    ``grid``: whole points 0..100 for (content type, phase). ``intents``: points 0..100 by kind of event;
    ``at_once`` are those that make a lead ready whatever else is known. ``half_life``: days in which an act
    loses half its worth. ``mql_at`` and ``ready_at``: whole points of engagement for the two gates.
    """

    name: tuple[str, str]
    grid: Mapping[tuple[str, str], int]
    intents: Mapping[str, int]
    at_once: frozenset[str] = frozenset()
    half_life: int = 60
    mql_at: int = 15
    ready_at: int = 45


def starting_document(start: Start, *, types: Names, kinds: Names, phases: Names) -> Document:
    """The rule document that a grid describes; ``types``, ``kinds`` and ``phases`` are names of codes.

    Raises NothingScored, or ValueError when the gates are not at 1 to 100 points, the upper one at least two
    points above the lower.
    """
    if not 1 <= start.mql_at <= start.ready_at - LEAST_GAP <= 100 - LEAST_GAP:
        raise ValueError("the gates are reversed")
    groups = [*_content_groups(start, types, phases), *_intent_group(start, kinds)]
    if not groups:
        raise NothingScored
    middle = (start.mql_at + start.ready_at) // 2
    return {
        "name": _text(start.name),
        "matrix": {"fit": [75, 50, 25], "engagement": [start.ready_at, middle, start.mql_at]},
        "completeness": ["first_name", "last_name", "email", "phone", "company", "job_title", "need"],
        "groups": [_known(), *groups],
        "phases": list(_phase_table(start)),
        "temperatures": [
            {"temperature": "hot", "when": {"score": "engagement", "at_least": middle}},
            {"temperature": "warm", "when": {"phase": ["consideration", "decision"]}},
        ],
        "gates": {"mql": _gate(start.mql_at), "ready": _ready(start, kinds)},
    }


def _known() -> Json:
    """Without rules about who somebody is, fit is how much of them is known."""
    return {
        "code": "known",
        "name": _text(("Ce que l’on sait", "What is known")),
        "measures": "fit",
        "rules": [
            {
                "code": f"known_{share}",
                "name": _text((f"Fiche complète à {share}\u00a0%", f"Profile {share}% complete")),
                "points": 25,
                "when": {"score": "completeness", "at_least": share},
            }
            for share in (25, 50, 75, 100)
        ],
    }


def _content_groups(start: Start, types: Names, phases: Names) -> Iterator[Json]:
    for phase in PHASES:
        by_points: dict[int, list[str]] = defaultdict(list)
        for kind in types:
            if points := start.grid.get((kind, phase), 0):
                by_points[points].append(kind)
        rules = [_content_rule(phase, *one, start.half_life, types) for one in sorted(by_points.items())]
        if rules:
            french, english = phases[phase]
            name = f"Contenus\u00a0: {french.lower()}", f"Content: {english.lower()}"
            yield {"code": phase, "name": _text(name), "measures": "engagement", "rules": rules}


def _content_rule(phase: str, points: int, found: list[str], half_life: int, types: Names) -> Json:
    return {
        "code": f"{phase}_{points}",
        "name": {
            "fr": ", ".join(types[one][0] for one in found)[:200],
            "en": ", ".join(types[one][1] for one in found)[:200],
        },
        "points": points,
        "count": {
            "event": {"kind": list(CONSULTED), "content_type": found, "phase": [phase]},
            "one_per": "day",
            "within_days": _window(half_life),
            "most": 5,
            "half_life": half_life,
        },
    }


def _window(half_life: int) -> int:
    """After four half-lives an act is worth a sixteenth: it is forgotten."""
    return min(4 * half_life, LONGEST)


def _intent_group(start: Start, kinds: Names) -> Iterator[Json]:
    rules = [
        {
            "code": f"asks_{code}",
            "name": _text(kinds[code]),
            "points": points,
            "count": {
                "event": {"kind": [code]},
                "one_per": "day",
                "within_days": _window(start.half_life),
                "most": 1,
                "half_life": start.half_life,
            },
        }
        for code, points in start.intents.items()
        if points and code in kinds
    ]
    if rules:
        name = _text(("Demandes", "Acts of intent"))
        yield {"code": "asks", "name": name, "measures": "engagement", "rules": rules}


def _phase_table(start: Start) -> Iterator[Json]:
    days = _window(start.half_life)
    yield {"phase": "conversion", "when": {"event": {"kind": ["purchase", "won"]}, "within_days": LONGEST}}
    asked = {"event": {"intent": True}, "within_days": days}
    yield {"phase": "decision", "when": {"any": [asked, _consulted("decision", days)]}}
    for phase in ("consideration", "interest"):
        yield {"phase": phase, "when": _consulted(phase, days)}


def _consulted(phase: str, days: int) -> Json:
    return {"event": {"kind": list(CONSULTED), "phase": [phase]}, "within_days": days}


def _gate(least: int) -> Json:
    """Half the points keep somebody in: a gate that swings teaches nobody anything."""
    return {
        "when": {"score": "engagement", "at_least": least},
        "keep": {"score": "engagement", "at_least": least // 2},
    }


def _ready(start: Start, kinds: Names) -> Json:
    fast = [
        {
            "code": f"asked_{code}",
            "name": _text(kinds[code]),
            "when": {"event": {"kind": [code]}, "within_days": 30},
        }
        for code in kinds
        if code in start.at_once
    ]
    return _gate(start.ready_at) | ({"fast": fast} if fast else {})


def _text(name: tuple[str, str]) -> dict[str, str]:
    return {"fr": name[0], "en": name[1]}
