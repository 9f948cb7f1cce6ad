"""The words of consent boxes: which are offered, and how they read on a form."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext, override

from capture.models import Form
from leads.models import ConsentWording
from nurturing.models import MailSettings


def newest_wordings() -> QuerySet[ConsentWording]:
    """The newest version of each wording in each language."""
    return ConsentWording.objects.order_by("code", "language", "-version").distinct("code", "language")


def words_of(wording: ConsentWording, form: Form) -> str:
    """The exact words shown beside the box, with the name of who asks."""
    return words_with(wording, controller_of(form))


def words_with(wording: ConsentWording, controller: str) -> str:
    """The words, when who asks was looked up before; "we" when nobody is named."""
    with override(wording.language):
        return wording.text.replace("{controller}", controller or gettext("our company"))


def controller_of(form: Form) -> str:
    """Who processes the data: as the form says, else the organisation that writes the mails."""
    return form.controller or MailSettings.load().organisation


def is_newest(wording: ConsentWording, newest: Iterable[ConsentWording]) -> bool:
    """Whether no later version of the wording is among ``newest``."""
    return not any(
        (other.code, other.language) == (wording.code, wording.language) and other.version > wording.version
        for other in newest
    )
