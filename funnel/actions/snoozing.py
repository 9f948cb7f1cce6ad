"""Putting an offer aside for a while, and bringing it back to the queue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from funnel.actions.decisions import already, require_decider
from funnel.actions.standing import held
from funnel.choices import OfferStatus
from funnel.models import Offer
from funnel.refusals import Incomplete
from funnel.snooze import WEIGHTY, Seen, brought_back_by, refusal
from leads.models import NOT_COUNTED, Event


@transaction.atomic
def snooze(*, offer: Offer, by: User, now: datetime, until: datetime) -> Offer:
    """Out of sight until then; it keeps its place and its deadline. Doing it again moves the moment.

    Raises Incomplete for a moment that is past or after the deadline, Refused when the offer is no longer
    open (as accept does), NotYours.
    """
    _hold_open(offer, by)
    if code := refusal(until, now=now, deadline=offer.deadline):
        raise Incomplete(code, field="until")
    offer.snoozed_at, offer.snoozed_until, offer.woken_by = now, until, None
    offer.save(update_fields=["snoozed_at", "snoozed_until", "woken_by"])
    return offer


@transaction.atomic
def unsnooze(*, offer: Offer, by: User, now: datetime) -> Offer:
    """Back in the queue at once, as if it had never been put aside. Doing it twice is not an error.

    Raises Refused when the offer is no longer open, NotYours.
    """
    _hold_open(offer, by)
    if offer.snoozed_until is not None and offer.snoozed_until > now:
        offer.snoozed_at = offer.snoozed_until = offer.woken_by = None
        offer.save(update_fields=["snoozed_at", "snoozed_until", "woken_by"])
    return offer


def _hold_open(offer: Offer, by: User) -> None:
    """Lock the lead and read the offer again."""
    held(offer.lead_id)
    require_decider(offer, by)
    offer.refresh_from_db()
    if not offer.is_open:
        already(offer, by, OfferStatus.OPEN)


def wake_snoozed(lead_ids: Sequence[int], *, now: datetime) -> list[Offer]:
    """Bring back the snoozed offers of these leads that did something of weight since; returns them.

    The caller holds the leads' locks.
    """
    asleep = list(Offer.objects.open().filter(lead__in=lead_ids, snoozed_until__gt=now))
    seen = _seen(asleep) if asleep else {}
    woken = []
    for offer in asleep:
        assert offer.snoozed_at is not None
        offer.woken_by = brought_back_by(seen.get(offer.lead_id, ()), since=offer.snoozed_at)
        if offer.woken_by is not None:
            offer.snoozed_until = now
            woken.append(offer)
    Offer.objects.bulk_update(woken, ["snoozed_until", "woken_by"])
    return woken


def _seen(offers: Sequence[Offer]) -> dict[int, list[Seen]]:
    """What counts of what these leads did since the first of them was put aside."""
    events = Event.objects.filter(
        lead__in=[offer.lead_id for offer in offers],
        occurred_at__gt=min(offer.snoozed_at for offer in offers if offer.snoozed_at),
        kind__in=list(WEIGHTY),
    ).exclude(signature_id=NOT_COUNTED)
    found: dict[int, list[Seen]] = defaultdict(list)
    for lead, kind, at in events.values_list("lead", "kind", "occurred_at"):
        found[lead].append(Seen(kind, at))
    return found
