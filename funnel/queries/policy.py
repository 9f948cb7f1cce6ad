"""The site's sales policy."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from funnel.models import Offer, SalesPolicy


def sales_policy() -> SalesPolicy:
    """The row in force; as shipped where nobody has changed anything yet."""
    return SalesPolicy.objects.filter(pk=1).first() or SalesPolicy()


def contact_hours() -> Combinable:
    """The hours to the first contact, read along with a list of offers (as ``contact_hours``)."""
    row = SalesPolicy.objects.filter(pk=1).values("first_contact_hours")
    return Coalesce(Subquery(row), SalesPolicy().first_contact_hours)


def first_contact_of(offer: Offer) -> timedelta:
    """How long until the first contact once this offer is accepted; no query where it came along with it."""
    hours = vars(offer).get("contact_hours")
    return sales_policy().first_contact if hours is None else timedelta(hours=hours)
