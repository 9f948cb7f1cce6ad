"""The worth of the pipeline and the checklist of a lead, for pages that are not about them."""

from __future__ import annotations

from django import template
from django.utils import timezone

from accounts.models import User
from funnel.models import Standing
from funnel.pipeline import PipelineValue
from funnel.queries.checklist import Checklist, checklists
from funnel.queries.pipeline_value import pipeline_of
from funnel.stages import Stage
from leads.models import Lead

register = template.Library()

_WORKED = frozenset({Stage.SAL, Stage.SQL, Stage.CUSTOMER})


@register.simple_tag
def pipeline_value(user: User | None) -> PipelineValue:
    """What the open opportunities of this user are worth; of everybody for None."""
    return pipeline_of(user.pk if user else None, now=timezone.now())


@register.simple_tag
def checklist_of(lead: Lead) -> Checklist | None:
    """The checklist of the present cycle, for a lead that sales work or won; else none."""
    standing: Standing | None = getattr(lead, "standing", None)
    if standing is None or standing.stage not in _WORKED:
        return None
    standing.lead = lead
    return checklists([standing])[lead.pk]
