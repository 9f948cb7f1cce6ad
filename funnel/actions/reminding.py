"""Reminding reps of the offers they have not decided, once each, some hours before the deadline."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from funnel.actions.telling import Tale, tell_all
from funnel.models import Offer
from scoring.tellings import Telling


@transaction.atomic
def remind(*, now: datetime) -> int:
    """Remind of what is due to be reminded of; how many offers. No offer twice, however many run."""
    waiting = Offer.objects.open().filter(remind_at__lte=now, deadline__gt=now).order_by("pk")
    offers = list(waiting.select_for_update(skip_locked=True, no_key=True))
    Offer.objects.filter(pk__in=[offer.pk for offer in offers]).update(remind_at=None)
    tell_all(
        [
            Tale(one.rep_id, Telling.OFFER_REMINDER, one.lead_id, {"until": one.deadline, "offer": one.pk})
            for one in offers
        ],
        now=now,
    )
    return len(offers)
