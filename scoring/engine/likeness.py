"""How near a lead is to a described ideal buyer (pure)."""

from __future__ import annotations

from datetime import date

from scoring.engine.explanation import PersonaReading
from scoring.engine.fields import Profile, holds
from scoring.engine.rules import Persona


def likeness(persona: Persona, profile: Profile, today: date) -> PersonaReading:
    """The share of a persona's weight that a profile has (whole percent, rounded down), trait by trait."""
    traits = tuple((one, holds(one.test, profile.get(one.test.field), today)) for one in persona.criteria)
    have = sum(one.weight for one, held in traits if held)
    percent = 100 * have // sum(one.weight for one, _ in traits)
    return PersonaReading(persona.code, persona.name, percent, traits)
