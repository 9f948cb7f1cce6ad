"""Marks and words of the tracker's and sources' pages."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from leads.api.recent import Seen
from leads.kinds import BY_CODE

register = template.Library()

STATES = {
    "accepted": ("good", lazy("stored")),
    "not_stored": ("line", lazy("not stored: no consent")),
    "refused": ("bad", lazy("refused")),
    "conflict": ("warn", lazy("known id with other content")),
    "test": ("accent", lazy("the snippet is there")),
}


@register.filter
def arrival_kind(seen: Seen) -> str:
    """What arrived, in words."""
    if seen.status == "test":
        return _("Test")
    kind = BY_CODE.get(seen.kind)
    return str(kind.label) if kind else seen.kind or "—"


@register.simple_tag
def arrival_state(seen: Seen) -> SafeString:
    """What became of it, as a tag; of what was refused, the code."""
    tone, words = STATES.get(seen.status, ("line", seen.status))
    code = f" ({seen.code})" if seen.status == "refused" and seen.code else ""
    return format_html('<span class="tag tag--{}">{}{}</span>', tone, words, code)
