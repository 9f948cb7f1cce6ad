"""Reading leads: by identity, and what the contact decision needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from leads.choices import Audience, ConsentState, ContactChannel, Purpose, SuppressionReason
from leads.consent import Consent, ContactFacts
from leads.fingerprint import fingerprint
from leads.models import ConsentEvent, Event, Lead, ProfileChange, Suppression


def contact_facts(lead_ids: Sequence[int], *, at: datetime) -> dict[int, ContactFacts]:
    """What may_contact needs to know about each lead, in three queries."""
    leads = list(
        Lead.objects.filter(pk__in=lead_ids).only(
            "id", "audience", "email", "email_flags", "phone", "erased_at"
        )
    )
    consents = _consents([lead.pk for lead in leads])
    blocked = suppressions_of(
        [address for lead in leads for address in (lead.email, lead.phone) if address], at
    )
    return {
        lead.pk: ContactFacts(
            audience=Audience(lead.audience),
            email=lead.email,
            phone=lead.phone,
            is_generic="role" in lead.email_flags,
            is_erased=lead.erased_at is not None,
            consents=consents[lead.pk],
            suppressions=frozenset(
                reason
                for address in (lead.email, lead.phone)
                if address
                for reason in blocked[fingerprint(address)]
            ),
        )
        for lead in leads
    }


def _consents(lead_ids: Sequence[int]) -> dict[int, dict[tuple[Purpose, ContactChannel], Consent]]:
    """The last word of each lead on each purpose and channel."""
    last = (
        ConsentEvent.objects.filter(lead_id__in=lead_ids)
        .order_by("lead_id", "purpose", "channel", "-at", "-id")
        .distinct("lead_id", "purpose", "channel")
    )
    found: dict[int, dict[tuple[Purpose, ContactChannel], Consent]] = defaultdict(dict)
    for row in last:
        key = (Purpose(row.purpose), ContactChannel(row.channel))
        found[row.lead_id][key] = Consent(ConsentState(row.state), row.at, row.pk)
    return found


def suppressions_of(addresses: Iterable[str], at: datetime) -> dict[str, set[SuppressionReason]]:
    """The reasons in force at ``at`` for each address's fingerprint; topics are the newsletter's matter."""
    in_force = Suppression.objects.filter(
        Q(until=None) | Q(until__gt=at),
        fingerprint__in=[fingerprint(address) for address in addresses],
        released_at=None,
        topic="",
    )
    found: dict[str, set[SuppressionReason]] = defaultdict(set)
    for mark, reason in in_force.values_list("fingerprint", "reason"):
        found[mark].add(SuppressionReason(reason))
    return found


def timeline(lead: Lead, *, limit: int = 100) -> QuerySet[Event]:
    """The newest events of a lead, voided and machine ones too."""
    return (
        Event.objects.filter(lead=lead)
        .select_related("kind", "content")
        .order_by("-occurred_at", "-id")[:limit]
    )


def origins(lead: Lead) -> dict[str, ProfileChange]:
    """For each field of the profile, the change that brought its present value."""
    changes = ProfileChange.objects.filter(lead=lead).order_by("field", "-at", "-id").distinct("field")
    return {change.field: change for change in changes.select_related("by")}
