"""Settings of the stages: their names and how long they usually take."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.pages import PageRequest, may, page
from funnel.actions.stages import set_stage
from funnel.models import StageSetting
from funnel.settings_forms import StageForm
from funnel.stage_names import SHIPPED
from funnel.stages import Stage

EDITS = "funnel.edit_stages"


@page("funnel.view_settings")
@require_http_methods(["GET", "POST"])
def stages(request: PageRequest) -> HttpResponse:
    """All seven at once; only administrators change them."""
    may_edit = may(request.user, EDITS)
    if request.method == "POST" and not may_edit:
        raise PermissionDenied
    forms = _forms(request)
    valid = [form.is_valid() for form in forms]  # each says what is wrong with it
    if request.method == "POST" and all(valid):
        for form in forms:
            if form.has_changed():
                set_stage(stage=form.stage, words=form.words)
        messages.success(request, _("Saved."))
        return redirect("funnel:stages")
    context = {"forms": forms, "may_edit": may_edit}
    status = 422 if request.method == "POST" else 200
    return render(request, "funnel/stages.html", context, status=status)


def _forms(request: PageRequest) -> list[StageForm]:
    known = {row.stage: row for row in StageSetting.objects.all()}
    data = request.POST if request.method == "POST" else None
    return [StageForm(data, stage=stage, instance=known.get(stage) or _unsaved(stage)) for stage in Stage]


def _unsaved(stage: Stage) -> StageSetting:
    return StageSetting(stage=stage, norm_days=SHIPPED[stage].norm_days)
