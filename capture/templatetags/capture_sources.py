"""Marks and words of the tracker's and sources' pages."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext

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


@register.filter
def euros_short(amount: Decimal | None) -> str:
    """An amount for a narrow column: whole euros from 100 on; "—" for None."""
    if amount is None:
        return "—"
    places = 0 if amount >= 100 else 2
    number = formats.number_format(round(amount, places), places, use_l10n=True, force_grouping=True)
    return pgettext("amount of money", "€%s") % number


@register.simple_tag
def return_tag(result: Decimal | None) -> SafeString:
    """What each euro brought beyond itself, as a percentage; "—" where nothing was spent."""
    if result is None:
        return format_html('<span class="muted">{}</span>', "—")
    tone = "good" if result > 0 else "bad" if result < 0 else "quiet"
    number = formats.number_format(round(100 * result), 0, use_l10n=True, force_grouping=True)
    sign = "+" if result > 0 else ""
    return format_html(
        '<span class="{}">{}</span>',
        tone,
        pgettext("percentage", "%s%%") % (sign + number.replace("-", "−")),
    )
