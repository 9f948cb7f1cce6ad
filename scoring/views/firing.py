"""How often a rule of a version would count, asked for from its menu."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.pages import PageRequest, page
from scoring.drafts import PartGone
from scoring.editor.addresses import decode
from scoring.engine.reading import RuleError
from scoring.firing import how_often
from scoring.rule_words import say
from scoring.views.frame import find_version, frame, shown


@require_GET
@page("scoring.view_rules")
def fires(request: PageRequest, draft_id: int) -> HttpResponse:
    """For how many leads the rule ``at`` counts today; a few words for htmx, else a page."""
    rule_set = find_version(draft_id)
    address = decode(request.GET.get("at", ""))
    context: dict[str, object] = {"at": "/".join(address)}
    try:
        context["firing"] = how_often(rule_set.document, address, now=timezone.now())
    except PartGone as error:
        raise Http404 from error
    except RuleError as error:
        context["problem"] = say(error)
    if request.htmx:
        return render(request, "scoring/_fires.html", context)
    return shown(request, "scoring/fires.html", frame(request, rule_set, tab="rules") | context)
