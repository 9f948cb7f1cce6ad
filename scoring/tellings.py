"""What colleagues are told of a lead besides crossed lines: the kinds, and how each is told (pure).

Who acts in the funnel says it (``funnel.actions.telling.tell``); here is only what the words and the mails
of it need: plain codes, plain facts.
"""

from __future__ import annotations

from enum import StrEnum

from scoring.alerting import Choice


class Telling(StrEnum):
    """What somebody is told of. Named facts of each are what its sentence may use."""

    OFFER_NEW = "offer_new"
    OFFER_REMINDER = "offer_reminder"
    OFFER_EXPIRED = "offer_expired"
    OFFER_TAKEN = "offer_taken"
    MENTION = "mention"
    TASK_DUE = "task_due"
    SLA_STARTED = "sla_started"
    SLA_SOON = "sla_soon"
    SLA_BREACHED = "sla_breached"
    ESCALATED = "escalated"
    REASSIGNED = "reassigned"
    HANDED_OVER = "handed_over"
    MEETING_ANSWER = "meeting_answer"
    PARTNER_OUTCOME = "partner_outcome"
    THRESHOLD_CHANGED = "threshold_changed"


class Channel(StrEnum):
    """How a person is told of one kind of thing. In Écluse always, but for NONE."""

    APP = "app"
    AT_ONCE = "at_once"
    DIGEST = "digest"
    NONE = "none"


# Told to who had the lead: they may no longer see it, so they are told without its name.
PARTING = frozenset({Telling.OFFER_EXPIRED, Telling.OFFER_TAKEN, Telling.HANDED_OVER})

ABOUT_NO_LEAD = frozenset({Telling.THRESHOLD_CHANGED})

_QUIETLY = dict.fromkeys((Telling.OFFER_EXPIRED, Telling.OFFER_TAKEN, Telling.HANDED_OVER), Channel.APP)
_TOGETHER = dict.fromkeys((Telling.TASK_DUE, Telling.THRESHOLD_CHANGED), Channel.DIGEST)
USUAL: dict[Telling, Channel] = dict.fromkeys(Telling, Channel.AT_ONCE) | _QUIETLY | _TOGETHER


def channel_of(kind: Telling, choice: Choice) -> Channel:
    """How this person is told of this kind: as chosen for it, else as usual within how they want mails."""
    if kind in choice.channels:
        return Channel(choice.channels[kind])
    usual = USUAL[kind]
    if usual in (Channel.APP, Channel.NONE) or choice.mail == "at_once":
        return usual
    return Channel.APP if choice.mail == "never" else Channel.DIGEST
