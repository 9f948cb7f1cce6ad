"""What the profile, the forms and the events of a lead let one assume, in words with its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from funnel.assumed import INTENT, Known
from funnel.research import field_label
from leads.custom_fields import About
from leads.models import CustomField, Event, Lead, ProfileChange
from leads.queries import origins

CUSTOM = "custom."
PROFILE_SOURCES = (
    *("budget_range", "company_role", "seniority", "job_title", "need", "pain_point", "project_month"),
)
# A form's answers and the event that tells of it are written at the same moment.
_SAME_MOMENT = timedelta(minutes=1)


def source_choices() -> list[tuple[str, str]]:
    """What an item may be assumed from: code and words."""
    own = [(f"{CUSTOM}{field.code}", field.label) for field in CustomField.objects.of(About.LEAD)]
    profile = [(name, field_label(name)) for name in PROFILE_SOURCES]
    return [*profile, (INTENT, _("The last request (quote, demo, meeting …)")), *own]


def values_of(lead: Lead) -> dict[str, str]:
    """What the profile says, in words, by source. No query."""
    known = {name: _in_words(lead, name) for name in PROFILE_SOURCES}
    own = {f"{CUSTOM}{code}": _plain(value) for code, value in (lead.custom or {}).items()}
    return {name: value for name, value in (known | own).items() if value}


def _in_words(lead: Lead, name: str) -> str:
    value = getattr(lead, name)
    if not value:
        return ""
    if name == "project_month":
        return date_format(value, "F Y")
    shown = getattr(lead, f"get_{name}_display", None)
    return " ".join(str(shown() if shown else value).split())[:500]


def _plain(value: object) -> str:
    values = value if isinstance(value, list) else [value]
    return ", ".join(str(one) for one in values if one not in (None, "", False))[:500]


def assumed_facts(lead: Lead) -> dict[str, Known]:
    """The same without evidence, for lists. No query."""
    return {name: Known(value) for name, value in values_of(lead).items()}


def facts_with_evidence(lead: Lead, events: Sequence[Event]) -> dict[str, Known]:
    """What is known and from where: ``events`` are the lead's newest, with their kind. Two queries."""
    told = origins(lead)
    facts = {
        name: Known(value, _evidence(told.get(name.partition(".")[0]), events))
        for name, value in values_of(lead).items()
    }
    return facts | intent_of(events)


def _evidence(change: ProfileChange | None, events: Iterable[Event]) -> str:
    """ "Form devis, 3 March": how and when the profile came to say so."""
    if change is None:
        return ""
    form = next((_form(event) for event in events if _together(event, change.at)), "")
    known = {"form": form, "origin": change.get_origin_display(), "day": _day(change.at)}
    return (_("Form “%(form)s”, %(day)s") if form else _("%(origin)s, %(day)s")) % known


def _together(event: Event, at: datetime) -> bool:
    return bool(_form(event)) and abs(event.occurred_at - at) <= _SAME_MOMENT


def _form(event: Event) -> str:
    properties: Mapping[str, object] = event.properties or {}
    return str(properties.get("form") or "")


def intent_of(events: Iterable[Event]) -> dict[str, Known]:
    """The newest act that asks for sales, as a source."""
    last = next((event for event in events if event.kind.is_intent and event.voided_at is None), None)
    return {INTENT: Known(str(last.kind.label), _day(last.occurred_at))} if last else {}


def _day(moment: datetime) -> str:
    return date_format(localtime(moment), "j F Y")
