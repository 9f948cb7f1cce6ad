"""Joining lists."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from leads.actions.events import record_event
from leads.models import Lead, List, ListMembership


@transaction.atomic
def join_list(*, lead: Lead, joined: List, now: datetime) -> bool:
    """The lead is in the list from now on; false when it is already.

    Who had left and comes back joins again: the event says so.
    """
    membership, created = ListMembership.objects.select_for_update().get_or_create(
        list=joined, lead=lead, defaults={"joined_at": now}
    )
    if not created:
        if membership.left_at is None:
            return False
        membership.joined_at, membership.left_at = now, None
        membership.save(update_fields=["joined_at", "left_at"])
    record_event(
        lead_id=lead.pk, kind="list_joined", occurred_at=now, now=now, properties={"list": joined.code}
    )
    return True
