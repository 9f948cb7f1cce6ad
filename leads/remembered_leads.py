"""The numbers of leads that events named lately, so that they need not be looked up for each event.

A number is remembered of a lead that was there; whether it still is, who stores something for it asks
``leads_gonelead`` in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from leads.identities import find_leads, find_living

_MOST_REMEMBERED = 100_000  # some 20 MB
_known: dict[str, int] = {}


def remembered(public_ids: AbstractSet[str]) -> dict[str, int]:
    """The number of each that this process remembers; those are spelled as the database spells them."""
    return {name: number for name in public_ids if (number := _known.get(name)) is not None}


def numbers_of(public_ids: AbstractSet[str]) -> dict[str, int]:
    """The number of each lead that is there, by its public id (in lower case with hyphens)."""
    found = remembered(public_ids)
    if len(found) == len(public_ids):
        return found
    living = find_living(public_ids - found.keys())
    if len(_known) + len(living) > _MOST_REMEMBERED:
        _known.clear()
    _known.update(living)
    return found | living


def numbers_now(public_ids: AbstractSet[str]) -> Mapping[str, int]:
    """The same as the database has it now; merged leads lead to the survivor."""
    for name in public_ids:
        _known.pop(name, None)
    return find_leads("public_id", public_ids)


def forget() -> None:
    """Look every lead up again (tests)."""
    _known.clear()
