"""The live rules, read only, in sentences."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.pages import PageRequest, page
from scoring.models import RuleSet
from scoring.queries import live_rule_set, parsed, rule_sentences


@require_GET
@page("scoring.view_rules")
def scoring(request: PageRequest) -> HttpResponse:
    """What makes a lead rise: the rules by group with their caps, the matrix, the gates, the versions."""
    rule_set = live_rule_set()
    context: dict[str, object] = {"rule_set": rule_set}
    if rule_set is not None:
        tree = parsed(rule_set)
        said = groupby(rule_sentences(rule_set), key=lambda sentence: sentence.group)
        sentences = {group: list(found) for group, found in said}
        language = request.LANGUAGE_CODE
        context |= {
            "tree": tree,
            "groups": [
                {
                    "name": group.name.in_(language),
                    "measures": group.measures,
                    "cap": group.cap,
                    "sentences": sentences.pop(group.name.in_(language), []),
                }
                for group in tree.groups
            ],
            # What is left are the gates.
            "gates": sentences,
            "matrix": _matrix(),
            "versions": RuleSet.objects.select_related("published_by")
            .defer("document")
            .order_by("-version")[:10],
        }
    return render(request, "dashboard/scoring.html", context)


def _matrix() -> list[tuple[str, list[int]]]:
    return [(grade, [1, 2, 3, 4]) for grade in "ABCD"]
