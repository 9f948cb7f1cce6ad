"""Passing leads on to partners: only with their consent, with the least data, and what became of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import override

from accounts.models import User
from funnel.actions.opportunities import checked_amount
from funnel.actions.telling import tell
from funnel.choices import Outcome
from funnel.handing_over import handed_over
from funnel.models import Notice, Partner, Referral
from funnel.refusals import Incomplete, Refused
from funnel.service_levels import UNDO_ON_SERVER
from leads.actions.consent import record_consent
from leads.choices import ConsentState, ContactChannel, Purpose
from leads.consent import may_transfer
from leads.models import ConsentEvent, Lead
from leads.queries import contact_facts

# How somebody may have said yes; the ledger keeps which.
WAYS = ("phone", "email", "meeting", "writing")


def partner_named(name: str) -> Partner:
    """The active partner of this name. Raises Incomplete."""
    if not name.strip():
        raise Incomplete("partner_required", field="partner")
    found = Partner.objects.filter(name__iexact=" ".join(name.split()), is_active=True).first()
    if found is None:
        raise Incomplete("partner_unknown", field="partner")
    return found


def require_consent(lead: Lead, *, now: datetime) -> None:
    """Refuse to pass on who has not agreed (GDPR art. 6(1)(a)). Raises Refused."""
    if not may_transfer(contact_facts([lead.pk], at=now)[lead.pk]).allowed:
        raise Refused("transfer_no_consent")


def record_transfer_consent(*, lead: Lead, way: str, by: User, now: datetime) -> ConsentEvent:
    """Note in the ledger that the lead agreed to be passed on, how and to whom they said so."""
    if way not in WAYS:
        raise Incomplete("option_unknown", field="way")
    return record_consent(
        lead=lead,
        purpose=Purpose.TRANSFER,
        channel=ContactChannel.EMAIL,
        state=ConsentState.GRANTED,
        now=now,
        text_version=f"transfer-{way}-v1",
        actor=f"user:{by.pk}",
    )


def hand_over(lead: Lead, partner: Partner, *, by: User, now: datetime) -> Referral:
    """The referral with what the partner is told of it; the message leaves once it cannot be undone.

    The caller holds the lead's lock.
    """
    return Referral.objects.create(
        lead=lead,
        partner=partner,
        at=now,
        by=by,
        sent=told_of(lead, partner),
        notice_due_at=now + UNDO_ON_SERVER,
    )


def told_of(lead: Lead, partner: Partner) -> dict[str, str]:
    """What this partner is told of the lead, in their language."""
    with override(partner.language):
        known = {
            "name": lead.full_name,
            "company": lead.company.name if lead.company else "",
            "job_title": lead.job_title,
            "email": lead.email or "",
            "phone": lead.phone or "",
            "city": " ".join(part for part in (lead.postcode, lead.city) if part),
            "need": lead.need,
            "project_month": f"{lead.project_month:%m/%Y}" if lead.project_month else "",
        }
        return handed_over(known)


@transaction.atomic
def note_outcome(
    *, referral: Referral, outcome: str, now: datetime, amount: Decimal | None = None, by: User | None = None
) -> Referral:
    """What became of a lead at a partner's; without ``by`` the partner says it. A later word replaces it.

    Raises Refused (``referral_taken_back``), Incomplete.
    """
    if outcome not in (Outcome.WON, Outcome.LOST):
        raise Incomplete("outcome_unknown", field="outcome")
    held = Referral.objects.select_for_update(of=("self",)).select_related("lead", "by", "partner")
    row = held.get(pk=referral.pk)
    if row.notice == Notice.CANCELLED:
        raise Refused("referral_taken_back")
    is_won = outcome == Outcome.WON and amount is not None
    row.outcome, row.outcome_at, row.outcome_by = outcome, now, by
    row.amount = checked_amount(amount, "amount") if is_won and amount is not None else None
    row.save(update_fields=["outcome", "outcome_at", "outcome_by", "amount"])
    if by is None:
        tell(users=[row.by], kind="partner_outcome", lead=row.lead, now=now, what=row.get_outcome_display())
    return row
