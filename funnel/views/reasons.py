"""The reasons that people give, and what follows from each."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.pages import PageRequest, may, page
from funnel.actions.reasons import arrange_reason, make_reason, set_in_use
from funnel.models import Reason
from funnel.queries.reasons import known_tracks, reason_lines
from funnel.settings_forms import ReasonForm

EDITS = "funnel.edit_reasons"


@page("funnel.view_settings")
@require_GET
def reasons(request: PageRequest) -> HttpResponse:
    """Every reason, how often it was given, what it teaches."""
    lines = reason_lines(now=timezone.now())
    context = {
        "used": [line for line in lines if line.reason.is_active],
        "retired": [line for line in lines if not line.reason.is_active],
        "may_edit": may(request.user, EDITS),
    }
    return render(request, "funnel/reasons.html", context)


@page(EDITS)
@require_http_methods(["GET", "POST"])
def new_reason(request: PageRequest) -> HttpResponse:
    """A reason of the site's own."""
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = make_reason(form.save(commit=False))
        messages.success(request, _("“%(label)s” can be given from now on.") % {"label": made.label})
        return redirect("funnel:reasons")
    return _form_page(request, form, None)


@page(EDITS)
@require_http_methods(["GET", "POST"])
def reason(request: PageRequest, reason_id: int) -> HttpResponse:
    """Change one; decisions already made keep their meaning."""
    found = get_object_or_404(Reason, pk=reason_id)
    form = ReasonForm(request.POST if request.method == "POST" else None, instance=found)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("funnel:reasons")
    return _form_page(request, form, found)


def _form_page(request: PageRequest, form: ReasonForm, found: Reason | None) -> HttpResponse:
    context = {"form": form, "reason": found, "tracks": known_tracks()}
    status = 422 if request.method == "POST" else 200
    return render(request, "funnel/reason.html", context, status=status)


@page(EDITS)
@require_POST
def arrange(request: PageRequest, reason_id: int) -> HttpResponse:
    """Up, down, out of use, in use again."""
    found = get_object_or_404(Reason, pk=reason_id)
    match request.POST.get("do"):
        case "up":
            arrange_reason(reason=found, direction=-1)
        case "down":
            arrange_reason(reason=found, direction=1)
        case "retire":
            set_in_use(reason=found, is_active=False)
        case "use":
            set_in_use(reason=found, is_active=True)
    return redirect("funnel:reasons")
