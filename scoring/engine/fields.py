"""The facts of a lead and of its company that rules may use, and the operators on them.

Text has no order (a collation would give Python and SQL different answers): equality, membership and
presence only. What identifies a person is readable as *known or not*, never as a value: no rule can score a
name, a postcode or an age.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum

from scoring.engine.conditions import Attribute, Scalar

Value = Scalar | tuple[str, ...] | None
Profile = Mapping[str, Value]
CUSTOM = "custom."
CONSENT = "consent."
# Where a lead may stand (funnel/stages.py), and what its last word about a purpose may be.
STAGES = ("lead", "mql", "sal", "sql", "customer", "recycled", "disqualified")
CONSENTS = ("given", "withdrawn", "unknown")
PURPOSES = ("newsletter", "nurturing", "sales", "tracking")


class FieldType(Enum):
    """What kind of fact a field holds."""

    TEXT = "text"
    PRESENCE = "presence"
    FLAG = "flag"
    LIST = "list"
    MONTH = "month"
    CUSTOM = "custom"


_TEXT = (
    "language country region department seniority job_title company_role budget_range audience acquisition "
    "channel last_channel landing_page stage company.sector company.headcount company.turnover "
    "company.country company.region"
)
_PRESENCE = (
    "first_name last_name email phone address city postcode need pain_point social company company.name "
    "company.siren company.domain"
)
FIELDS: Mapping[str, FieldType] = {
    **dict.fromkeys(_TEXT.split(), FieldType.TEXT),
    **dict.fromkeys((f"{CONSENT}{purpose}" for purpose in PURPOSES), FieldType.TEXT),
    **dict.fromkeys(_PRESENCE.split(), FieldType.PRESENCE),
    **dict.fromkeys(("phone_is_valid", "is_reachable"), FieldType.FLAG),
    **dict.fromkeys(("interests", "email_flags", "lists"), FieldType.LIST),
    "project_month": FieldType.MONTH,
}
_SET = frozenset({"is_set", "is_not_set"})
_EQUAL = frozenset({"is", "is_not", "in", "not_in"}) | _SET
OPERATORS: Mapping[FieldType, frozenset[str]] = {
    FieldType.TEXT: _EQUAL,
    FieldType.PRESENCE: _SET,
    FieldType.FLAG: frozenset({"is"}),
    FieldType.LIST: frozenset({"has", "has_any", "has_none"}) | _SET,
    FieldType.MONTH: frozenset({"within_months"}) | _SET,
    FieldType.CUSTOM: _EQUAL | {"at_least", "at_most"},
}


def field_type(name: str) -> FieldType | None:
    """The type of a field, None for an unknown one; ``custom.<key>`` is a site's own field."""
    if name.startswith(CUSTOM) and len(name) > len(CUSTOM):
        return FieldType.CUSTOM
    return FIELDS.get(name)


def words_of(name: str) -> tuple[str, ...] | None:
    """All the values that a field may have, where that is a closed list; else None."""
    if name.startswith(CONSENT):
        return CONSENTS
    return STAGES if name == "stage" else None


def is_known(value: Value) -> bool:
    """Whether a field holds anything; False is an answer too."""
    return value not in (None, "", ())


def months_until(value: Value, today: date) -> int | None:
    """Whole calendar months from this month to an ISO date's month; negative when past."""
    if not isinstance(value, str) or len(value) < 7:
        return None
    return (int(value[:4]) - today.year) * 12 + int(value[5:7]) - today.month


def holds(test: Attribute, value: Value, today: date) -> bool:
    """Whether a fact passes a test. An unknown value equals nothing, so ``is_not`` holds for it."""
    if test.operator == "within_months":
        months = months_until(value, today)
        return months is not None and isinstance(test.value, int) and 0 <= months <= test.value
    return _TESTS[test.operator](value, test.value)


def _is_in(value: object, wanted: object) -> bool:
    return isinstance(wanted, tuple) and value in wanted


def _has_any(value: object, wanted: object) -> bool:
    return isinstance(value, tuple) and isinstance(wanted, tuple) and not set(value).isdisjoint(wanted)


def _compare(value: object, limit: object, sign: int) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isinstance(limit, int | float):
        return False
    return (value - limit) * sign >= 0


_TESTS: Mapping[str, Callable[[Value, object], bool]] = {
    # True equals 1 here, as it does wherever a condition is a key.
    "is": lambda value, wanted: value == wanted,
    "is_not": lambda value, wanted: value != wanted,
    "in": _is_in,
    "not_in": lambda value, wanted: not _is_in(value, wanted),
    "is_set": lambda value, _: is_known(value),
    "is_not_set": lambda value, _: not is_known(value),
    "has": lambda value, wanted: isinstance(value, tuple) and wanted in value,
    "has_any": _has_any,
    "has_none": lambda value, wanted: not _has_any(value, wanted),
    "at_least": lambda value, limit: _compare(value, limit, 1),
    "at_most": lambda value, limit: _compare(value, limit, -1),
}
