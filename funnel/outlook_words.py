"""When the next offer is likely, as a sentence."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from funnel.next_offer import Outlook, When
from funnel.templatetags.funnel_words import day_time

_SENTENCES: dict[When, str | Promise] = {
    When.NO_DESK: gettext_lazy("You have no places of your own, so nothing is offered to you."),
    When.CLOSED: gettext_lazy("Your desk is switched off: nothing is offered to you until it is on again."),
    When.AWAY: gettext_lazy("You are away. Leads come again from %(moment)s."),
    When.TOMORROW: gettext_lazy("You have had all the offers of today. The next ones come %(moment)s."),
    When.USUALLY: gettext_lazy(
        "Nobody is waiting for sales. Going by the last weeks, the next lead comes %(moment)s."
    ),
    When.UNKNOWN: gettext_lazy("Nobody is waiting for sales. A lead comes here as soon as it is ready."),
}


def outlook_in_words(outlook: Outlook) -> str:
    """What a rep with nothing to decide reads."""
    if outlook.when is When.FULL:
        return _full(outlook.waiting)
    if outlook.when is When.NOW:
        return _now(outlook.waiting)
    return str(_SENTENCES[outlook.when]) % {"moment": day_time(outlook.at)}


def _full(waiting: int) -> str:
    if not waiting:
        return _("All your places are taken. The next lead comes once one is free.")
    return ngettext(
        "All your places are taken, and %(count)s lead is waiting. It comes once one is free.",
        "All your places are taken, and %(count)s leads are waiting. The best comes once one is free.",
        waiting,
    ) % {"count": waiting}


def _now(waiting: int) -> str:
    return ngettext(
        "%(count)s lead is waiting for sales: if it is for you, it comes in a moment.",
        "%(count)s leads are waiting for sales: those that are for you come in a moment.",
        waiting,
    ) % {"count": waiting}
