"""Appointments and social selling of a lead, for templates/funnel/_meetings.html."""

from __future__ import annotations

from django import template
from django.utils import timezone

from funnel.models import Network
from funnel.queries.meetings import Panel, panel_of
from leads.models import Lead

register = template.Library()


@register.simple_tag
def meetings_panel(lead: Lead) -> Panel:
    """``{% meetings_panel lead as panel %}``: see funnel.queries.meetings.panel_of."""
    return panel_of(lead, now=timezone.now())


@register.filter
def network_name(code: str) -> str:
    """The name under which a profile's network is known; the code itself for one that is not."""
    return str(dict(Network.choices).get(code, code))
