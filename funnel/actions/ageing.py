"""Giving up leads that never came to anything: the rule, and the nightly run. Reopening takes any back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import uuid4

from django.db import transaction

from accounts.models import User
from funnel.actions.passages import Owner, Step, pass_on
from funnel.ageing import LEAST_DAYS, Limits
from funnel.models import AgeingRule, Reason, Standing
from funnel.queries.ageing import aged, ageing_rule
from funnel.refusals import Incomplete
from funnel.stages import DISQUALIFIED, Verb
from leads.actions.events import new_event, record_events
from leads.incoming import NewEvent
from leads.kinds import BY_CODE
from leads.models import Lead, Source

REASON = "aged"
CAUSE = "ageing"
BATCH = 500


@transaction.atomic
def set_rule(*, limits: Limits, is_on: bool, by: User, now: datetime) -> AgeingRule:
    """Switch the rule on or off, or change it. Raises Incomplete for limits that say too little."""
    if is_on and not limits.says_when:
        raise Incomplete("limit_required", field="days")
    if limits.days is not None and limits.days < LEAST_DAYS:
        raise Incomplete("limit_too_short", field="days", least=LEAST_DAYS)
    if limits.cycles is not None and limits.cycles < 1:
        raise Incomplete("limit_required", field="cycles")
    values = {"is_on": is_on, "days": limits.days, "cycles": limits.cycles}
    rule, _ = AgeingRule.objects.update_or_create(
        pk=1, defaults=values | {"changed_at": now, "changed_by": by}
    )
    return rule


def give_up_aged(*, now: datetime) -> int:
    """Disqualify all whom the rule says, batch by batch; how many. Nobody while it is off."""
    rule = ageing_rule()
    if not rule.is_on:
        return 0
    limits = Limits(rule.days, rule.cycles)
    return sum(_give_up(batch, limits, now) for batch in _batches(limits, now))


def _batches(limits: Limits, now: datetime) -> Iterator[list[int]]:
    """The leads in batches by id; each is looked at once."""
    after = 0
    while batch := list(aged(limits, now=now).filter(lead__gt=after).values_list("lead", flat=True)[:BATCH]):
        after = batch[-1]
        yield batch


@transaction.atomic
def _give_up(leads: Sequence[int], limits: Limits, now: datetime) -> int:
    """One batch, under the locks of its leads; who has moved meanwhile is left alone."""
    held = Lead.objects.select_for_update(no_key=True).filter(pk__in=leads, merged_into=None, erased_at=None)
    present = [lead.pk for lead in held.order_by("pk")]
    standings = list(aged(limits, now=now).filter(lead__in=present).select_related("lead"))
    reason = Reason.objects.get(code=REASON)
    pass_on([_step(standing, reason, now) for standing in standings])
    record_events([_event(standing, now) for standing in standings], now=now)
    return len(standings)


def _step(standing: Standing, reason: Reason, now: datetime) -> Step:
    return Step(
        standing,
        Verb.DISQUALIFY,
        DISQUALIFIED,
        now,
        cause=CAUSE,
        reason=reason,
        owner=Owner.NOBODY,
    )


def _event(standing: Standing, now: datetime) -> NewEvent:
    return new_event(
        lead_id=standing.lead_id,
        kind_id=BY_CODE["disqualified"].id,
        occurred_at=now,
        source_id=Source.ECLUSE,
        event_id=str(uuid4()),
        properties={"reason": REASON},
    )
