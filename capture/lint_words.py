"""The lint's findings in sentences that say what to do."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from capture.lint import MANY_REQUIRED, Finding

SENTENCES: dict[str, str | Promise] = {
    "no_identity": _("Ask for an email or a phone number: without one nobody can be recognised or answered."),
    "identity_optional": _("Require the email or the phone number, or some answers will come from nobody."),
    "identity_progressive": _("Ask for the email or the phone number always, not only later."),
    "many_required": _(
        "%(about)s questions are required. Beyond %(limit)s, many people give up: leave some optional."
    ),
    "target_gone": _("“%(about)s” asks for a field that is no longer in use. Remove the question."),
    "no_options": _("“%(about)s” offers nothing to choose from. Write its choices, one a line."),
    "hidden_empty": _("“%(about)s” is hidden and has no value. Give it one, or remove it."),
    "consent_bundled": _(
        "“%(about)s” makes consent a condition for sending. Remove it and add a consent box instead: it is "
        "never ticked beforehand, never required, and its words are kept as proof."
    ),
    "consent_as_question": _(
        "“%(about)s” asks for consent in words that are not kept as proof. Remove it and add a consent box."
    ),
    "consent_twice": _("Two consent boxes ask for the same thing. Keep one for each purpose."),
    "consent_language": _(
        "A consent box is in another language than the form. Choose the one in its language."
    ),
    "consent_outdated": _("A consent box has a newer version."),
    "consent_mixed": _("A consent box asks for several things at once. Each purpose needs a box of its own."),
    "no_double_opt_in": _(
        "Nobody confirms their address: a consent is hard to prove then. Let consumers confirm it at least."
    ),
    "no_privacy_page": _(
        "Give the address of your privacy page: people must be able to read it (RGPD, article 13)."
    ),
    "privacy_not_https": _("The privacy page's address must start with https://."),
    "no_controller": _(
        "Say who is responsible for the data, with the company's full name (RGPD, article 13)."
    ),
    "redirect_not_https": _("The address that people go to after sending must start with https://."),
    "content_unusable": _("The gated content is out of use, or has neither a file nor an address."),
    "no_origin": _("No site may embed this form yet. The hosted page and the QR code work without it."),
    "no_channel": _("No channel is chosen: leads get the one their visit came by, if it is known."),
    "wording_no_controller": _("Say who asks: write {controller} where the company's name goes."),
    "wording_no_purpose": _("Say what for, in the words of its purpose."),
    "wording_mixed": _("One purpose a wording: this one asks for another as well."),
    "wording_no_withdrawal": _(
        "Say how to take it back: “at any time, by the link in each message”, for instance."
    ),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A finding as it is shown."""

    text: str
    place: str
    is_blocking: bool
    question_id: int | None


def said(finding: Finding) -> Said:
    """The finding in the reader's language."""
    text = sentence(finding.code, about=finding.about)
    return Said(text, finding.place, finding.is_blocking, finding.question_id)


def sentence(code: str, *, about: str = "") -> str:
    """The sentence of a code; ``{controller}`` in it stands for itself."""
    return str(SENTENCES[code]) % {"about": about, "limit": MANY_REQUIRED}
