"""Lengths of time as people say them."""

from __future__ import annotations

from datetime import timedelta

from django import template
from django.utils.translation import gettext as _

register = template.Library()
_DAY, _HOUR = 86_400, 3_600


@register.filter
def duration(length: timedelta | None) -> str:
    """Days, hours or minutes, whichever says most: "3 d", "5 h", "40 min"; a dash for nothing."""
    if length is None:
        return "—"
    seconds = max(0, int(length.total_seconds()))
    if seconds >= 2 * _DAY:
        return _("%(n)d d") % {"n": round(seconds / _DAY)}
    if seconds >= 2 * _HOUR:
        return _("%(n)d h") % {"n": round(seconds / _HOUR)}
    return _("%(n)d min") % {"n": round(seconds / 60)}
