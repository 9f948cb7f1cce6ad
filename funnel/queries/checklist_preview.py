"""What taking another checklist would change for the leads in work."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import F

from funnel.checklist import State
from funnel.checklist_templates import Preview, Template, preview
from funnel.models import ChecklistAnswer, ChecklistItem, Standing
from funnel.stages import Stage


def preview_of(template: Template) -> Preview:
    """Against the checklist in use, over all SALs. Three queries."""
    present = [item.item for item in ChecklistItem.objects.filter(is_active=True)]
    answers: dict[int, dict[str, State]] = defaultdict(dict)
    for lead in Standing.objects.filter(stage=Stage.SAL).values_list("lead", flat=True):
        answers[lead] = {}
    given = ChecklistAnswer.objects.filter(lead__standing__stage=Stage.SAL, cycle=F("lead__standing__cycle"))
    for lead, code, state in given.values_list("lead", "item__code", "state"):
        answers[lead][code] = State(state)
    return preview(present, [one.item for one in template.items], list(answers.values()))
