"""What follows when a rep's places, hours or absence change."""

from __future__ import annotations

from funnel.models import Offer, Rep
from funnel.queries.waiting import waiting_room
from leads.actions import agenda


def desk_changed(rep: Rep) -> None:
    """Have the offers of this rep looked at, and the best of the waiting leads: a place may be free now."""
    offered = Offer.objects.open().filter(rep=rep).values_list("lead", flat=True)
    waiting = waiting_room().values_list("lead", flat=True)[:1]
    agenda.wake([*offered, *waiting])
