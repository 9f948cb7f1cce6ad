"""The peer of `throughput`: one Celery task for each event, as most systems do it."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from funnel.actions.placement import place
from leads.models import Lead
from nurturing.actions.plan import plan
from scoring.actions import rescore


@shared_task(name="benchmarks.conclude_one", queue="pipeline")
@transaction.atomic
def conclude_one(lead_id: int) -> None:
    """The same conclusions for the one lead of one event, in a transaction of its own."""
    now = timezone.now()
    Lead.objects.select_for_update(no_key=True).get(pk=lead_id)
    place(rescore([lead_id], now=now), now=now)
    plan([lead_id], now=now)
