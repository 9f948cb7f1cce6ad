"""The pure vocabularies of the funnel as Django choices with labels."""

from __future__ import annotations

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funnel.checklist import State
from funnel.stage_names import stage_name
from funnel.stages import Situation, Stage, Verb
from funnel.work import CallBasis, CallOutcome, Direction, TaskKind

SHIPPED_STAGES: dict[Stage, str | Promise] = {
    Stage.LEAD: _("Lead"),
    Stage.MQL: _("MQL"),
    Stage.SAL: _("SAL"),
    Stage.SQL: _("SQL"),
    Stage.CUSTOMER: _("Customer"),
    Stage.RECYCLED: _("Recycled"),
    Stage.DISQUALIFIED: _("Disqualified"),
}
# As the site calls them.
STAGES: dict[str, str | Promise] = {
    stage: stage_name(stage, shipped) for stage, shipped in SHIPPED_STAGES.items()
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
    Verb.REASSIGN: _("Handed over to another rep"),
    Verb.MERGE: _("Merged with a lead that stood further"),
    Verb.UNDO: _("Undone"),
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


DIRECTIONS: dict[str, str | Promise] = {
    Direction.OUT: _("We called"),
    Direction.IN: _("They called us"),
}

CALL_OUTCOMES: dict[str, str | Promise] = {
    CallOutcome.REACHED: _("Reached"),
    CallOutcome.CALL_BACK: _("Asked to call back"),
    CallOutcome.VOICEMAIL: _("Voicemail"),
    CallOutcome.NO_ANSWER: _("No answer"),
    CallOutcome.WRONG_NUMBER: _("Wrong number"),
    CallOutcome.REFUSED: _("Does not want to be called"),
}

CALL_BASES: dict[str, str | Promise] = {
    CallBasis.CONSENT: _("Consent"),
    CallBasis.CONTRACT: _("Ongoing contract"),
    CallBasis.PROFESSIONAL: _("Professional, about their work"),
    CallBasis.INBOUND: _("They called us"),
}

TASK_KINDS: dict[str, str | Promise] = {
    TaskKind.CALL: _("Call"),
    TaskKind.EMAIL: pgettext_lazy("task", "Email"),
    TaskKind.RESEARCH: _("Research"),
    TaskKind.MEETING: _("Meeting"),
    TaskKind.OTHER: pgettext_lazy("task", "Other"),
}


class HolidayRegion(models.TextChoices):
    """Where public holidays differ from the national ones (subdivisions of the holidays library)."""

    NATIONAL = "", _("France, national holidays")
    ALSACE_MOSELLE = "57", _("Alsace and Moselle")
    GUADELOUPE = "971", _("Guadeloupe")
    MARTINIQUE = "972", _("Martinique")
    GUYANE = "973", _("French Guiana")
    REUNION = "974", _("Réunion")
    MAYOTTE = "976", _("Mayotte")
    SAINT_BARTHELEMY = "BL", _("Saint Barthélemy")
    SAINT_MARTIN = "MF", _("Saint Martin")
    MIQUELON = "PM", _("Saint Pierre and Miquelon")
    NEW_CALEDONIA = "NC", _("New Caledonia")
    POLYNESIA = "PF", _("French Polynesia")
    WALLIS = "WF", _("Wallis and Futuna")


class RuleKind(models.TextChoices):
    """What a desk may be limited to (funnel/matching.py)."""

    COUNTRY = "country", _("Countries")
    REGION = "region", _("Regions")
    DEPARTMENT = "department", _("Departments")
    POSTCODE = "postcode", _("Postcodes")
    SECTOR = "sector", _("Sectors")
    LANGUAGE = "language", _("Languages")
    SIZE = "size", _("Company sizes")
    PRODUCT = "product", _("Products")


class ItemKind(models.TextChoices):
    """How an item of the checklist is answered."""

    TEXT = "text", _("In words")
    CHOICE = "choice", _("One of several options")
    PERSON = "person", _("A person of the company")
    ACTIONS = "actions", _("In words, with next actions")
