"""One claim being worked off: what came of it so far, and the ways to end or put off one of its messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from nurturing.actions.outbox import Claim, Mail, close, put_back
from nurturing.models import MailSettings, Message, State
from nurturing.timing import Slot


@dataclass(slots=True)
class Summary:
    """What one batch came to. ``claimed`` below the limit means that nothing more is due."""

    claimed: int = 0
    sent: int = 0
    held: int = 0
    deferred: int = 0
    failed: int = 0
    unknown: int = 0
    waits_until: datetime | None = None


@dataclass(slots=True)
class Batch:
    """A claim with the settings and the moment under which it is worked off."""

    claim: Claim
    settings: MailSettings
    now: datetime
    summary: Summary = field(default_factory=Summary)

    def hold(self, message: Mail, reason: str, detail: str = "") -> None:
        """Hold a message back for good, and say why."""
        self.summary.held += self._close(message, State.HELD, reason, detail)

    def fail(self, message: Mail, reason: str, detail: str) -> None:
        """End a message that cannot be sent."""
        self.summary.failed += self._close(message, State.FAILED, reason, detail)

    def lose(self, message: Mail, detail: str) -> None:
        """The answer was lost: nobody knows whether the message arrived."""
        self.summary.unknown += self._close(message, State.UNKNOWN, "answer_lost", detail)

    def wait(self, message: Message, slot: Slot) -> None:
        """Put a message off to its slot, or hold it back when that is too late."""
        if slot.at >= message.expires_at:
            self.hold(message, slot.waits_for)
        else:
            self.retry(message, due_at=slot.at, reason=slot.waits_for, tried=False)

    def retry(
        self, message: Mail, *, due_at: datetime, reason: str, detail: str = "", tried: bool = True
    ) -> None:
        """Have a message that certainly did not leave tried again at ``due_at``."""
        self.summary.deferred += put_back(
            self.claim, message, due_at=due_at, reason=reason, detail=detail, tried=tried
        )

    def give_back(self, untried: Sequence[Mail]) -> None:
        """Return what was claimed and not tried: at once, or when sending may go on."""
        for message in untried:
            due_at = self.summary.waits_until or message.due_at
            self.retry(message, due_at=due_at, reason=message.reason, detail=message.detail, tried=False)

    def _close(self, message: Mail, state: State, reason: str, detail: str) -> bool:
        return close(self.claim, message, state=state, reason=reason, detail=detail)
