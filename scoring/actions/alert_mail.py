"""Mails about notifications: claimed, sent, marked; one mail for all that is due to one person.

A claim is committed before the mail leaves. Whoever crashes in between leaves it claimed; after an hour it is
*unknown*, and is not sent again: nobody is told twice, and the notification itself is in Écluse anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from scoring.models import Notification
from scoring.told import seen_leads

log = structlog.get_logger(__name__)

MOST_IN_ONE = 50
CLAIM_LASTS = timedelta(hours=1)
_Email = Notification.Email


def send_due(*, now: datetime) -> int:
    """Send what is due, one mail a person; returns how many mails left."""
    stale = Notification.objects.filter(email=_Email.CLAIMED, emailed_at__lt=now - CLAIM_LASTS)
    stale.update(email=_Email.UNKNOWN)
    sent = 0
    while claimed := _claim(now):
        sent += _send(claimed)
    return sent


@transaction.atomic
def _claim(now: datetime) -> list[Notification]:
    """All that is due to the person who waits longest; what was read meanwhile needs no mail."""
    due = Notification.objects.filter(email=_Email.DUE, email_due_at__lte=now)
    due.exclude(read_at=None).update(email=_Email.NONE)
    first = due.select_for_update(skip_locked=True).order_by("email_due_at", "pk").first()
    if first is None:
        return []
    mine = due.filter(user=first.user_id).select_for_update(skip_locked=True).order_by("at", "pk")
    claimed = list(mine[:MOST_IN_ONE])
    numbers = [one.pk for one in claimed]
    Notification.objects.filter(pk__in=numbers).update(email=_Email.CLAIMED, emailed_at=now)
    rows = Notification.objects.filter(pk__in=numbers).select_related("user", "lead__company", "rule")
    return list(rows.order_by("at", "pk"))


def _send(claimed: Sequence[Notification]) -> int:
    user: User = claimed[0].user
    ids = [one.pk for one in claimed]
    try:
        with translation.override(user.language), timezone.override(user.time_zone):
            subject, text, html = _written(claimed)
            send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [user.email], html_message=html)
    except OSError:
        # Nothing says whether it left: as with every mail, it is not sent again by itself.
        log.warning("notification_mail_failed", user_id=user.pk, exc_info=True)
        Notification.objects.filter(pk__in=ids).update(email=_Email.UNKNOWN)
        return 0
    Notification.objects.filter(pk__in=ids).update(email=_Email.SENT)
    return 1


def _written(claimed: Sequence[Notification]) -> tuple[str, str, str]:
    """Subject, text and HTML, in the reader's language; a lead that the reader no longer sees has no name."""
    user, number = claimed[0].user, len(claimed)
    seen = seen_leads(user, claimed)
    lines = [(_name(one, one.lead_id in seen), one, one.lead_id in seen) for one in claimed]
    subject = f"{lines[0][0]} {claimed[0].said}" if number == 1 else _many(number)
    context = {"lines": lines, "base": settings.SITE_URL, "user": user}
    text, html = (render_to_string(f"emails/alert.{form}", context) for form in ("txt", "html"))
    return " ".join(subject.split()), text, html


def _name(one: Notification, is_seen: bool) -> str:
    if one.lead is None:
        return ""
    return one.lead.display_name if is_seen else _("A lead")


def _many(number: int) -> str:
    return _("%(number)d messages about your leads") % {"number": number}
