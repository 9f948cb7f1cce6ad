"""Who had themselves erased: recognised by fingerprint, so that nobody needs their address to refuse it."""

from __future__ import annotations

from collections.abc import Iterable

from leads.choices import SuppressionReason
from leads.fingerprint import fingerprint
from leads.models import Suppression


class WasErased(Exception):
    """This person asked to be erased: nothing may be stored of them unless they come back themselves."""


def erased_among(*, emails: Iterable[str] = (), phones: Iterable[str] = ()) -> set[str]:
    """Those of these addresses (emails and E.164 numbers in their normal form) whose owner was erased.

    One query however many.
    """
    marks = {fingerprint(address): address for address in {*emails, *phones} if address}
    if not marks:
        return set()
    rows = Suppression.objects.filter(
        fingerprint__in=marks, reason=SuppressionReason.ERASED, released_at=None
    )
    return {marks[mark] for mark in rows.values_list("fingerprint", flat=True)}
