"""When to try again (the schedule that the Standard Webhooks specification proposes), and when to stop."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
STOP_AFTER = timedelta(days=5)
GONE = 410
JITTER = 0.1  # of the pause, so that a receiver that comes back is not met by everything at once


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered: a status, or why there was none."""

    status: int | None
    error: str = ""

    @property
    def is_delivered(self) -> bool:
        """Whether it took the message: any 2xx. A redirect is not followed, so it is a failure."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants nothing more, ever."""
        return self.status == GONE


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to try again after ``attempts`` failed ones (at least 1); None when it is given up."""
    if attempts > len(PAUSES):
        return None
    pause = PAUSES[attempts - 1]
    return now + pause * (1 + random.uniform(0, JITTER))  # jitter, not a secret


def is_hopeless(failing_since: datetime | None, now: datetime) -> bool:
    """Whether a receiver has failed for so long that it is no longer bothered."""
    return failing_since is not None and now - failing_since > STOP_AFTER
