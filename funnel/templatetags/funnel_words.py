"""Moments as sales people say them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils import formats, timezone
from django.utils.translation import gettext as _

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
