"""Moments as sales people say them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django import template
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

register = template.Library()


@register.filter
def day_time(moment: datetime | None) -> str:
    """ "today 16:40", "tomorrow 10:00", else day, date and time; in the reader's time zone."""
    if moment is None:
        return "—"
    local, today = timezone.localtime(moment), timezone.localdate()
    clock = formats.time_format(local, "H:i")
    if local.date() == today:
        return _("today %(time)s") % {"time": clock}
    if local.date() == today + timedelta(days=1):
        return _("tomorrow %(time)s") % {"time": clock}
    return _("%(day)s %(time)s") % {"day": formats.date_format(local, "l j F"), "time": clock}


@register.filter
def expectation(field: str, stored: object) -> str:
    """An expectation of an opportunity as it was stored with its change: amount, date or product."""
    if stored in (None, ""):
        return "—"
    if field == "expected_amount":
        amount = formats.number_format(Decimal(str(stored)), 2, use_l10n=True, force_grouping=True)
        return pgettext("amount of money", "€%s") % amount
    return (
        formats.date_format(date.fromisoformat(str(stored)), "j F Y")
        if field == "expected_close"
        else str(stored)
    )
