"""Telling partners of the leads that were passed on to them: claimed, sent, marked.

A claim is committed before the mail leaves. Whoever crashes in between leaves it claimed; after an hour it
is *unknown*, and is not sent again: no partner gets a lead twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from funnel.actions.passages import last_passage
from funnel.models import Notice, Referral
from funnel.referral_links import referral_url
from funnel.stages import Verb
from leads.consent import may_transfer
from leads.queries import contact_facts

log = structlog.get_logger(__name__)

CLAIM_LASTS = timedelta(hours=1)


def tell_partners(*, now: datetime) -> int:
    """Send what is due, one mail a lead; returns how many left."""
    stale = Referral.objects.filter(notice=Notice.CLAIMED, notice_at__lt=now - CLAIM_LASTS)
    stale.update(notice=Notice.UNKNOWN)
    sent = 0
    while (claimed := _claim(now)) is not None:
        sent += claimed.notice == Notice.CLAIMED and _send(claimed)
    return sent


@transaction.atomic
def _claim(now: datetime) -> Referral | None:
    """The one that waits longest: claimed; cancelled where it was taken back meanwhile; none of ours where
    the partner has no address."""
    due = Referral.objects.filter(notice=Notice.DUE, notice_due_at__lte=now).order_by("notice_due_at", "pk")
    row = due.select_for_update(skip_locked=True, of=("self",)).select_related("lead", "partner").first()
    if row is None:
        return None
    stands = Notice.CLAIMED if row.partner.email else Notice.NONE
    row.notice = stands if _stands(row, now) else Notice.CANCELLED
    row.notice_at = now
    row.save(update_fields=["notice", "notice_at"])
    return row


def _stands(referral: Referral, now: datetime) -> bool:
    """Whether the lead still goes to this partner: not undone, consent not withdrawn, not erased."""
    last = last_passage(referral.lead_id)
    goes = last is not None and last.verb == Verb.REFER and last.at == referral.at
    if not goes or referral.lead.erased_at or referral.lead.merged_into_id:
        return False
    return may_transfer(contact_facts([referral.lead_id], at=now)[referral.lead_id]).allowed


def _send(referral: Referral) -> bool:
    partner = referral.partner
    try:
        with translation.override(partner.language):
            subject = _("A lead for you: %(name)s") % {"name": referral.sent.get("name") or "–"}
            context = {"referral": referral, "partner": partner, "link": referral_url(referral.public_id)}
            text = render_to_string("emails/referral.txt", context)
            send_mail(" ".join(subject.split()), text, settings.DEFAULT_FROM_EMAIL, [partner.email])
    except OSError:
        # Nothing says whether it left: as with every mail, it is not sent again by itself.
        log.warning("partner_mail_failed", partner_id=partner.pk, exc_info=True)
        Referral.objects.filter(pk=referral.pk).update(notice=Notice.UNKNOWN)
        return False
    Referral.objects.filter(pk=referral.pk).update(notice=Notice.SENT)
    return True
