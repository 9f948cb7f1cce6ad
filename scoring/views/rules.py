"""The rules of a version: groups as cards, rules as sentences."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.pages import PageRequest, page
from scoring.views.frame import find_version, frame, shown


@require_GET
@page("scoring.view_rules")
def rules(request: PageRequest, draft_id: int) -> HttpResponse:
    """The rules in sentences."""
    rule_set = find_version(draft_id)
    return shown(request, "scoring/rules.html", frame(request, rule_set, tab="rules"))
