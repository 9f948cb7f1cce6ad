"""The reasons of verdicts in words."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: dict[str, str | Promise] = {
    "crawler": _("a known robot"),
    "prefetch": _("fetched ahead by the browser"),
    "head_request": _("asked for the head only"),
    "automated": _("a browser driven by a program"),
    "datacentre": _("from a data centre"),
    "trap": _("opened the trap page"),
    "too_fast": _("faster than anybody reads"),
    "same_instant": _("several pages at one instant"),
    "visitor": _("the same visitor was a machine before"),
    "too_soon": _("clicked as the message was delivered"),
    "many_links": _("followed many links at once"),
    "no_beacon": _("the page never reported itself"),
    "test": _("a test"),
    "person": _("a person showed themselves later"),
    "by_hand": _("decided by hand"),
}


def reasons_in_words(codes: Iterable[str]) -> str:
    """The reasons, separated by commas; a code that is not known stands as it is."""
    return ", ".join(str(REASONS.get(code, code)) for code in codes)
