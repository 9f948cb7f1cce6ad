"""Why a submission was set aside, in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: dict[str, str | Promise] = {
    "honeypot": _("a field that people cannot see was filled in"),
    "token_invalid": _("it does not come from the form as it was shown"),
    "token_missing": _("it does not come from the form as it was shown"),
    "foreign_origin": _("it comes from a site that is not one of the form's"),
    "too_fast": _("it was sent faster than anybody types"),
    "proof_missing": _("the browser did not do the proof of work"),
    "link_as_name": _("a name is a link"),
    "many_links": _("it is full of links"),
    "disposable": _("the address is a throw-away one"),
    "repeated": _("the same text came many times"),
    "mail_limit": _("this address was asked to confirm too often"),
    "errors": _("an answer could not be taken"),
}


def in_words(code: str) -> str:
    """The reason of a code; an unknown code as it is."""
    return str(REASONS.get(code, code.replace("_", " ")))
