"""What is told, in words: a label for each kind, and a sentence that goes on from the lead's name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scoring.tellings import Channel, Telling

CHANNELS: dict[Channel, str | Promise] = {
    Channel.APP: _("In Écluse only"),
    Channel.AT_ONCE: _("By email at once"),
    Channel.DIGEST: _("In the daily email"),
    Channel.NONE: _("Not at all"),
}

LABELS: dict[str, str | Promise] = {
    Telling.OFFER_NEW: _("is offered to you"),
    Telling.OFFER_REMINDER: _("still waits for your decision"),
    Telling.OFFER_EXPIRED: _("was not decided in time and goes to somebody else"),
    Telling.OFFER_TAKEN: _("is no longer offered to you"),
    Telling.MENTION: _("names you in a note"),
    Telling.TASK_DUE: _("has a task that is due"),
    Telling.SLA_STARTED: _("waits for a first answer"),
    Telling.SLA_SOON: _("still waits for a first answer"),
    Telling.SLA_BREACHED: _("was not answered in time"),
    Telling.ESCALATED: _("was not answered for twice the time"),
    Telling.REASSIGNED: _("is yours now"),
    Telling.HANDED_OVER: _("is somebody else’s now"),
    Telling.MEETING_ANSWER: _("answered an invitation"),
    Telling.PARTNER_OUTCOME: _("has news from the partner"),
    Telling.THRESHOLD_CHANGED: _("The threshold for sales has changed"),
}

# A sentence with its facts, where they were told; the label where one of them is missing.
_FULLER: dict[str, str | Promise] = {
    Telling.OFFER_NEW: _("is offered to you, to decide before %(until)s"),
    Telling.OFFER_REMINDER: _("is to decide before %(until)s"),
    Telling.OFFER_TAKEN: _("was accepted by %(who)s"),
    Telling.MENTION: _("has a note of %(who)s that names you"),
    Telling.TASK_DUE: _("has a task that is due: %(what)s"),
    Telling.SLA_STARTED: _("asked for something: first answer before %(until)s"),
    Telling.SLA_SOON: _("still waits: first answer before %(until)s"),
    Telling.SLA_BREACHED: _("should have had an answer before %(until)s (%(who)s)"),
    Telling.ESCALATED: _("has waited since %(since)s without an answer (%(who)s)"),
    Telling.REASSIGNED: _("is yours now, handed over by %(who)s"),
    Telling.HANDED_OVER: _("is now with %(who)s"),
    Telling.MEETING_ANSWER: _("answered an invitation: %(what)s"),
    Telling.PARTNER_OUTCOME: _("has news from the partner: %(what)s"),
    Telling.THRESHOLD_CHANGED: _("The threshold for sales is now %(what)s"),
}
_MOMENTS = frozenset({"until", "since"})


def sentence(kind: str, facts: Mapping[str, object]) -> str:
    """What this kind says with these facts (moments as ISO text), for who reads it now."""
    told = {name: _moment(value) if name in _MOMENTS else str(value) for name, value in facts.items()}
    try:
        return str(_FULLER[kind]) % told
    except KeyError:
        return str(LABELS[kind])


def _moment(value: object) -> str:
    local = timezone.localtime(datetime.fromisoformat(str(value)))
    form = "H:i" if local.date() == timezone.localdate() else "j F H:i"
    return formats.date_format(local, form)
