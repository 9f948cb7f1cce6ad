"""Who resembles a persona among the newest leads: a sample, read with few queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from leads.models import Lead
from scoring.engine.explanation import PersonaReading
from scoring.engine.likeness import likeness
from scoring.engine.rules import Persona
from scoring.past import Moment
from scoring.past_profiles import profiles_at
from scoring.programs import site_zone

SAMPLE = 300
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Resembling:
    """A lead and how near it is."""

    lead: Lead
    reading: PersonaReading


@dataclass(frozen=True, slots=True)
class Sample:
    """What the newest leads say about a persona.

    ``held``: how many have each trait, in the persona's order; ``near``: how many have at least
    ``near_at`` percent of its weight; ``nearest``: the few that resemble it most.
    """

    leads: int
    held: tuple[int, ...]
    near: int
    near_at: int
    nearest: Sequence[Resembling]


def sample_of(persona: Persona, *, now: datetime, near_at: int = 60) -> Sample:
    """Read the newest leads under a persona, as of now."""
    newest = list(Lead.objects.present().select_related("company", "score").order_by("-pk")[:SAMPLE])
    names = tuple(dict.fromkeys(one.test.field for one in persona.criteria))
    profiles = profiles_at([Moment(lead.pk, now) for lead in newest], names) if newest else []
    today = now.astimezone(site_zone()).date()
    readings = [likeness(persona, profile, today) for profile in profiles]
    found = [Resembling(lead, one) for lead, one in zip(newest, readings, strict=True)]
    found.sort(key=lambda one: -one.reading.percent)
    return Sample(
        leads=len(found),
        held=tuple(sum(one.traits[place][1] for one in readings) for place in range(len(persona.criteria))),
        near=sum(one.percent >= near_at for one in readings),
        near_at=near_at,
        nearest=[one for one in found[:SHOWN] if one.reading.percent],
    )
