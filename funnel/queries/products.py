"""What reps choose from when they describe a business: products and competitors known so far."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Q

from funnel.models import Opportunity, Product

MOST_SUGGESTIONS = 50


def products_in_use() -> list[Product]:
    """In the order of the settings."""
    return list(Product.objects.filter(is_active=True))


def usual_amount(label: str) -> Decimal | None:
    """What one usually expects of the product of this name, in euros; None where nobody has said."""
    named = Product.objects.filter(Q(label_fr__iexact=label) | Q(label_en__iexact=label), is_active=True)
    return named.values_list("usual_amount", flat=True).first()


def known_competitors() -> list[str]:
    """Those that were ever named, by name."""
    named = Opportunity.objects.exclude(competitor="").order_by("competitor")
    return list(named.values_list("competitor", flat=True).distinct()[:MOST_SUGGESTIONS])
