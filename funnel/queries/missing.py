"""What sales said is missing when it gave a lead back."""

from __future__ import annotations

from funnel.models import Passage


def information_missing(lead_id: int) -> list[str]:
    """The fields of the profile that the last return of this lead asked for, as its rep ticked them.

    Nothing when the lead was never returned, or for another reason the last time.
    """
    returns = Passage.objects.filter(lead_id=lead_id, verb="return").lasting()
    last = returns.order_by("-id").values_list("details")[:1]
    fields = last[0][0].get("missing_fields", []) if last else []
    return [str(field) for field in fields]
