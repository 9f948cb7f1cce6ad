"""What the codes mean, in the reader's language: why a message is held back, why a piece fits."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from leads.choices import Band, Phase
from nurturing.next_content import Why
from nurturing.policy import Because
from nurturing.tracks import Ending

REASONS: dict[str, str | Promise] = {
    f"policy:{Because.NOBODY_SELLS_YET}": _("sales does not write before it has accepted the lead"),
    f"policy:{Because.DISCRET_NEWSLETTER_ONLY}": _("discreet: the newsletter and nothing else until ready"),
    f"policy:{Because.OFFERED_NEWSLETTER_ONLY}": _("sales is deciding about this lead: newsletter only"),
    f"policy:{Because.SALES_OWNS}": _("sales owns the conversation: no marketing"),
    f"policy:{Because.CUSTOMER_NEWSLETTER_ONLY}": _("already a customer: newsletter only"),
    f"policy:{Because.DISQUALIFIED}": _("disqualified: nothing is sent"),
    "no_address": _("no email address"),
    "no_opt_in": _("never consented, and not known as a professional"),
    "consent_denied": _("said no"),
    "consent_withdrawn": _("withdrew the consent"),
    "suppressed:unsubscribed": _("unsubscribed"),
    "suppressed:hard_bounce": _("the address does not exist"),
    "suppressed:soft_bounce": _("the address has not answered for two weeks"),
    "suppressed:complaint": _("marked a message as spam"),
    "suppressed:objection": _("objected"),
    "suppressed:erased": _("erased"),
    "suppressed:paused": _("asked for a pause"),
    "lead_unknown": _("the lead no longer exists"),
    "not_in_funnel": _("not yet in the funnel"),
    Ending.NOTHING_LEFT.value: _("no fitting content left"),
    "stale": _("too late to make sense"),
    "cap": _("enough messages for now"),
    "quiet_hours": _("waits for the morning"),
    "empty_field": _("a required field is empty"),
    "too_slow": _("the template takes too long"),
    "too_big": _("the message is too big"),
    "broken": _("the message could not be made"),
    "address_unsupported": _("the address has characters that mail servers do not take"),
    "address_changed": _("the address has just changed"),
    "answer_lost": _("the mail server's answer was lost: it may have arrived"),
    "worker_died": _("the worker died while handing it over: it may have arrived"),
    "too_many_attempts": _("tried too often"),
    "unsubscribed": _("unsubscribed before it left"),
    "merged": _("merged with a lead that gets it already"),
    "given_up": _("given up by a person"),
    "send_again": _("sent again by a person's decision"),
}
ENDINGS: dict[str, str | Promise] = {
    Ending.COMPLETED: _("all steps done"),
    Ending.GOAL_REACHED: _("goal reached"),
    Ending.SALES_TOOK_OVER: _("sales took over"),
    Ending.WOKE_UP: _("the wake date came"),
    Ending.STAGE_LEFT: _("left the track's stages"),
    Ending.TOO_LONG: _("took too long"),
    Ending.NOTHING_LEFT: _("no fitting content left"),
    Ending.UNREACHABLE: _("no email address"),
    Ending.MERGED: _("merged with a lead that is in the track already"),
}
_FITS: dict[str, str | Promise] = {
    Why.TOPIC: _("interested in %(what)s"),
    Why.PERSONA: _("made for %(what)s"),
    Why.NEXT_PHASE: _("next step: %(what)s"),
    Why.SAME_PHASE: _("for the phase %(what)s"),
}


def reason_in_words(code: str, detail: str = "") -> str:
    """Why a message is held back, failed or unknown; a mail server's own words stay as they are."""
    if not code:
        return ""
    if code.startswith("smtp:"):
        phase, _colon, answer = code.removeprefix("smtp:").partition(":")
        said = gettext("the mail server said no (%(phase)s %(answer)s)") % {"phase": phase, "answer": answer}
        return f"{said}: {detail}" if detail else said
    words = str(REASONS.get(code, code))
    return f"{words}: {detail}" if detail and code == "empty_field" else words


def fit_in_words(because: Sequence[Sequence[str]]) -> list[str]:
    """Why a piece of content was chosen, from what the message kept of it."""
    return [_fit(why, what) for why, what in because]


def _fit(why: str, what: str) -> str:
    if why == Why.SAME_BAND:
        band = dict(Band.choices).get(what, what)
        return gettext("for the same part of the funnel (%(what)s)") % {"what": band}
    labels = {str(value): str(label) for value, label in Phase.choices}
    return str(_FITS.get(why, why)) % {"what": labels.get(what, what)}
