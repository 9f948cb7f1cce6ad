"""The rules of a version: groups as cards, rules as sentences whose parts open in place."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.pages import PageRequest, page
from scoring.drafts import PartGone
from scoring.editor.addresses import encode
from scoring.editor.opened import Opened, open_part
from scoring.editor.sheet import sheet
from scoring.editor.starters import starters_for
from scoring.models import RuleSet
from scoring.views.frame import find_version, frame, shown

MEASURES = ("fit", "engagement")


@require_GET
@page("scoring.view_rules")
def rules(request: PageRequest, draft_id: int) -> HttpResponse:
    """The rules; ``?open=`` an address unfolds its editor, ``as`` chooses another form, ``join`` adds."""
    rule_set = find_version(draft_id)
    return draw_rules(request, rule_set, opened_by(request, rule_set), 200)


def opened_by(request: PageRequest, rule_set: RuleSet) -> Opened | None:
    """What the address of the page opens; nothing where there is nothing (any more)."""
    given = request.GET
    if "open" not in given:
        return None
    try:
        return open_part(
            rule_set.document, given["open"], asked=given.get("as", ""), join=join_of(given.get("join"))
        )
    except PartGone:
        return None


def join_of(given: str | None) -> str:
    """all, any or nothing."""
    return given if given in ("all", "any") else ""


def draw_rules(request: PageRequest, rule_set: RuleSet, opened: Opened | None, status: int) -> HttpResponse:
    """The tab, with what is opened, if who looks may edit."""
    context = frame(request, rule_set, tab="rules")
    cards = sheet(rule_set.document)
    opened = opened if context["may_edit"] else None
    context |= {
        "cards": cards,
        "opened": opened,
        "opened_rule": encode(opened.address[:4]) if opened and len(opened.address) > 3 else "",
        "opened_group": encode(opened.address[:2]) if opened and len(opened.address) < 4 else "",
        "focus": request.GET.get("focus", ""),
        "refusal": getattr(request, "refusal", ""),
        "new_group": [(measures, starters_for(measures)) for measures in MEASURES],
    }
    return shown(request, "scoring/rules.html", context, status)
