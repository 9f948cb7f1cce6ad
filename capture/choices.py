"""The closed vocabularies of forms and submissions."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class FormState(models.TextChoices):
    """Whether a form can be seen and sent."""

    DRAFT = "draft", _("Draft")
    LIVE = "live", _("Live")
    CLOSED = "closed", _("Closed")


class AnswerType(models.TextChoices):
    """How a question of a form is asked."""

    LINE = "line", _("Line of text")
    TEXT = "text", _("Text")
    EMAIL = "email", _("Email")
    PHONE = "phone", _("Phone")
    NUMBER = "number", _("Number")
    MONEY = "money", _("Amount")
    DATE = "date", _("Date")
    MONTH = "month", _("Month")
    CHOICE = "choice", _("One choice")
    MULTIPLE = "multiple", _("Several choices")
    BOOLEAN = "boolean", _("Yes or no")
    COUNTRY = "country", _("Country")
    HIDDEN = "hidden", _("Hidden")


class DoubleOptIn(models.TextChoices):
    """Who must confirm their address by a message before anything is done with it (CNIL: consumers)."""

    CONSUMERS = "consumers", _("Consumers")
    EVERYBODY = "everybody", _("Everybody")
    NOBODY = "nobody", _("Nobody")


class SubmissionState(models.TextChoices):
    """What became of a submission; all are kept whole, the last four for 30 days."""

    RECEIVED = "received", _("Received")
    ACCEPTED = "accepted", _("Accepted")
    AWAITING = "awaiting", _("To be confirmed")
    SPAM = "spam", _("Spam")
    REJECTED = "rejected", _("Refused")
    EXPIRED = "expired", _("Never confirmed")


class ImportState(models.TextChoices):
    """How far an import is."""

    UPLOADED = "uploaded", _("To be set up")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked")
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    WAKING = "waking", _("Being scored")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    REVERTING = "reverting", _("Being taken back")
    REVERTED = "reverted", _("Taken back")


class RowState(models.IntegerChoices):
    """What became of a row; every row of a file has exactly one."""

    NEW = 1, _("New leads")
    CHANGED = 2, _("Known leads, completed")
    SAME = 3, _("Known leads, nothing new")
    TWIN = 4, _("Same person again in the file")
    INVALID = 5, _("Not valid")
    OPPOSED = 6, _("Opposed")
    KNOWN = 7, _("Already imported")


class Notice(models.TextChoices):
    """How people learn that we have their data (RGPD, article 14)."""

    FIRST_MAIL = "first_mail", _("By our first message to them")
    INFORMED = "informed", _("They were informed by who gave us the data")
    DIRECT = "direct", _("They gave us the data themselves and were informed then")


class QuickMode(models.TextChoices):
    """How a card came to be typed by one of us."""

    STAND = "stand", _("Met in person")
    PAPER = "paper", _("Paper forms")
    CALL = "call", _("Inbound call")
