"""The contact policy: what may be said to a lead, given where it stands and what sales is doing with it.

A grid stage × situation × purpose, in two presets chosen explicitly. It is a hard gate, asked when a message
is planned and again just before it leaves. Whether the *law* allows it is ``leads.consent.may_contact``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from funnel.stages import POSITIONS, Position, Situation, Stage


class Purpose(StrEnum):
    """Why a message is sent; the codes are those of ``leads.choices.Purpose``."""

    NEWSLETTER = "newsletter"
    NURTURING = "nurturing"
    SALES = "sales"
    TRANSACTIONAL = "transactional"


class Preset(StrEnum):
    """*discret*: an MQL gets the newsletter and nothing else until ready. *nurturing*: automated mail too."""

    DISCRET = "discret"
    NURTURING = "nurturing"


class Because(StrEnum):
    """Why the policy said yes or no; the words are in ``nurturing.words``."""

    ASKED_FOR = "asked_for"
    MARKETING_TALKS = "marketing_talks"
    NOBODY_SELLS_YET = "nobody_sells_yet"
    DISCRET_NEWSLETTER_ONLY = "discret_newsletter_only"
    OFFERED_NEWSLETTER_ONLY = "offered_newsletter_only"
    SALES_TALKS = "sales_talks"
    SALES_OWNS = "sales_owns"
    CUSTOMER_NEWSLETTER_ONLY = "customer_newsletter_only"
    DISQUALIFIED = "disqualified"


@dataclass(frozen=True, slots=True)
class Permission:
    """The policy's answer, with its reason."""

    allowed: bool
    because: Because


def _yes(because: Because) -> Permission:
    return Permission(True, because)


def _no(because: Because) -> Permission:
    return Permission(False, because)


# (newsletter, nurturing, sales contact); transactional is always allowed.
Row = tuple[Permission, Permission, Permission]

_BY_MARKETING: Row = (
    _yes(Because.MARKETING_TALKS),
    _yes(Because.MARKETING_TALKS),
    _no(Because.NOBODY_SELLS_YET),
)
_DISCRET: Row = (
    _yes(Because.MARKETING_TALKS),
    _no(Because.DISCRET_NEWSLETTER_ONLY),
    _no(Because.NOBODY_SELLS_YET),
)
_OFFERED: Row = (
    _yes(Because.OFFERED_NEWSLETTER_ONLY),
    _no(Because.OFFERED_NEWSLETTER_ONLY),
    _no(Because.NOBODY_SELLS_YET),
)
_SALES: Row = (_no(Because.SALES_OWNS), _no(Because.SALES_OWNS), _yes(Because.SALES_TALKS))
_CUSTOMER: Row = (
    _yes(Because.CUSTOMER_NEWSLETTER_ONLY),
    _no(Because.CUSTOMER_NEWSLETTER_ONLY),
    _yes(Because.SALES_TALKS),
)
_NOTHING: Row = (_no(Because.DISQUALIFIED), _no(Because.DISQUALIFIED), _no(Because.DISQUALIFIED))

_BY_STAGE: dict[Stage, Row] = {
    Stage.LEAD: _BY_MARKETING,
    Stage.MQL: _BY_MARKETING,
    Stage.SAL: _SALES,
    Stage.SQL: _SALES,
    Stage.CUSTOMER: _CUSTOMER,
    Stage.RECYCLED: _BY_MARKETING,
    Stage.DISQUALIFIED: _NOTHING,
}
_COLUMN = {Purpose.NEWSLETTER: 0, Purpose.NURTURING: 1, Purpose.SALES: 2}


def may_say(stage: Stage, situation: Situation, purpose: Purpose, preset: Preset) -> Permission:
    """Whether a message of ``purpose`` may go to a lead that stands at ``stage`` in ``situation``."""
    if purpose is Purpose.TRANSACTIONAL:
        return _yes(Because.ASKED_FOR)
    return _row(stage, situation, preset)[_COLUMN[purpose]]


def _row(stage: Stage, situation: Situation, preset: Preset) -> Row:
    if stage is Stage.MQL and situation is Situation.OFFERED:
        return _OFFERED
    waits = stage is Stage.MQL and situation is Situation.READY
    if preset is Preset.DISCRET and stage in {Stage.LEAD, Stage.MQL} and not waits:
        return _DISCRET
    return _BY_STAGE[stage]


def grid(preset: Preset) -> list[tuple[Position, Purpose, Permission]]:
    """Every cell of the policy, in reading order, for the policy page and the tests."""
    return [
        (place, purpose, may_say(place.stage, place.situation, purpose, preset))
        for place in POSITIONS
        for purpose in Purpose
    ]
