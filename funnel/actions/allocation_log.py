"""Writing down to whom each lead went and why, or why to nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from funnel.allocation import Assignment, Unplaced, WhyNot
from funnel.models import AllocationDecision, Standing
from funnel.models.allocation import KEPT_DAYS

# Of those that nobody may take, the best: the others' turn would not come anyway.
MOST_NOTED = 50


def note_offers(assignments: Sequence[Assignment], waiting: Mapping[int, Standing], *, now: datetime) -> None:
    """One row for each offer made."""
    AllocationDecision.objects.bulk_create(
        AllocationDecision(
            lead_id=one.lead,
            at=now,
            cycle=waiting[one.lead].cycle,
            rep_id=one.rep,
            rule=one.rule,
            why_not=_by_reason(one.passed_over),
        )
        for one in assignments
    )


def note_unplaced(unplaced: Sequence[Unplaced], *, now: datetime) -> None:
    """A row for each of the best leads that nobody may take, where the reasons are not those noted last."""
    found = {one.lead: _by_reason(one.why_not) for one in unplaced[:MOST_NOTED]}
    if not found:
        return
    newest = AllocationDecision.objects.filter(lead__in=found).order_by("lead", "-id").distinct("lead")
    # To nobody: what went to a rep names the rule that decided.
    known = {lead: why for lead, rule, why in newest.values_list("lead", "rule", "why_not") if not rule}
    changed = [lead for lead, why in found.items() if known.get(lead) != why]
    standings = Standing.objects.filter(lead__in=changed).values_list("lead", "cycle") if changed else ()
    AllocationDecision.objects.bulk_create(
        AllocationDecision(lead_id=lead, at=now, cycle=cycle, why_not=found[lead])
        for lead, cycle in standings
    )


def _by_reason(why_not: Mapping[int, WhyNot]) -> dict[str, list[int]]:
    """Who was passed over for which reason: shorter than a reason a rep."""
    grouped: dict[str, list[int]] = defaultdict(list)
    for rep, why in sorted(why_not.items()):
        grouped[why.value].append(rep)
    return dict(grouped)


def forget_old_decisions(*, now: datetime) -> int:
    """Delete what is older than 90 days; how many rows."""
    deleted, _by_model = AllocationDecision.objects.filter(at__lt=now - timedelta(days=KEPT_DAYS)).delete()
    return deleted
