"""What may be assumed about an item of the checklist before anybody has asked. Plain values only.

An assumption is told by the profile, a form or an event; it never overwrites what a person said, and never
counts as confirmed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# The newest act that asks for sales (a quote, a demo …): a source like a field of the profile.
INTENT = "intent"


@dataclass(frozen=True, slots=True)
class Known:
    """A value in words, and where it comes from ("" where nobody asked for that)."""

    value: str
    evidence: str = ""


def assume(sources: Sequence[str], facts: Mapping[str, Known]) -> Known | None:
    """The first of the sources that says something."""
    return next((facts[name] for name in sources if name in facts and facts[name].value.strip()), None)
