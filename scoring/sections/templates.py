"""The gallery of templates: each line by line, and a draft from it; rules from a grid, for who wants none."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.pages import PageRequest, may, page, unfinished
from scoring.actions.publishing import TEMPLATE_CODES, make_draft, template, vocabulary
from scoring.gallery import shown_lacks, shown_template, shown_templates
from scoring.lacking import fitted
from scoring.sections.start_form import PHASES, StartForm


@require_GET
@page("scoring.view_rules")
def templates(request: PageRequest) -> HttpResponse:
    """What there is to start from."""
    context = {"templates": shown_templates(), "may_draft": may(request.user, "scoring.edit_rules")}
    return render(request, "scoring/sections/templates.html", context)


@require_http_methods(["GET", "POST"])
@page("scoring.view_rules")
def one_template(request: PageRequest, code: str) -> HttpResponse:
    """A template line by line, with the reason of each; a POST starts a draft from it.

    What the site does not have is named, and left out only when that was ticked.
    """
    if code not in TEMPLATE_CODES:
        raise Http404
    if request.method == "POST":
        return _start_from(request, code)
    return _template_page(request, code)


def _start_from(request: PageRequest, code: str) -> HttpResponse:
    if not may(request.user, "scoring.edit_rules"):
        return _template_page(request, code, _("You may read these rules, not draft others."), status=403)
    known = vocabulary()
    if shown_lacks(code, known) and not request.POST.get("leave_out"):
        said = _("Tick that what this site does not have is left out, or add it first.")
        return _template_page(request, code, said, status=422)
    draft = make_draft(document=fitted(template(code), known), by=request.user, now=timezone.now())
    messages.success(request, _("This is your draft. Nothing changes before you publish it."))
    return redirect("scoring:rules", draft.pk)


def _template_page(request: PageRequest, code: str, problem: str = "", *, status: int = 200) -> HttpResponse:
    context = {
        "template": shown_template(code),
        "lacks": shown_lacks(code, vocabulary()),
        "may_draft": may(request.user, "scoring.edit_rules"),
        "problem": problem,
    }
    return render(request, "scoring/sections/template.html", context, status=status)


@require_http_methods(["GET", "POST"])
@page("scoring.edit_rules")
def start(request: PageRequest) -> HttpResponse:
    """Points for content type × phase and for the acts of intent; a POST makes a draft of them."""
    typed = unfinished(request) if request.method == "GET" else request.POST
    form = StartForm(typed or None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            draft = make_draft(document=form.document, by=request.user, now=timezone.now())
            messages.success(request, _("This is your draft. Nothing changes before you publish it."))
            return redirect("scoring:rules", draft.pk)
        status = 422
    context = {"form": form, "phases": PHASES}
    return render(request, "scoring/sections/start.html", context, status=status)
