"""The rights of people over their data (RGPD art. 15 to 21): what may be asked, by when it is answered."""

from __future__ import annotations

import calendar
import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

MONTHS_TO_ANSWER = 1
MONTHS_MORE = 2
SOON = dt.timedelta(days=7)


class RequestKind(models.TextChoices):
    """What somebody asks for."""

    ACCESS = "access", pgettext_lazy("right", "Access")
    PORTABILITY = "portability", _("Portability")
    RECTIFICATION = "rectification", _("Rectification")
    ERASURE = "erasure", _("Erasure")
    RESTRICTION = "restriction", _("Restriction")
    OBJECTION = "objection", _("Objection")


class RequestState(models.TextChoices):
    """How far the answer is."""

    OPEN = "open", _("To answer")
    DONE = "done", _("Answered")
    REFUSED = "refused", pgettext_lazy("request", "Refused")


class ErasureGround(models.TextChoices):
    """Why somebody is erased (RGPD art. 17.1, a to e)."""

    NOT_NEEDED = "not_needed", _("The data is no longer needed")
    WITHDRAWN = "withdrawn", _("Consent was withdrawn")
    OBJECTED = "objected", _("The person objects")
    UNLAWFUL = "unlawful", _("The data was not lawfully held")
    LEGAL_DUTY = "legal_duty", _("The law requires it")


class ActKind(models.TextChoices):
    """What somebody of the house did about a request."""

    RECEIVED = "received", pgettext_lazy("request", "Recorded")
    IDENTIFIED = "identified", _("Person chosen")
    EXPORTED = "exported", _("Data exported")
    ERASED = "erased", _("Person erased")
    EXTENDED = "extended", _("Time extended")
    ANSWERED = "answered", _("Answered")
    REFUSED = "refused", pgettext_lazy("request", "Refused")


def due_on(received_on: dt.date, *, extended: bool = False) -> dt.date:
    """The last day to answer: one month after receipt, three when extended (RGPD art. 12.3).

    The same day of the month, or the month's last where there is none (Regulation 1182/71, art. 3.2 c). That
    a last day on a Sunday or holiday moves on is not used: answering earlier is always right.
    """
    months = MONTHS_TO_ANSWER + (MONTHS_MORE if extended else 0)
    years, month = divmod(received_on.month - 1 + months, 12)
    year = received_on.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(received_on.day, last))
