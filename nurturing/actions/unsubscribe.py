"""Leaving: at once, for everything that is marketing, and as often as one likes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from leads.actions.consent import record_consent, suppress
from leads.actions.events import record_event
from leads.choices import ConsentState, SuppressionReason
from leads.choices import Purpose as LegalPurpose
from leads.fingerprint import fingerprint
from leads.models import Lead, Suppression
from nurturing.actions.outbox import cancel_planned
from nurturing.policy import Purpose
from nurturing.tokens import Subject


def lead_of(subject: Subject) -> Lead | None:
    """The lead that a link is about; None once it is gone. A merged lead's link speaks for the survivor."""
    return surviving(subject.lead_public_id)


def surviving(public_id: UUID) -> Lead | None:
    """The lead with this id, or the one it was merged into in the end."""
    lead = Lead.objects.filter(public_id=public_id).select_related("merged_into").first()
    while lead is not None and lead.merged_into is not None:
        lead = lead.merged_into
    return lead


@transaction.atomic
def unsubscribe(subject: Subject, *, now: datetime, actor: str = "link") -> bool:
    """Never again any marketing mail to this address; what is planned is cancelled. Idempotent.

    Writes the withdrawn consent with its event, *unsubscribed*, and the suppression. False when it was
    already so, or when the lead is gone.
    """
    found = lead_of(subject)
    if found is None or not found.email:
        return False
    lead = Lead.objects.select_for_update(no_key=True).get(pk=found.pk)
    if not lead.email or _is_out(lead.email):
        return False
    for purpose in _purposes(subject.purpose):
        record_consent(lead=lead, purpose=purpose, state=ConsentState.WITHDRAWN, now=now, actor=actor)
    leave(lead, purpose=subject.purpose, now=now)
    return True


def leave(lead: Lead, *, purpose: Purpose, now: datetime) -> None:
    """Suppress the address for all marketing, record *unsubscribed*, cancel what is planned.

    What the person said of each purpose is the caller's to write into the ledger.
    """
    suppress(address=lead.email or "", reason=SuppressionReason.UNSUBSCRIBED, now=now)
    about: dict[str, object] = {"purpose": purpose.value}
    record_event(lead_id=lead.pk, kind="unsubscribed", occurred_at=now, now=now, properties=about)
    cancel_planned(lead.pk, reason="unsubscribed")


def _is_out(address: str) -> bool:
    return Suppression.objects.filter(
        fingerprint=fingerprint(address), reason=SuppressionReason.UNSUBSCRIBED, topic="", released_at=None
    ).exists()


def _purposes(purpose: Purpose) -> list[LegalPurpose]:
    """What a link in a message of this purpose withdraws; the suppression covers the rest of marketing."""
    return [LegalPurpose(purpose.value)] if purpose is not Purpose.TRANSACTIONAL else [LegalPurpose.NURTURING]
