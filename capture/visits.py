"""Who sits there, as far as it may be known: by a link out of their mailbox, or a browser that agreed."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from leads.actions.visitors import leads_with_tracking
from leads.models import Lead, Visitor


def known_lead(*, person: UUID | None, visitor: UUID | None) -> Lead | None:
    """The lead of a genuine personal link, else of a browser whose owner lets us remember them.

    A browser's id alone is no proof of consent: the ledger must say so (bar: inputs B67).
    """
    if person is not None:
        return _leads().filter(public_id=person).first()
    if visitor is None:
        return None
    lead_id = Visitor.objects.filter(pk=visitor, withdrawn_at=None).values_list("lead_id", flat=True).first()
    if lead_id is None or not leads_with_tracking({lead_id}):
        return None
    return _leads().filter(pk=lead_id).first()


def _leads() -> QuerySet[Lead]:
    return Lead.objects.present().select_related("company")
