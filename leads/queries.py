"""Reading leads: by identity, and what the contact decision needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from leads.choices import Audience, ConsentState, ContactChannel, Purpose, SuppressionReason
from leads.consent import Consent, ContactFacts
from leads.fingerprint import fingerprint
from leads.models import Event, Lead, ProfileChange, Suppression

# Each lead with its last word on each purpose and channel; one row with nulls for who never said anything.
_REACHED_BY = """
SELECT lead.id, lead.audience, lead.email, lead.phone, 'role' = ANY(lead.email_flags), lead.erased_at,
       said.purpose, said.channel, said.state, said.at, said.id
  FROM leads_lead AS lead
  LEFT JOIN LATERAL (
       SELECT DISTINCT ON (purpose, channel) purpose, channel, state, at, id
         FROM leads_consentevent WHERE lead_id = lead.id ORDER BY purpose, channel, at DESC, id DESC
  ) AS said ON TRUE
 WHERE lead.id = ANY(%s)
"""


def contact_facts(lead_ids: Sequence[int], *, at: datetime) -> dict[int, ContactFacts]:
    """What may_contact needs to know about each lead, in two queries (plain SQL: asked before each email)."""
    with connection.cursor() as cursor:
        cursor.execute(_REACHED_BY, [list(lead_ids)])
        rows = cursor.fetchall()
    consents: dict[int, dict[tuple[Purpose, ContactChannel], Consent]] = defaultdict(dict)
    for lead_id, *_lead, purpose, channel, state, said_at, consent_id in rows:
        if purpose is not None:
            key = (Purpose(purpose), ContactChannel(channel))
            consents[lead_id][key] = Consent(ConsentState(state), said_at, consent_id)
    leads = {row[0]: row[1:6] for row in rows}
    blocked = suppressions_of([address for lead in leads.values() for address in lead[1:3] if address], at)
    return {
        lead_id: ContactFacts(
            audience=Audience(audience),
            email=email,
            phone=phone,
            is_generic=is_generic,
            is_erased=erased_at is not None,
            consents=consents[lead_id],
            suppressions=frozenset(
                reason for address in (email, phone) if address for reason in blocked[fingerprint(address)]
            ),
        )
        for lead_id, (audience, email, phone, is_generic, erased_at) in leads.items()
    }


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
    newest = spread(changes.select_related("by"))
    return {change.field: change for change in sorted(newest, key=lambda change: change.at)}


def spread(changes: Iterable[ProfileChange]) -> list[ProfileChange]:
    """The changes, one for each field: a lead that was imported has all its first values in one row, whose
    field is "*" and whose new value is a table of them."""
    found: list[ProfileChange] = []
    for change in changes:
        if change.field != "*" or not isinstance(change.new, dict):
            found.append(change)
            continue
        same = {"lead_id": change.lead_id, "origin": change.origin, "at": change.at, "by": change.by}
        found += [ProfileChange(field=name, new=value, **same) for name, value in change.new.items()]
    return found
