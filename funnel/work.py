"""The words of daily work on a lead: how a call ended, what kinds of task there are."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class Direction(StrEnum):
    """Who called whom. Only calls of ours are bound by the rules for canvassing (funnel/call_rules.py)."""

    OUT = "out"
    IN = "in"


class CallOutcome(StrEnum):
    """How a call ended."""

    REACHED = "reached"
    CALL_BACK = "call_back"
    VOICEMAIL = "voicemail"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"
    REFUSED = "refused"


class TaskKind(StrEnum):
    """What is to be done."""

    CALL = "call"
    EMAIL = "email"
    RESEARCH = "research"
    MEETING = "meeting"
    OTHER = "other"


class CallBasis(StrEnum):
    """On what a call of ours rested, as the law asks it to be shown (the burden of proof is the caller's)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    PROFESSIONAL = "professional"
    INBOUND = "inbound"


# A call longer than this was not ended.
LONGEST_CALL_MINUTES = 8 * 60
NOTE_LIMIT = 4000
# How long a note can be corrected by who wrote it.
NOTE_EDITABLE = timedelta(minutes=15)
TITLE_LIMIT = 200
EVIDENCE_LIMIT = 200
