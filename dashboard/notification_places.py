"""Where one can act on what one was told."""

from __future__ import annotations

from django.urls import reverse

from funnel.models import Offer, Standing
from funnel.stages import Stage
from scoring.models import Notification
from scoring.tellings import PARTING, Telling

_OFFERS = (Telling.OFFER_NEW, Telling.OFFER_REMINDER)


def place_of(told: Notification) -> str:
    """The address: the offer while it is open, the lead in work, else the lead itself.

    For what is about a lead that somebody else has now, the inbox; about none, the capacity of sales.
    """
    if told.lead is None:
        return reverse("funnel:capacity")
    if told.trigger in PARTING:
        return reverse("funnel:inbox")
    offer = Offer.objects.open().filter(lead=told.lead_id, rep=told.user_id).first()
    if offer and (told.trigger in _OFFERS or told.trigger.startswith("sla")):
        return reverse("funnel:offer", args=[offer.pk])
    standing: Standing | None = getattr(told.lead, "standing", None)
    if standing and standing.stage in (Stage.SAL, Stage.SQL) and standing.rep_id == told.user_id:
        return reverse("funnel:my_lead", args=[told.lead.public_id])
    return reverse("dashboard:lead", args=[told.lead.public_id])
