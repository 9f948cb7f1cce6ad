"""Reasons: made, changed, put in order, retired. One that was given is never deleted."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify

from funnel.models import Reason

STEP = 10


@transaction.atomic
def make_reason(reason: Reason) -> Reason:
    """Store a new one after all others, under a code made of its English label."""
    stem = slugify(reason.label_en or reason.label_fr).replace("-", "_")[:34] or "reason"
    taken = set(Reason.objects.filter(code__startswith=stem).values_list("code", flat=True))
    reason.code = (
        stem
        if stem not in taken
        else next(
            f"{stem}_{number}" for number in range(2, len(taken) + 3) if f"{stem}_{number}" not in taken
        )
    )
    reason.position = (Reason.objects.aggregate(last=Max("position"))["last"] or 0) + STEP
    reason.save()
    return reason


@transaction.atomic
def arrange_reason(*, reason: Reason, direction: int) -> None:
    """Change places with the one above (-1) or below (1) it; nothing at the end."""
    rows = list(Reason.objects.select_for_update().order_by("position", "code"))
    here = next(place for place, row in enumerate(rows) if row.pk == reason.pk)
    other = here + direction
    if not 0 <= other < len(rows):
        return
    rows[here], rows[other] = rows[other], rows[here]
    for place, row in enumerate(rows, start=1):
        row.position = place * STEP
    Reason.objects.bulk_update(rows, ["position"])


def set_in_use(*, reason: Reason, is_active: bool) -> None:
    """Retire it, so that nobody can give it any more, or take it into use again."""
    Reason.objects.filter(pk=reason.pk).update(is_active=is_active)
