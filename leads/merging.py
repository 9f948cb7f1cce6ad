"""Which value survives when two leads are one person, and why: decisions on plain values.

Fields that belong together (an address, an email with how it was typed) stay together. A value beats none;
then who told it decides (a rep or the person before a file), then which was told last, then the survivor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from leads.choices import Audience, Origin

Values = Mapping[str, object]

# Under the name people choose by: the fields that are chosen together.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "email": ("email", "email_display", "email_flags"),
    "phone": ("phone", "phone_raw", "phone_is_valid"),
    "reference": ("reference",),
    "name": ("first_name", "last_name"),
    "company": ("company_id",),
    "job_title": ("job_title",),
    "department": ("department",),
    "seniority": ("seniority",),
    "company_role": ("company_role",),
    "address": ("address", "postcode", "city", "region", "country"),
    "language": ("language",),
    "time_zone": ("time_zone",),
    "need": ("need",),
    "project_month": ("project_month",),
    "pain_point": ("pain_point",),
    "budget_range": ("budget_range",),
}
# Both sides' entries are kept; where they differ the winner of the field has the last word.
UNITED = ("interests", "social", "custom")
# Who is believed before whom.
TRUST: Mapping[str, int] = {
    Origin.SALES: 3,
    Origin.FORM: 3,
    Origin.MARKETING: 2,
    Origin.SITE: 2,
    Origin.API: 2,
    Origin.IMPORT: 1,
    Origin.DEDUCED: 0,
}
_UNKNOWN = 1


class Side(StrEnum):
    """Whose value it is."""

    KEPT = "kept"
    AWAY = "away"


class Why(StrEnum):
    """Why this side's value survives; the words are in dashboard."""

    SAME = "same"
    ONLY_ONE = "only_one"
    TRUSTED = "trusted"
    NEWER = "newer"
    SURVIVOR = "survivor"
    CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class Told:
    """Who told a value, and when."""

    origin: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """What becomes of one group of fields."""

    name: str
    kept: tuple[object, ...]
    away: tuple[object, ...]
    side: Side
    why: Why

    @property
    def differs(self) -> bool:
        """Whether there is anything to choose."""
        return self.why is not Why.SAME


def choose(
    kept: Values,
    away: Values,
    told_kept: Mapping[str, Told],
    told_away: Mapping[str, Told],
    chosen: Mapping[str, str] | None = None,
) -> list[Choice]:
    """What becomes of each group of fields; ``chosen`` (name → side) is what somebody decided themselves.

    ``told_…`` says who told the present value of a field, where that is known. Unknown names in ``chosen``
    and sides that do not exist raise ValueError.
    """
    wanted = {name: Side(side) for name, side in (chosen or {}).items()}
    if unknown := wanted.keys() - GROUPS.keys():
        raise ValueError(f"no such field to choose: {', '.join(sorted(unknown))}")
    return [
        _chosen(_choice(name, kept, away, _last(told_kept, fields), _last(told_away, fields)), wanted)
        for name, fields in GROUPS.items()
    ]


def _choice(name: str, kept: Values, away: Values, told_kept: Told | None, told_away: Told | None) -> Choice:
    ours, theirs = (tuple(values[field] for field in GROUPS[name]) for values in (kept, away))
    side, why = _winner(ours, theirs, told_kept, told_away)
    return Choice(name, ours, theirs, side, why)


def _chosen(choice: Choice, wanted: Mapping[str, Side]) -> Choice:
    """What a person decided, where there is anything to decide."""
    side = wanted.get(choice.name)
    return replace(choice, side=side, why=Why.CHOSEN) if side and choice.differs else choice


def _winner(
    ours: tuple[object, ...], theirs: tuple[object, ...], told_ours: Told | None, told_theirs: Told | None
) -> tuple[Side, Why]:
    has_ours, has_theirs = any(map(_says, ours)), any(map(_says, theirs))
    if ours == theirs or not (has_ours or has_theirs):
        return Side.KEPT, Why.SAME
    if not (has_ours and has_theirs):
        return (Side.KEPT if has_ours else Side.AWAY), Why.ONLY_ONE
    trust_ours, trust_theirs = _trust(told_ours), _trust(told_theirs)
    if trust_ours != trust_theirs:
        return (Side.KEPT if trust_ours > trust_theirs else Side.AWAY), Why.TRUSTED
    if told_ours and told_theirs and told_ours.at != told_theirs.at:
        return (Side.KEPT if told_ours.at > told_theirs.at else Side.AWAY), Why.NEWER
    return Side.KEPT, Why.SURVIVOR


def _says(value: object) -> bool:
    """Whether a value says anything; a flag alone does not."""
    return value not in (None, "", [], {}) and not isinstance(value, bool)


def _trust(told: Told | None) -> int:
    return TRUST.get(told.origin, _UNKNOWN) if told else _UNKNOWN


def _last(told: Mapping[str, Told], fields: tuple[str, ...]) -> Told | None:
    """Who told the newest value of a group."""
    known = [told[name.removesuffix("_id")] for name in fields if name.removesuffix("_id") in told]
    return max(known, key=lambda one: one.at, default=None)


def merged_values(kept: Values, away: Values, choices: list[Choice]) -> dict[str, object]:
    """Every value of the survivor: the chosen ones, the united ones, the settled ones."""
    values: dict[str, object] = {}
    for choice in choices:
        source = kept if choice.side is Side.KEPT else away
        values |= {name: source[name] for name in GROUPS[choice.name]}
    return values | _united(kept, away) | _settled(kept, away)


def _united(kept: Values, away: Values) -> dict[str, object]:
    """Interests of both; of tables of values each key, the survivor's first."""
    ours, theirs = _list(kept["interests"]), _list(away["interests"])
    tables = {name: {**_table(away[name]), **_table(kept[name])} for name in ("social", "custom")}
    return {"interests": ours + [one for one in theirs if one not in ours], **tables}


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, (list, tuple)) else []


def _table(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, Mapping) else {}


def _settled(kept: Values, away: Values) -> dict[str, object]:
    first, last = sorted((kept, away), key=lambda one: str(one["created_at"]))
    recent = max((kept, away), key=lambda one: str(one["last_activity_at"] or ""))
    return {
        "audience": careful(str(kept["audience"]), str(away["audience"])),
        "acquisition": first["acquisition"],
        "channel": first["channel"] or last["channel"],
        "landing_page": first["landing_page"] or last["landing_page"],
        "last_channel": recent["last_channel"] or kept["last_channel"] or away["last_channel"],
        "created_at": first["created_at"],
        "last_activity_at": recent["last_activity_at"],
    }


def careful(one: str, other: str) -> str:
    """The audience that the law protects more: a consumer before an unknown one before a professional."""
    order = (Audience.B2C, Audience.UNKNOWN, Audience.B2B)
    return min((one, other), key=lambda value: order.index(Audience(value)))
