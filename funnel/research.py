"""What a rep may find out about a lead and fill in before deciding."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Field

from funnel.refusals import Incomplete
from leads.models import Lead
from leads.normalise import clean_line, clean_text, normalise_phone

# In the order in which they are asked.
RESEARCH_FIELDS = (
    "first_name",
    "last_name",
    "phone",
    "job_title",
    "department",
    "seniority",
    "company_role",
    "need",
    "project_month",
    "budget_range",
    "pain_point",
)
_PARAGRAPHS = frozenset({"need", "pain_point"})


def missing_fields(lead: Lead) -> list[str]:
    """Which of them nobody knows yet."""
    return [name for name in RESEARCH_FIELDS if not getattr(lead, name)]


def field_label(name: str) -> str:
    """What people call a field."""
    return str(_field(name).verbose_name)


def _field(name: str) -> Field[object, object]:
    field = Lead._meta.get_field(name)
    assert isinstance(field, Field)
    return field


def checked(values: Mapping[str, object]) -> dict[str, object]:
    """The values as the profile keeps them; empty ones are left out.

    Raises Incomplete for a field that is not among RESEARCH_FIELDS or a value that it cannot take.
    """
    unknown = set(values) - set(RESEARCH_FIELDS)
    if unknown:
        raise Incomplete("field_unknown", field=min(unknown), names=", ".join(sorted(unknown)))
    changes: dict[str, object] = {}
    for name, value in values.items():
        if value not in (None, ""):
            changes |= _checked_one(name, value)
    return changes


def _checked_one(name: str, value: object) -> dict[str, object]:
    if name == "phone":
        phone = normalise_phone(str(value))
        if not phone.is_valid:
            raise Incomplete("phone_impossible", field=name)
        return {"phone": phone.e164, "phone_raw": phone.raw, "phone_is_valid": True}
    if name == "project_month":
        if not isinstance(value, date):
            raise Incomplete("value_impossible", field=name, name=field_label(name))
        return {name: value.replace(day=1)}
    text = clean_text(str(value)) if name in _PARAGRAPHS else clean_line(str(value))
    try:
        return {name: _field(name).clean(text, None)}
    except ValidationError as error:
        raise Incomplete("value_impossible", field=name, name=field_label(name)) from error
