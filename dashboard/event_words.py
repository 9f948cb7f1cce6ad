"""What an event says besides its kind, in words: the properties Écluse knows, and others as they are."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

# Their values say enough. A number under one of these names is a key of ours, which says nothing to people.
SPEAK_FOR_THEMSELVES = frozenset({"url", "page", "form", "message", "title", "product", "service"})
MEASURES = {"percent": lazy("%(value)s%% watched"), "minutes": lazy("%(value)s min")}
VALUES: dict[tuple[str, str], str | Promise] = {
    ("result", "reached"): lazy("reached"),
    ("result", "voicemail"): lazy("voicemail"),
    ("result", "wrong_number"): lazy("wrong number"),
    ("result", "call_back"): lazy("to call back"),
    ("action", "like"): lazy("liked"),
    ("action", "share"): lazy("shared"),
    ("action", "follow"): lazy("followed"),
}


def property_in_words(name: str, value: object) -> str:
    """One property for reading; "" for what is nested or no news to people."""
    if not isinstance(value, str | int | float):
        return ""
    if name in SPEAK_FOR_THEMSELVES:
        return value if isinstance(value, str) else ""
    if name in MEASURES:
        return str(MEASURES[name]) % {"value": value}
    known = VALUES.get((name, str(value)))
    return str(known) if known else _("%(field)s: %(value)s") % {"field": name, "value": value}
