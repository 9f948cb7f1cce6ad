"""What a past offer teaches: it came to SQL in time, it did not, or it says nothing about the lead. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

WITHIN = timedelta(days=90)


class Label(StrEnum):
    """What is learned from one example."""

    YES = "yes"
    NO = "no"
    EXCLUDED = "excluded"  # not the lead's fault, or nobody judged it
    CENSORED = "censored"  # too young to know


@dataclass(frozen=True, slots=True)
class Outcome:
    """A lead's first offer in a cycle, or its first contact in imported history, and what became of it.

    ``sql_at``: when it reached SQL (or was won), None for never. ``teaches``: what the last reason given in
    that cycle says (positive, negative, neutral), empty for none. ``is_judged``: somebody decided.
    """

    lead_id: int
    at: datetime
    sql_at: datetime | None = None
    teaches: str = ""
    is_judged: bool = True
    is_imported: bool = False


def label(outcome: Outcome, now: datetime) -> Label:
    """Whether the lead reached SQL within 90 days of the offer; of imported history, whether it ever did.

    An offer younger than 90 days teaches nothing yet, whatever became of it: who refuses does so within days,
    who qualifies takes weeks, so the quick answers alone would make every lead look bad.
    """
    if now - outcome.at < WITHIN:
        return Label.CENSORED
    if outcome.sql_at is not None and (outcome.is_imported or outcome.sql_at - outcome.at <= WITHIN):
        return Label.YES
    if outcome.teaches == "positive":
        return Label.YES
    if not outcome.is_judged or outcome.teaches == "neutral":
        return Label.EXCLUDED
    return Label.NO
