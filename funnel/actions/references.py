"""What leads are called in other systems."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from funnel.actions.grounds import checked_line
from funnel.models import OutsideReference
from funnel.refusals import Incomplete, Refused
from leads.models import Lead


def set_reference(*, lead: Lead, system: str, kind: str, reference: str, now: datetime) -> OutsideReference:
    """Remember what the lead is called there; a former name is replaced.

    Raises Refused (``reference_taken``: it is another lead's), Incomplete.
    """
    reference = checked_line(reference, "reference", limit=120)
    if not reference:
        raise Incomplete("value_required", field="reference")
    try:
        with transaction.atomic():
            row, _created = OutsideReference.objects.update_or_create(
                lead=lead,
                system=system,
                kind=kind,
                defaults={"reference": reference, "updated_at": now},
            )
    except IntegrityError as error:
        raise Refused("reference_taken") from error
    return row
