"""The lock as marketers and managers see it: what sales can take, and what each threshold would send."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.pages import PageRequest, may, page, wants_fragment
from funnel.actions.threshold import draft_threshold, set_capacity
from funnel.capacity_forms import CapacityForm
from funnel.lock import HIGHEST, LOWEST
from funnel.queries.forecast import capacity_settings
from funnel.queries.lock_page import lock_page
from scoring.engine.reading import RuleError
from scoring.models import RuleSet
from scoring.queries import live_rule_set


@require_GET
@page("dashboard.view_reports")
def show_capacity(request: PageRequest) -> HttpResponse:
    """The page, or for htmx what changes with the slider. ``?threshold=`` is what is looked at."""
    live, found, problem = live_rule_set(), None, ""
    if live is not None:
        try:
            found = lock_page(live, _threshold(request.GET.get("threshold", "")), now=timezone.now())
        except RuleError:
            problem = _("The gate to ready for sales asks for something that no threshold can be added to.")
    context = {
        "found": found,
        "problem": problem,
        "may_edit": may(request.user, "scoring.edit_rules"),
        "may_set": may(request.user, "scoring.publish_rules"),
    }
    fragment = wants_fragment(request, "lock")
    return render(request, "funnel/_capacity.html" if fragment else "funnel/capacity.html", context)


@require_POST
@page("scoring.edit_rules")
def use_threshold(request: PageRequest) -> HttpResponse:
    """Make a draft with this threshold; it is published on its own page, after a look at what it does."""
    threshold = _threshold(request.POST.get("threshold", ""))
    if threshold is None:
        return redirect("funnel:capacity")
    try:
        draft = draft_threshold(threshold=threshold, by=request.user, now=timezone.now())
    except (RuleError, RuleSet.DoesNotExist):
        messages.error(request, _("This threshold cannot be added to the live rules."))
        return redirect("funnel:capacity")
    messages.success(request, _("A draft with this threshold is ready. Nothing is live yet."))
    return redirect("dashboard:preview", draft.pk)


@require_http_methods(["GET", "POST"])
@page("scoring.publish_rules")
def change_capacity(request: PageRequest) -> HttpResponse:
    """What work costs, and within what the threshold moves by itself."""
    form = CapacityForm(request.POST or None, instance=capacity_settings())
    if request.method == "POST" and form.is_valid():
        set_capacity(form.save(commit=False))
        messages.success(request, _("Saved."))
        return redirect("funnel:capacity")
    status = 422 if request.method == "POST" else 200
    return render(request, "funnel/capacity_settings.html", {"form": form}, status=status)


def _threshold(given: str) -> int | None:
    """Whole points within 0 and 100; None for anything else."""
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 4 else -1
    return number if LOWEST <= number <= HIGHEST else None
