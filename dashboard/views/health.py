"""Score health: how leads and acceptance spread over the bands, and which rules are not doing well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.pages import PageRequest, page
from dashboard import plots
from dashboard.queries.health import newest_health
from dashboard.tasks import nudge_health
from scoring.health import Counts, Month, RuleHealth, Verdict, inflation, judge, read_counts
from scoring.models import RuleSet, ScoreHealth
from scoring.queries import parsed
from scoring.statistics import Share, wilson

GRADES = "ABCD"
_TONES = (4, 3, 1, 0)
_ORDER = (Verdict.REFUSED, Verdict.NEVER, Verdict.NEARLY_ALL, Verdict.FINE)


@dataclass(frozen=True, slots=True)
class BandLine:
    """A grade: its leads now, and how many of the year's decided offers were accepted."""

    grade: str
    leads: int
    share: float
    accepted: Share


@require_GET
@page("scoring.view_rules")
def health(request: PageRequest) -> HttpResponse:
    """The newest count, or a button to make the first."""
    found = newest_health()
    context: dict[str, Any] = {"health": found}
    if found is not None:
        context |= _shown(found)
    return render(request, "dashboard/health.html", context)


@require_POST
@page("scoring.view_rules")
def count_health(request: PageRequest) -> HttpResponse:
    """Have it counted as a job."""
    if nudge_health():
        messages.success(request, _("Being counted: look again in a minute."))
    else:
        messages.error(request, _("The workers cannot be reached. It is counted every night all the same."))
    return redirect("dashboard:health")


def _shown(found: ScoreHealth) -> dict[str, Any]:
    counts = read_counts(found.counts)
    months = [(date.fromisoformat(f"{one.month}-01"), one) for one in counts.months]
    return {
        "counts": counts,
        "average": wilson(counts.refused, counts.offers),
        "inflation": inflation(counts.months),
        "bands": _bands(counts),
        "months": [(day, _grades(one), one.best, one.accepted_of_best) for day, one in months],
        "pieces": plots.stacks([_grades(one) for _day, one in months], _TONES),
        "grades": GRADES,
        "rules": _rules(found, counts),
    }


def _grades(month: Month) -> list[int]:
    return [sum(n for band, n in month.leads.items() if band.startswith(grade)) for grade in GRADES]


def _bands(counts: Counts) -> list[BandLine]:
    if not counts.months:
        return []
    now, total = counts.months[-1].leads, sum(counts.months[-1].leads.values())
    return [_band(grade, counts, now, total) for grade in GRADES]


def _band(grade: str, counts: Counts, now: Any, total: int) -> BandLine:
    leads = sum(n for band, n in now.items() if band.startswith(grade))
    pairs = [
        pair for month in counts.months for band, pair in month.decided.items() if band.startswith(grade)
    ]
    accepted = wilson(sum(yes for yes, _all in pairs), sum(everything for _yes, everything in pairs))
    return BandLine(grade, leads, leads / total if total else 0.0, accepted)


def _rules(found: ScoreHealth, counts: Counts) -> list[tuple[str, RuleHealth]]:
    """Every rule with its name, the troubled ones first."""
    rule_set = RuleSet.objects.filter(version=found.rules_version).first()
    tree, language = parsed(rule_set) if rule_set else None, get_language() or "fr"
    names = {(g.code, r.code): r.name.in_(language) for g in tree.groups for r in g.rules} if tree else {}
    judged = [judge(one, counts) for one in counts.rules]
    judged.sort(key=lambda one: (_ORDER.index(one.verdict), -(one.refused.value or 0)))
    return [(names.get((one.count.group, one.count.code), one.count.code), one) for one in judged]
