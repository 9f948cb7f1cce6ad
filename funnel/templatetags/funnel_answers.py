"""The promised answer of a lead, as a badge: ``{% sla lead %}``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import rules
from django import template
from django.utils import timezone

from funnel.queries.answers import Owed, owed_to
from leads.models import Lead

register = template.Library()
_KEY = "answers_owed"


@register.inclusion_tag("funnel/_answer_due.html", takes_context=True)
def sla(context: dict[str, Any], lead: Lead) -> dict[str, object]:
    """Until when this lead is promised a first answer; empty when it is owed none.

    One query a page, however many leads it shows: what is owed to all leads of this person.
    """
    request = context["request"]
    known: dict[int, Owed] | None = getattr(request, _KEY, None)
    if known is None:
        manages = rules.has_perm("funnel.manage_sales", request.user)
        known = owed_to(None, now=timezone.now(), rep=None if manages else request.user.pk)
        setattr(request, _KEY, known)
    return {"owed": known.get(lead.pk)}


@register.inclusion_tag("funnel/_answer_before.html")
def answer_before(due: datetime | None, *, short: bool = False) -> dict[str, object]:
    """The same for a lead whose term is at hand (``answer_due``): until when, and whether that is over."""
    return {"due": due, "is_over": due is not None and due <= timezone.now(), "short": short}
