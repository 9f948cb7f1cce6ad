"""Where leads stand, as the facts of a lead keep it: told by the funnel, asked for by rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from leads.choices import Origin


@dataclass(frozen=True, slots=True)
class StageChange:
    """One lead came from a stage to another one; ``by_id`` is the person who did it, if one did."""

    lead_id: int
    old: str
    new: str
    at: datetime
    by_id: int | None = None


# What a caller who writes the leads' column itself puts into its own statement: the lines of the history, in
# their order, from the rows that ``stage_rows`` gives as ``stages``.
STAGE_HISTORY = f"""
INSERT INTO leads_profilechange (lead_id, field, old, new, origin, at, by_id)
SELECT lead_id, 'stage', to_jsonb(old), to_jsonb(new), '{Origin.DEDUCED.value}', at, by_id
FROM ROWS FROM (jsonb_to_recordset(%(stages)s::jsonb)
    AS (lead_id bigint, old text, new text, at timestamptz, by_id bigint)
) WITH ORDINALITY AS one(lead_id, old, new, at, by_id, place)
ORDER BY place
"""  # nosec B608: of constants


def stage_rows(changes: Sequence[StageChange]) -> list[dict[str, object]]:
    """The changes as STAGE_HISTORY takes them."""
    return [
        {"lead_id": one.lead_id, "old": one.old, "new": one.new, "at": one.at.isoformat(), "by_id": one.by_id}
        for one in changes
    ]
