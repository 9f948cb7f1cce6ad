"""What marketers change about sources: campaigns, channel rules, costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from leads import sources
from leads.channel_rules import Condition, as_json
from leads.models import ChannelRule, SourceCost

Place = tuple[date, str, int | None]  # month (its first day), channel, campaign


@transaction.atomic
def set_costs(*, amounts: Mapping[Place, Decimal | None], by: User | None, now: datetime) -> int:
    """Keep what sources cost in some months; None takes an amount away. Returns how many changed."""
    known = {
        (row.month, row.channel, row.campaign_id): row
        for row in SourceCost.objects.select_for_update().filter(month__in={place[0] for place in amounts})
    }
    changed = 0
    for place, amount in amounts.items():
        row = known.get(place)
        if (row.amount if row else None) == amount:
            continue
        changed += 1
        if amount is not None:
            _keep_cost(row, place, amount, by=by, now=now)
        elif row is not None:
            row.delete()
    return changed


def _keep_cost(
    row: SourceCost | None, place: Place, amount: Decimal, *, by: User | None, now: datetime
) -> None:
    """Write one amount, over the one there is."""
    if row is None:
        row = SourceCost(month=place[0], channel=place[1], campaign_id=place[2])
    row.amount, row.by, row.updated_at = amount, by, now
    row.save()


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A rule as it is typed."""

    conditions: Sequence[Condition]
    channel: str
    campaign_id: int | None = None
    is_active: bool = True


@transaction.atomic
def save_rule(*, rule: ChannelRule | None, draft: RuleDraft) -> ChannelRule:
    """Change a rule, or add one: a new one stands first, so that it decides before the shipped ones."""
    if rule is None:
        rule = ChannelRule(position=0)
    rule.conditions = as_json(draft.conditions)
    rule.channel = draft.channel
    rule.campaign_id = draft.campaign_id
    rule.is_active = draft.is_active
    rule.save()
    _number_anew()
    return rule


@transaction.atomic
def move_rule(*, rule: ChannelRule, up: bool) -> None:
    """Have a rule decide one place earlier or later."""
    ordered = list(ChannelRule.objects.select_for_update())
    here = next(place for place, one in enumerate(ordered) if one.pk == rule.pk)
    there = here + (-1 if up else 1)
    if 0 <= there < len(ordered):
        ordered[here], ordered[there] = ordered[there], ordered[here]
    _number(ordered)


@transaction.atomic
def remove_rule(*, rule: ChannelRule) -> None:
    """Take a rule out of the table."""
    rule.delete()
    _number_anew()


@transaction.atomic
def restore_shipped_rules() -> None:
    """Put the table back as it was delivered; the site's own rules go."""
    ChannelRule.objects.all().delete()
    ChannelRule.objects.bulk_create(sources.shipped_rows())
    sources.forget()


def _number_anew() -> None:
    _number(list(ChannelRule.objects.select_for_update()))


def _number(ordered: Sequence[ChannelRule]) -> None:
    """1, 2, 3 … in this order."""
    for place, rule in enumerate(ordered, start=1):
        rule.position = place
    ChannelRule.objects.bulk_update(ordered, ["position"])
    sources.forget()
