"""Changing the checklist itself: items, their order, another template as a whole. Answers are always kept."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify

from funnel.checklist_templates import ShippedItem, Template
from funnel.models import ChecklistItem

STEP = 10


@transaction.atomic
def add_item(*, item: ChecklistItem) -> ChecklistItem:
    """Put a new item at the end; its code comes from its label and never changes."""
    last = ChecklistItem.objects.aggregate(last=Max("position"))["last"] or 0
    item.code, item.position = _free_code(item.label_en or item.label_fr), min(last + STEP, 32000)
    item.save()
    return item


def _free_code(label: str) -> str:
    stem = slugify(label).replace("-", "_")[:34] or "item"
    taken = set(ChecklistItem.objects.filter(code__startswith=stem).values_list("code", flat=True))
    return next(code for code in (stem, *(f"{stem}_{n}" for n in range(2, 10000))) if code not in taken)


@transaction.atomic
def move_item(*, item: ChecklistItem, up: bool) -> None:
    """One place up or down among the items in use; at the end nothing happens."""
    items = list(ChecklistItem.objects.select_for_update().filter(is_active=True))
    here = next((index for index, one in enumerate(items) if one.pk == item.pk), None)
    there = here + (-1 if up else 1) if here is not None else -1
    if here is None or not 0 <= there < len(items):
        return
    items[here], items[there] = items[there], items[here]
    for place, one in enumerate(items, start=1):
        one.position = place * STEP
    ChecklistItem.objects.bulk_update(items, ["position"])


@transaction.atomic
def put_item_to_use(*, item: ChecklistItem, in_use: bool) -> None:
    """Retire an item or use it again. What was answered is kept and comes back with it."""
    ChecklistItem.objects.filter(pk=item.pk).update(is_active=in_use)


@transaction.atomic
def take_template(*, template: Template) -> None:
    """The checklist becomes the template's. Items that were there keep their wording; others are retired."""
    known = {item.code: item for item in ChecklistItem.objects.select_for_update()}
    for place, shipped in enumerate(template.items, start=1):
        item = known.get(shipped.code) or _made_of(shipped)
        item.position, item.is_required, item.is_active = place * STEP, shipped.is_required, True
        item.save()
    codes = [shipped.code for shipped in template.items]
    ChecklistItem.objects.exclude(code__in=codes).update(is_active=False)


def _made_of(shipped: ShippedItem) -> ChecklistItem:
    return ChecklistItem(
        code=shipped.code,
        label_fr=shipped.label_fr,
        label_en=shipped.label_en,
        help_fr=shipped.help_fr,
        help_en=shipped.help_en,
        kind=shipped.kind,
        sources=list(shipped.sources),
    )
