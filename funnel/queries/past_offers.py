"""What sales decided on past offers, and what became of each: what rules are measured against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from funnel.choices import OfferStatus, Teaches
from funnel.models import Offer, Passage
from funnel.past_offers import Judgement, PastOffer
from funnel.stages import Stage

MOST_OFFERS = 50_000
_DECIDED = (OfferStatus.ACCEPTED, OfferStatus.RETURNED, OfferStatus.DISQUALIFIED)


def past_offers() -> list[PastOffer]:
    """The newest 50,000 offers that are no longer open, the oldest first; of leads that are still there."""
    offers = (
        Offer.objects.exclude(status=OfferStatus.OPEN)
        .filter(lead__merged_into=None, lead__erased_at=None)
        .order_by("-offered_at", "-pk")
        .values_list("pk", "lead_id", "cycle", "offered_at", "status", "reason__code", "reason__teaches")
    )
    rows = list(offers[:MOST_OFFERS])[::-1]
    reached = _reached({row[1] for row in rows})
    return [
        PastOffer(
            offer_id=pk,
            lead_id=lead_id,
            at=at,
            judgement=_judgement(status, teaches),
            reason=reason or "",
            is_sql=Stage.SQL in reached[lead_id, cycle],
            is_won=Stage.CUSTOMER in reached[lead_id, cycle],
        )
        for pk, lead_id, cycle, at, status, reason, teaches in rows
    ]


def _judgement(status: str, teaches: str | None) -> Judgement:
    """What a decision says of the lead; a reason that is not its fault says nothing."""
    if status not in _DECIDED:
        return Judgement.UNDECIDED
    if status == OfferStatus.ACCEPTED or teaches == Teaches.POSITIVE:
        return Judgement.ACCEPTED
    return Judgement.EXCUSED if teaches == Teaches.NEUTRAL else Judgement.REFUSED


def _reached(lead_ids: Iterable[int]) -> defaultdict[tuple[int, int], set[str]]:
    """The late stages that each lead reached, by cycle."""
    reached: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
    late = Passage.objects.filter(lead__in=list(lead_ids), to_stage__in=[Stage.SQL, Stage.CUSTOMER])
    for lead_id, cycle, stage in late.lasting().values_list("lead_id", "cycle", "to_stage"):
        reached[lead_id, cycle].add(stage)
    return reached
