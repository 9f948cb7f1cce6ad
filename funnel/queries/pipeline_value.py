"""What the open opportunities are worth together, and how often such end in a sale."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, F, Q

from funnel.choices import Outcome
from funnel.days import today
from funnel.models import Opportunity, Rep
from funnel.pipeline import OpenBusiness, PipelineValue, Record, pipeline_value
from funnel.stages import Stage

_LOOK_BACK = timedelta(days=365)


def pipeline_of(rep: Rep | int | None, *, now: datetime) -> PipelineValue:
    """The SQLs of one rep, or of everybody. Two queries."""
    stand = "lead__standing"
    rows = Opportunity.objects.filter(outcome="", expected_amount__isnull=False, expected_close__isnull=False)
    rows = rows.filter(**{f"{stand}__stage": Stage.SQL, "cycle": F(f"{stand}__cycle")})
    if rep is not None:
        rows = rows.filter(**{f"{stand}__rep": rep})
    expected = rows.values_list("expected_amount", "expected_close")
    found = [OpenBusiness(amount, close) for amount, close in expected if amount is not None and close]
    return pipeline_value(found, past_record(now=now), today(now))


def past_record(*, now: datetime) -> Record:
    """How the team's qualified opportunities of the last twelve months ended."""
    ended = Opportunity.objects.filter(closed_at__gt=now - _LOOK_BACK, expected_amount__isnull=False)
    counts = ended.aggregate(
        won=Count("pk", filter=Q(outcome=Outcome.WON)), lost=Count("pk", filter=Q(outcome=Outcome.LOST))
    )
    return Record(counts["won"], counts["lost"])
