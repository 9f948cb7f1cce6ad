"""What the signs of likely duplicates are called."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from leads.duplicates import Sign

SIGNS: dict[str, str | Promise] = {
    Sign.SAME_MAILBOX: _("same mailbox, written differently"),
    Sign.SAME_PHONE: _("same phone number"),
    Sign.SAME_NAME: _("same name"),
    Sign.SWAPPED_NAME: _("same name, first and last name swapped"),
    Sign.SHORT_NAME: _("same name, one shortened"),
    Sign.ALIKE_NAME: _("names that differ by a slip"),
    Sign.ALIKE_ADDRESS: _("alike email addresses"),
    Sign.SAME_COMPANY: _("same company"),
    Sign.SAME_POSTCODE: _("same postcode"),
    Sign.OTHER_NAME: _("but different names"),
}


def in_words(signs: Iterable[str]) -> list[str]:
    """The reasons as people read them."""
    return [str(SIGNS[sign]) for sign in signs if sign in SIGNS]
