"""Writing down what people consent to, and which addresses are never written to again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from leads.actions.events import new_event, record_events
from leads.choices import ConsentState, ContactChannel, Purpose, SuppressionReason
from leads.fingerprint import fingerprint
from leads.incoming import NewEvent
from leads.kinds import BY_CODE
from leads.models import ConsentEvent, Lead, Source, Suppression


@transaction.atomic
def record_consent(
    *,
    lead: Lead,
    purpose: Purpose,
    state: ConsentState,
    now: datetime,
    channel: ContactChannel = ContactChannel.EMAIL,
    text_version: str = "",
    form_version: str = "",
    page_url: str = "",
    ip_truncated: str = "",
    user_agent_hash: str = "",
    actor: str = "",
    doi_confirmed_at: datetime | None = None,
) -> ConsentEvent:
    """Add one line to the ledger and record the matching event.

    ``doi_confirmed_at``: when the owner of the address confirmed it by a message (double opt-in).
    """
    row = ConsentEvent(
        lead=lead,
        purpose=purpose,
        channel=channel,
        state=state,
        at=now,
        text_version=text_version,
        form_version=form_version,
        page_url=page_url[:500],
        ip_truncated=ip_truncated,
        user_agent_hash=user_agent_hash,
        actor=actor,
        doi_confirmed_at=doi_confirmed_at,
    )
    return record_consents([row], now=now)[0]


@transaction.atomic
def record_consents(lines: Sequence[ConsentEvent], *, now: datetime) -> list[ConsentEvent]:
    """Add these lines to the ledger, each at its own time, and record the matching events."""
    rows = ConsentEvent.objects.bulk_create(lines)
    if rows:
        record_events([_event(row) for row in rows], now=now)
    return rows


def _event(row: ConsentEvent) -> NewEvent:
    granted = row.state == ConsentState.GRANTED
    return new_event(
        lead_id=row.lead_id,
        kind_id=BY_CODE["consent_given" if granted else "consent_withdrawn"].id,
        occurred_at=row.at,
        source_id=Source.ECLUSE,
        event_id=f"consent:{row.pk}",
        properties={"purpose": str(row.purpose), "channel": str(row.channel), "state": str(row.state)},
    )


@transaction.atomic
def suppress(
    *,
    address: str,
    reason: SuppressionReason,
    now: datetime,
    channel: ContactChannel = ContactChannel.EMAIL,
    topic: str = "",
    until: datetime | None = None,
) -> Suppression:
    """Never write to this (normalised) address again, as far as ``reason`` reaches. Idempotent."""
    row, _created = Suppression.objects.update_or_create(
        fingerprint=fingerprint(address),
        reason=reason,
        topic=topic,
        defaults={"channel": channel, "released_at": None, "until": until},
        create_defaults={"channel": channel, "at": now, "until": until},
    )
    return row


def release(*, address: str, reasons: list[SuppressionReason], now: datetime) -> int:
    """Lift suppressions, for instance after the person's own double opt-in; how many were lifted."""
    mine = Q(fingerprint=fingerprint(address), reason__in=reasons, released_at=None)
    return Suppression.objects.filter(mine).update(released_at=now)
