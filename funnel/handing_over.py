"""What a partner is told of a lead: what is needed to take over the conversation, and nothing else.

Purely from plain values; scores, history, notes and what others said of the lead stay with us.
"""

from __future__ import annotations

from collections.abc import Mapping

# In the order in which the partner reads them.
HANDED_OVER = ("name", "company", "job_title", "email", "phone", "city", "need", "project_month")


def handed_over(known: Mapping[str, str]) -> dict[str, str]:
    """The values of these fields, as far as they are known."""
    return {name: known[name] for name in HANDED_OVER if known.get(name)}


def fits(sectors: list[str], territories: list[str], *, sector: str, postcode: str) -> bool:
    """Whether a partner who named sectors or territories named this lead's; naming none takes all.

    A territory is a postcode or its beginning ("69" is the department).
    """
    in_sector = not sectors or sector in sectors
    in_territory = not territories or any(postcode.startswith(one) for one in territories)
    return in_sector and in_territory
