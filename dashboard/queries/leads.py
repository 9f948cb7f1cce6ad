"""The list of leads: its rows, its orders, its approximate length."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dashboard.keyset import Order
from leads.models import Lead

COUNTED_UP_TO = 10_000
RECENT = Order("recent", _("Newest first"), "created_at")
ORDERS = {
    order.code: order
    for order in (
        RECENT,
        Order("oldest", _("Oldest first"), "created_at", descending=False),
        # Leads that never did anything are not in this one: the page says so.
        Order("activity", _("Last activity"), "last_activity_at"),
        Order("priority", _("Most promising"), "standing__priority", is_time=False),
    )
}


def leads_for(user: User) -> QuerySet[Lead]:
    """The leads this user may see, with what a row shows: company, owner, standing and score."""
    return (
        Lead.objects.visible_to(user)
        .present()
        .select_related("company", "owner", "standing", "score")
        .defer("search_text", "need", "pain_point", "custom", "social", "interests")
    )


def in_order(rows: QuerySet[Lead], code: str) -> tuple[QuerySet[Lead], Order]:
    """``rows`` as the order needs them, and the order; an unknown code is the newest first."""
    order = ORDERS.get(code, RECENT)
    if order.code == "activity":
        rows = rows.filter(last_activity_at__isnull=False)
    if order.code == "priority":
        rows = rows.filter(standing__isnull=False)
    return rows, order


def count_up_to(rows: QuerySet[Lead], limit: int = COUNTED_UP_TO) -> tuple[int, bool]:
    """(number of rows, whether there are more than that): never counts beyond ``limit``."""
    found = rows.order_by().values("pk")[: limit + 1].count()
    return min(found, limit), found > limit
