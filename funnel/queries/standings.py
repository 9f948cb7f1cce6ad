"""Where given leads stand."""

from __future__ import annotations

from collections.abc import Iterable

from funnel.models import Passage, Standing
from leads.models import Lead


def standing_of(lead_ids: Iterable[int]) -> dict[int, Standing]:
    """The standing of each of these leads that is in the funnel."""
    return Standing.objects.in_bulk(list(lead_ids))


def passages_of(lead: Lead) -> list[Passage]:
    """How the lead came to stand where it stands, oldest first."""
    return list(Passage.objects.filter(lead=lead).select_related("actor", "reason").order_by("id"))
