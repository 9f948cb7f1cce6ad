"""Whether an event may be taken: what its shape alone does not say. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from leads.api.event_shapes import (
    EARLIEST,
    MAX_EVENT_BYTES,
    MAX_VALUE_BYTES,
    NAMES_A_PERSON,
    PageEvent,
    ServerEvent,
)
from leads.api.lookups import KindRow
from leads.api.strict import MAX_DEPTH, NotStrict, check_depth
from leads.kinds import FIRST_CUSTOM_KIND_ID

# What a page may report about its visitor; the rest is for servers (calls, meetings, purchases, mail).
PAGE_KINDS = frozenset(
    {
        "page_viewed",
        "pricing_viewed",
        "return_visit",
        "time_on_site",
        "content_downloaded",
        "video_watched",
        "comment_posted",
        "social_interaction",
        "coupon_claimed",
        "ad_clicked",
        "chat",
        "trial_started",
    }
)
# What a form may say it was; custom kinds too.
FORM_KINDS = frozenset(
    {
        "form_submitted",
        "content_downloaded",
        "newsletter_subscribed",
        "webinar_registered",
        "event_registered",
        "coupon_claimed",
        "quote_requested",
        "demo_requested",
        "trial_started",
        "contact_requested",
        "meeting_booked",
    }
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one event is not taken: stable code, field, what to do."""

    code: str
    field: str
    detail: str | Promise

    def as_error(self) -> dict[str, str]:
        """As it stands in ``errors``."""
        return {"field": self.field, "code": self.code, "detail": str(self.detail)}


_UNKNOWN = re.compile(r"unknown field `([^`]*)`")
_MISSING = re.compile(r"missing required field `([^`]*)`")
_PLACE = re.compile(r"`\$\.?([^`]*)`$")


def shape_refusal(error: msgspec.ValidationError) -> Refusal:
    """msgspec's complaint with a stable code."""
    text = str(error)
    if unknown := _UNKNOWN.search(text):
        return Refusal("unknown_field", unknown[1], _("There is no such field."))
    if missing := _MISSING.search(text):
        return Refusal("required", missing[1], _("This field is required."))
    place = _PLACE.search(text)
    field = place[1] if place else ""
    if "timezone" in text:
        return Refusal(
            "offset_missing", field, _("Give the time with its offset, such as 2026-03-29T09:30:00+02:00.")
        )
    if "length" in text:
        return Refusal(
            "wrong_length", field, _("Too long, too short or too many; the documentation tells the limits.")
        )
    return Refusal("invalid", field, _("This value is not of the documented form."))


def names_a_person(item: Mapping[str, Any]) -> Refusal | None:
    """A page must not name anybody: whoever reads the page's source could write about them."""
    for field in NAMES_A_PERSON & item.keys():
        return Refusal("forbidden_field", field, _("An event of a page names the visitor, never a person."))
    return None


def check_kind(
    code: str, kind: KindRow | None, *, from_page: bool, allowed: frozenset[str] = PAGE_KINDS
) -> Refusal | None:
    """The kind must exist, come from outside, and be one that a page may report (if a page does)."""
    if kind is None:
        return Refusal("kind_unknown", "kind", _("There is no such kind of event."))
    if kind.is_internal:
        return Refusal("kind_internal", "kind", _("Only Écluse itself records events of this kind."))
    if from_page and code not in allowed and kind.id < FIRST_CUSTOM_KIND_ID:
        return Refusal(
            "kind_needs_secret_key", "kind", _("A page may not report this; send it from a server.")
        )
    return None


def check_values(event: PageEvent | ServerEvent) -> Refusal | None:
    """Dates within reason, properties of modest size."""
    if event.occurred_at < EARLIEST:
        return Refusal("too_early", "occurred_at", _("Nothing before 1990 is taken."))
    if len(event.properties) * MAX_VALUE_BYTES > MAX_EVENT_BYTES and _size(event) > MAX_EVENT_BYTES:
        return Refusal("too_large", "properties", _("An event must not be larger than 32 KB."))
    for name, value in event.properties.items():
        if isinstance(value, str):
            if len(value) * 4 > MAX_VALUE_BYTES and len(value.encode()) > MAX_VALUE_BYTES:
                return _too_long(name)
        elif isinstance(value, (dict, list)):
            try:
                check_depth(value, MAX_DEPTH - 3)
            except NotStrict as error:
                return Refusal(error.code, f"properties.{name}", error.detail)
            if len(msgspec.json.encode(value)) > MAX_VALUE_BYTES:
                return _too_long(name)
    return None


def _size(event: PageEvent | ServerEvent) -> int:
    """Bytes of the properties as JSON."""
    return len(msgspec.json.encode(event.properties))


def _too_long(name: str) -> Refusal:
    return Refusal("value_too_long", f"properties.{name}", _("A property's value must not exceed 1 KB."))


def check_target(event: ServerEvent) -> Refusal | None:
    """Exactly one of lead, email, reference and visitor tells whose event it is."""
    named = (event.lead is not None) + (event.email is not None) + (event.reference is not None)
    if named + (event.visitor is not None) == 1:
        return None
    return Refusal("target", "", _("Give exactly one of lead, email, reference or visitor."))
