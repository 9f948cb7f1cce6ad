"""All that is held about a person (RGPD art. 15): every declared table, so that none can be forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.module_loading import import_string

from accounts.models import User
from leads.lead_links import LeadLink, OnErase, lead_links
from leads.models import Lead

# Tables that tell the person nothing of themselves, or something of others; each with why.
NOT_TOLD: dict[str, str] = {
    "leads.leadkeys": "hashes made from the profile, to compare it with others",
    "leads.duplicatecandidate": "a suspicion about two people, one of whom may be somebody else",
    "leads.idempotencyrecord": "copies of answers for a day, which may name others of the same request",
    "leads.gonelead": "a number alone",
    "leads.wake": "says only: look at this lead",
    "leads.due": "says only: look at this lead at that time",
}
# Columns made from others, for machines.
_MADE = {"search_text", "signature_id", "digest", "fingerprint"}


@dataclass(frozen=True)
class Held:
    """What one table holds of a person. ``erase`` and ``why``: what erasing does to it."""

    table: str
    model: type[models.Model]
    rows: models.QuerySet[Any]
    erase: OnErase
    why: str

    def values(self, *, newest_first: bool = False) -> Iterator[dict[str, object]]:
        """Each row as its columns by name. Others are named by id, colleagues by their role."""
        keys = [field.name for field in _told(self.model) if isinstance(field, models.ForeignKey)]
        order = "-pk" if newest_first else "pk"
        for row in self.rows.order_by(order).select_related(*keys):
            yield {field.name: _value(row, field) for field in _told(self.model)}


def whole_person(lead: Lead) -> list[Lead]:
    """The lead and all that were merged into it: one person."""
    return list(Lead.objects.filter(Q(pk=lead.pk) | Q(merged_into=lead), erased_at=None).order_by("pk"))


def held_about(leads: Sequence[Lead]) -> list[Held]:
    """Every table with anything about these leads, which are one person; the lead's own row first."""
    found = []
    for model, link in sorted(lead_links(), key=lambda item: (item[0] is not Lead, item[0]._meta.label)):
        if model._meta.label_lower in NOT_TOLD or not (link.key or link.rows):
            continue
        rows = _rows(model, link, leads)
        if rows.exists():
            found.append(Held(model._meta.label_lower, model, rows, link.erase, link.why))
    return found


def _rows(model: type[models.Model], link: LeadLink, leads: Sequence[Lead]) -> models.QuerySet[Any]:
    if link.rows:
        rows: models.QuerySet[Any] = import_string(link.rows)(leads)
        return rows
    return model._default_manager.filter(**{f"{link.key}__in": [lead.pk for lead in leads]})


def _told(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    return [field for field in model._meta.concrete_fields if field.name not in _MADE]


def _value(row: models.Model, field: models.Field[Any, Any]) -> object:
    if not isinstance(field, models.ForeignKey):
        return getattr(row, field.name)
    other = getattr(row, field.name)
    if isinstance(other, User):
        return other.role
    return str(other.public_id) if isinstance(other, Lead) else other and str(other)
