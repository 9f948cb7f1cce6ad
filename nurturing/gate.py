"""May this message go to this lead now? Policy, law and addresses in one answer, for a whole batch.

Asked when a message is planned, when it is claimed and once more right before it leaves; what cannot be
looked up is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from funnel.stages import Position, Situation, Stage
from leads.choices import ContactChannel
from leads.choices import Purpose as LegalPurpose
from leads.consent import ContactFacts, may_contact
from leads.queries import contact_facts
from nurturing.models import MailSettings
from nurturing.policy import Preset, Purpose, may_say
from nurturing.sql import POSITIONS, rows


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes or no and why; on what ground in law, with its evidence; where the lead stood."""

    allowed: bool
    reason: str
    address: str = ""
    basis: str = ""
    evidence_id: int | None = None
    seen: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """Everything looked up for one batch of leads."""

    settings: MailSettings
    positions: Mapping[int, Position]
    facts: Mapping[int, ContactFacts]

    def ask(self, lead_id: int, purpose: Purpose) -> Answer:
        """Whether ``purpose`` may be written to the lead by email."""
        position, facts = self.positions.get(lead_id), self.facts.get(lead_id)
        if facts is None:
            return Answer(False, "lead_unknown")
        if position is None and purpose is not Purpose.TRANSACTIONAL:
            return Answer(False, "not_in_funnel")
        preset = Preset(self.settings.preset)
        seen = _seen(position, preset)
        if position is not None:
            said = may_say(position.stage, position.situation, purpose, preset)
            if not said.allowed:
                return Answer(False, f"policy:{said.because}", seen=seen)
        law = may_contact(facts, channel=ContactChannel.EMAIL, purpose=LegalPurpose(purpose.value))
        address = facts.email or ""
        return Answer(law.allowed, law.reason, address, law.basis, law.evidence_id, seen)


def _seen(position: Position | None, preset: Preset) -> tuple[tuple[str, str], ...]:
    if position is None:
        return (("preset", preset.value),)
    return (
        ("preset", preset.value),
        ("stage", position.stage.value),
        ("situation", position.situation.value),
    )


def open_gate(lead_ids: Sequence[int], *, at: datetime, settings: MailSettings | None = None) -> Gate:
    """Look up what the answers for ``lead_ids`` need, in five queries (four with ``settings`` just read)."""
    standings = rows(POSITIONS, leads=list(lead_ids))
    return Gate(
        settings or MailSettings.load(),
        {lead_id: Position(Stage(stage), Situation(situation)) for lead_id, stage, situation in standings},
        contact_facts(lead_ids, at=at),
    )
