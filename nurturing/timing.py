"""When a message may leave: after quiet hours, within the caps, before it is stale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from nurturing.caps import LOOP_GUARD, Cap, next_free
from nurturing.policy import Purpose
from nurturing.quiet import QuietHours, answers_an_act, next_allowed


@dataclass(slots=True)
class Sent:
    """When messages left for one lead, or are planned to: marketing ones, and all of them."""

    marketing: list[datetime] = field(default_factory=list)
    every: list[datetime] = field(default_factory=list)

    def add(self, at: datetime, purpose: Purpose) -> None:
        """Count one more."""
        self.every.append(at)
        if purpose is not Purpose.TRANSACTIONAL:
            self.marketing.append(at)


@dataclass(frozen=True, slots=True)
class Slot:
    """The first instant at which a message may leave, and what keeps it from leaving now ("" or a code)."""

    at: datetime
    waits_for: str


def first_slot(
    wanted: datetime,
    *,
    purpose: Purpose,
    acted_at: datetime | None,
    zone: tzinfo,
    quiet: QuietHours,
    caps: Sequence[Cap],
    sent: Sent,
) -> Slot:
    """The slot of a message wanted at ``wanted``, given when other messages left or will leave.

    An answer to what the person has just done needs not wait for the morning; what they asked for
    (transactional) waits for nothing but the guard against loops.
    """
    free = next_free(wanted, sent.every, [LOOP_GUARD])
    if purpose is Purpose.TRANSACTIONAL:
        return _slot(wanted, free, "cap")
    free = max(free, next_free(wanted, sent.marketing, caps))
    awake = free if answers_an_act(free, acted_at) else next_allowed(free, zone, quiet)
    return _slot(wanted, awake, "quiet_hours" if awake > free else "cap")


def _slot(wanted: datetime, at: datetime, waits_for: str) -> Slot:
    return Slot(at, waits_for if at > wanted else "")
