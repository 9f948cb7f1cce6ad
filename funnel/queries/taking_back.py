"""Offers that somebody let pass and may still take back."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from accounts.models import User
from funnel.choices import OfferStatus
from funnel.models import Offer, Rep, SalesPolicy
from funnel.queries.policy import sales_policy
from funnel.service_levels import due
from funnel.stages import Situation

PASSED = (OfferStatus.REFUSED, OfferStatus.EXPIRED)
# Working time passes slowly over a long holiday; nothing older is looked at.
OLDEST = timedelta(days=14)


def may_still_take_back(offer: Offer, rep: Rep, policy: SalesPolicy, *, now: datetime) -> bool:
    """Whether this passed offer lies within the minutes of working time that the policy gives."""
    if offer.status not in PASSED or offer.decided_at is None or not policy.take_back_minutes:
        return False
    return now <= due(offer.decided_at, policy.take_back, rep.calendar)


def to_take_back(user: User, *, now: datetime) -> list[Offer]:
    """The offers this rep let pass and may take back, the latest first; one query while there are none."""
    passed = Offer.objects.filter(
        rep=user.pk,
        status__in=PASSED,
        decided_at__gt=now - OLDEST,
        cycle=F("lead__standing__cycle"),
        lead__standing__situation__in=[Situation.READY, Situation.OFFERED],
    )
    shown = passed.exclude(lead__offered_to=user.pk).select_related("rep", "lead__company")
    found = list(shown.prefetch_related("rep__absences").order_by("-decided_at")[:50])
    if not found:
        return []
    rep, policy = found[0].rep, sales_policy()
    once = {one.lead_id for one in found if sum(one.lead_id == other.lead_id for other in found) == 1}
    return [one for one in found if one.lead_id in once and may_still_take_back(one, rep, policy, now=now)]
