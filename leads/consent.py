"""May we contact this person, for this purpose, by this channel? One pure answer with its reason.

French law as the privacy bar sums it up: consumers by email only after their opt-in (CPCE L.34-5);
professionals after information, with a free opt-out, about their profession; an unknown audience is
treated as a consumer. Whatever cannot be decided is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from leads.choices import Audience, ConsentState, ContactChannel, Purpose, SuppressionReason


@dataclass(frozen=True, slots=True)
class Consent:
    """The last word of the person on one purpose and channel; ``evidence_id`` is its row in the ledger."""

    state: ConsentState
    at: datetime
    evidence_id: int


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """All that the decision needs to know about one lead."""

    audience: Audience
    email: str | None
    phone: str | None
    is_generic: bool = False
    is_erased: bool = False
    consents: Mapping[tuple[Purpose, ContactChannel], Consent] = field(default_factory=dict)
    suppressions: frozenset[SuppressionReason] = frozenset()


@dataclass(frozen=True, slots=True)
class Permission:
    """Yes or no, with a stable reason, the legal basis and the evidence that goes onto the message."""

    allowed: bool
    reason: str
    basis: str = ""
    evidence_id: int | None = None


# What even a transactional message (confirmation, answer to a request) must respect.
_BLOCKS_EVERYTHING = (SuppressionReason.ERASED, SuppressionReason.HARD_BOUNCE, SuppressionReason.COMPLAINT)
_BLOCKS_MARKETING = (
    SuppressionReason.OBJECTION,
    SuppressionReason.UNSUBSCRIBED,
    SuppressionReason.SOFT_BOUNCE,
    SuppressionReason.PAUSED,
)


def may_contact(facts: ContactFacts, *, channel: ContactChannel, purpose: Purpose) -> Permission:
    """Whether ``purpose`` may reach the lead by ``channel`` (only email and phone are known so far)."""
    address = facts.email if channel == ContactChannel.EMAIL else facts.phone
    if facts.is_erased or not address:
        return Permission(False, "no_address")
    blocked = _suppressed(facts.suppressions, purpose)
    if blocked:
        return Permission(False, f"suppressed:{blocked}")
    if purpose == Purpose.TRANSACTIONAL:
        return Permission(True, "requested_by_the_person", basis="contract")
    consent = facts.consents.get((purpose, channel))
    if consent and consent.state != ConsentState.GRANTED:
        return Permission(False, f"consent_{consent.state}", evidence_id=consent.evidence_id)
    if consent:
        return Permission(True, "opt_in", basis="consent", evidence_id=consent.evidence_id)
    return _without_consent(facts, channel, purpose)


def may_transfer(facts: ContactFacts) -> Permission:
    """Whether the person's data may be passed on to a partner: only after their own yes, by whatever way it
    came (GDPR art. 6(1)(a), 7), and not after an objection."""
    said = [consent for (purpose, _), consent in facts.consents.items() if purpose == Purpose.TRANSFER]
    if facts.is_erased or SuppressionReason.ERASED in facts.suppressions:
        return Permission(False, "no_address")
    if SuppressionReason.OBJECTION in facts.suppressions:
        return Permission(False, f"suppressed:{SuppressionReason.OBJECTION.value}")
    if not said:
        return Permission(False, "no_opt_in")
    last = max(said, key=lambda consent: (consent.at, consent.evidence_id))
    if last.state != ConsentState.GRANTED:
        return Permission(False, f"consent_{last.state}", evidence_id=last.evidence_id)
    return Permission(True, "opt_in", basis="consent", evidence_id=last.evidence_id)


def _suppressed(reasons: frozenset[SuppressionReason], purpose: Purpose) -> str:
    """The gravest reason that forbids the purpose, or an empty text."""
    transactional = purpose == Purpose.TRANSACTIONAL
    blocking = _BLOCKS_EVERYTHING if transactional else _BLOCKS_EVERYTHING + _BLOCKS_MARKETING
    return next((reason.value for reason in blocking if reason in reasons), "")


def _without_consent(facts: ContactFacts, channel: ContactChannel, purpose: Purpose) -> Permission:
    """What may be said to somebody who was never asked."""
    if purpose == Purpose.TRANSFER:
        return Permission(False, "no_opt_in")
    if facts.is_generic and channel == ContactChannel.EMAIL:
        return Permission(True, "generic_address", basis="legitimate_interest")
    if facts.audience == Audience.B2B:
        return Permission(True, "professional", basis="legitimate_interest")
    return Permission(False, "no_opt_in")
