"""Changing how a desk works: its caps, hours and rules; and the policy of offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from accounts.models import User
from funnel.actions.desks import desk_changed
from funnel.actions.standing import manages_sales
from funnel.models import AllocationRule, Rep, SalesPolicy
from funnel.queries.policy import sales_policy
from funnel.refusals import NotYours


@transaction.atomic
def open_desk(*, user: User, by: User) -> Rep:
    """A desk for a user who has none, with the usual caps and hours. Doing it twice is no error.

    Raises NotYours for who does not manage sales.
    """
    _require_manager(by)
    rep, _is_new = Rep.objects.get_or_create(user=user)
    desk_changed(rep)
    return rep


@transaction.atomic
def change_desk(*, rep: Rep, values: Mapping[str, object], by: User) -> Rep:
    """Set these fields, checked by the form; leads that this concerns are looked at. Raises NotYours."""
    _require_manager(by)
    held = Rep.objects.select_for_update(no_key=True).get(pk=rep.pk)
    for name, value in values.items():
        setattr(held, name, value)
    held.save(update_fields=list(values))
    desk_changed(held)
    return held


@transaction.atomic
def change_rules(*, rep: Rep, rules: Sequence[AllocationRule], by: User) -> None:
    """These rules instead of those before. Offers that are open stay. Raises NotYours."""
    _require_manager(by)
    Rep.objects.select_for_update(no_key=True).get(pk=rep.pk)
    AllocationRule.objects.filter(rep=rep).delete()
    AllocationRule.objects.bulk_create(rules)
    desk_changed(rep)


@transaction.atomic
def change_policy(*, values: Mapping[str, object], by: User) -> SalesPolicy:
    """Set the lengths for offers made from now on. Raises NotYours."""
    _require_manager(by)
    policy = sales_policy()
    for name, value in values.items():
        setattr(policy, name, value)
    policy.save()
    return policy


def _require_manager(by: User) -> None:
    if not manages_sales(by):
        raise NotYours
