"""The list of leads: its rows, its orders, its length as far as it matters.

Two ways to find a page, so that neither a filter that hardly anybody passes nor one that nearly everybody
passes is slow: few matches are found first and then put in order, many are met while walking the order's
own index.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.keyset import Order
from accounts.models import User
from leads.models import Lead

COUNTED_UP_TO = 5_000
FEW = 2_000
RECENT = Order("recent", _("Newest first"), "created_at")
PROMISING = Order("priority", _("Most promising"), "standing__priority", is_time=False)
# No order by the last activity: an index on it would make every event rewrite the lead's whole row.
ORDERS = {
    order.code: order
    for order in (RECENT, Order("oldest", _("Oldest first"), "created_at", descending=False), PROMISING)
}


@dataclass(frozen=True)
class Matches:
    """The leads that match, how many there are (``is_more``: at least), and the order to show them in."""

    rows: QuerySet[Lead]
    total: int
    is_more: bool
    order: Order


def leads_for(user: User) -> QuerySet[Lead]:
    """The leads this user may see, with what a row shows: company, owner, standing and score."""
    return (
        Lead.objects.visible_to(user)
        .present()
        .select_related("company", "owner", "standing", "score")
        .defer("search_text", "need", "pain_point", "custom", "social", "interests")
    )


def matches(rows: QuerySet[Lead], sort: str, *, is_narrowed: bool) -> Matches:
    """What to page over, in one query. An unknown order is the newest first; so is the most promising among
    all leads, which only an index over every stage could give."""
    order = ORDERS.get(sort, RECENT)
    if order is PROMISING:
        order = order if is_narrowed else RECENT
        rows = rows.filter(standing__isnull=False)
    found = list(rows.order_by().values_list("pk", flat=True)[: COUNTED_UP_TO + 1])
    return Matches(
        rows=rows.filter(pk__in=found) if len(found) <= FEW else rows,
        total=min(len(found), COUNTED_UP_TO),
        is_more=len(found) > COUNTED_UP_TO,
        order=order,
    )
