"""What a rule may be made of, with the words that people read: fields, values, kinds of event."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from leads.channels import Acquisition, Channel
from leads.choices import (
    Audience,
    Band,
    BudgetRange,
    ContentType,
    DecisionRole,
    Headcount,
    Phase,
    Sector,
    Seniority,
    Turnover,
)
from scoring.choices import Consent, Stage, Temperature
from scoring.engine.fields import FIELDS, PURPOSES

Label = str | Promise
Choices = list[tuple[str, Label]]


def _of(choices: object) -> Choices:
    return [(str(value), label) for value, label in choices.choices if value]  # type: ignore[attr-defined]


# The values of a field where they are a list; the others are typed.
FIELD_CHOICES: Mapping[str, Choices] = {
    "seniority": _of(Seniority),
    "company_role": _of(DecisionRole),
    "budget_range": _of(BudgetRange),
    "audience": _of(Audience),
    "acquisition": _of(Acquisition),
    "channel": _of(Channel),
    "last_channel": _of(Channel),
    "stage": _of(Stage),
    "company.sector": _of(Sector),
    "company.headcount": _of(Headcount),
    "company.turnover": _of(Turnover),
    **{f"consent.{purpose}": _of(Consent) for purpose in PURPOSES},
}
READINGS: Mapping[str, Choices] = {
    "grade": [(grade, grade) for grade in "ABCD"],
    "level": [(level, level) for level in "1234"],
    "phase": _of(Phase),
    "temperature": _of(Temperature),
}
MATCHES: Mapping[str, Choices] = {
    "content_type": _of(ContentType),
    "band": _of(Band),
    "phase": _of(Phase),
    "channel": _of(Channel),
}
_PERSON = (
    "seniority department job_title company_role audience language country region interests social email "
    "phone phone_is_valid email_flags first_name last_name address city postcode"
)
# Which fields are offered together.
GROUPS: list[tuple[Label, tuple[str, ...]]] = [
    (_("Person"), tuple(_PERSON.split())),
    (_("Project"), ("budget_range", "project_month", "need", "pain_point")),
    (_("Company"), tuple(name for name in FIELDS if name.startswith("company") and name != "company_role")),
    (_("How they came"), ("acquisition", "channel", "last_channel", "landing_page")),
    (_("Where they stand"), ("stage", "is_reachable", *(f"consent.{purpose}" for purpose in PURPOSES))),
]
_LABELS: Mapping[str, Label] = {
    value: label
    for choices in (*FIELD_CHOICES.values(), *READINGS.values(), *MATCHES.values())
    for value, label in choices
} | {"fit": _("fit"), "engagement": _("engagement"), "hour": _("hour"), "day": _("day"), "week": _("week")}


def label_of(code: str) -> str:
    """A value of a rule as people call it; itself when it is not one of ours."""
    return str(_LABELS.get(code, code))
