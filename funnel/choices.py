"""The pure vocabularies of the funnel as Django choices with labels."""

from __future__ import annotations

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from funnel.checklist import State
from funnel.stages import Situation, Stage, Verb

STAGES: dict[str, str | Promise] = {
    Stage.LEAD: _("Lead"),
    Stage.MQL: _("MQL"),
    Stage.SAL: _("SAL"),
    Stage.SQL: _("SQL"),
    Stage.CUSTOMER: _("Customer"),
    Stage.RECYCLED: _("Recycled"),
    Stage.DISQUALIFIED: _("Disqualified"),
}

SITUATIONS: dict[str, str | Promise] = {
    Situation.NONE: "",
    Situation.MARKETING: _("In marketing"),
    Situation.READY: _("Ready for sales"),
    Situation.OFFERED: _("SAL to decide"),
}

VERBS: dict[str, str | Promise] = {
    Verb.ENTER: _("Entered the funnel"),
    Verb.GATE: _("Passed the MQL gate"),
    Verb.COOL: _("Cooled down"),
    Verb.READY: _("Became ready for sales"),
    Verb.UNREADY: _("No longer ready for sales"),
    Verb.OFFER: _("Offered to sales"),
    Verb.EXPIRE: _("Offer not decided in time"),
    Verb.WITHDRAW: _("Offer withdrawn"),
    Verb.CONVERT: _("Converted"),
    Verb.WAKE: _("Woken up"),
    Verb.PROMOTE: _("Made an MQL"),
    Verb.ACCEPT: _("Accepted"),
    Verb.DECLINE: _("Passed on to another rep"),
    Verb.RETURN: _("Returned to marketing"),
    Verb.DISQUALIFY: _("Disqualified"),
    Verb.QUALIFY: _("Qualified"),
    Verb.WIN: _("Won"),
    Verb.LOSE: _("Lost"),
    Verb.REFER: _("Referred to a partner"),
    Verb.REOPEN: _("Reopened"),
    Verb.MERGE: _("Merged with a lead that stood further"),
}

STATES: dict[str, str | Promise] = {
    State.UNKNOWN: _("Unknown"),
    State.ASSUMED: _("Assumed"),
    State.CONFIRMED: _("Confirmed"),
}


class OfferStatus(models.TextChoices):
    """What became of an offer; only an open one can be decided."""

    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Accepted")
    RETURNED = "returned", _("Returned to marketing")
    DISQUALIFIED = "disqualified", _("Disqualified")
    REFUSED = "refused", _("Passed on to another rep")
    EXPIRED = "expired", _("Not decided in time")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Outcome(models.TextChoices):
    """How a business ended; a referral is neither lost nor negative."""

    WON = "won", _("Won")
    LOST = "lost", _("Lost")
    REFERRED = "referred", _("Referred to a partner")


class Teaches(models.TextChoices):
    """What a decision for this reason says about the lead to whoever learns from decisions."""

    POSITIVE = "positive", _("A good lead")
    NEGATIVE = "negative", _("A bad lead")
    NEUTRAL = "neutral", _("Not the lead's fault")
