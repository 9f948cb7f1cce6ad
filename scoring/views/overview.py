"""The first page of scoring: the live rules in sentences, the drafts, the versions."""

from __future__ import annotations

from itertools import groupby

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.pages import PageRequest, may, page
from scoring.models import RuleSet
from scoring.queries import live_rule_set, parsed, rule_sentences

RECENT = 6


@require_GET
@page("scoring.view_rules")
def overview(request: PageRequest) -> HttpResponse:
    """What makes a lead rise: the live rules by group, the matrix, the gates; drafts and versions."""
    rule_set = live_rule_set()
    context: dict[str, object] = {
        "rule_set": rule_set,
        "may_draft": may(request.user, "scoring.edit_rules"),
        "drafts": drafts(),
        "versions": published()[:RECENT],
    }
    if rule_set is not None:
        context |= _live(rule_set, request.LANGUAGE_CODE)
    return render(request, "scoring/overview.html", context)


@require_GET
@page("scoring.view_rules")
def all_versions(request: PageRequest) -> HttpResponse:
    """Every version: drafts, what is and was live, what was thrown away."""
    context = {
        "drafts": drafts(),
        "versions": published(),
        "discarded": _lean().filter(discarded_at__isnull=False).order_by("-discarded_at")[:20],
        "may_draft": may(request.user, "scoring.edit_rules"),
    }
    return render(request, "scoring/versions.html", context)


def drafts() -> QuerySet[RuleSet]:
    """The drafts that are worked on, the one edited last first."""
    found = _lean().filter(status=RuleSet.Status.DRAFT, discarded_at=None)
    return found.order_by("-edited_at", "-version")


def published() -> QuerySet[RuleSet]:
    """What is or was live, the newest first."""
    return _lean().exclude(status=RuleSet.Status.DRAFT).order_by("-published_at", "-version")


def _lean() -> QuerySet[RuleSet]:
    people = ("created_by", "edited_by", "published_by", "based_on")
    return RuleSet.objects.select_related(*people).defer("document", "based_on__document")


def _live(rule_set: RuleSet, language: str) -> dict[str, object]:
    tree = parsed(rule_set)
    said = groupby(rule_sentences(rule_set), key=lambda sentence: sentence.group)
    sentences = {group: list(found) for group, found in said}
    groups = [
        {
            "name": group.name.in_(language),
            "measures": group.measures,
            "cap": group.cap,
            "sentences": sentences.pop(group.name.in_(language), []),
        }
        for group in tree.groups
    ]
    matrix = [(grade, [1, 2, 3, 4]) for grade in "ABCD"]
    # What is left are the gates.
    return {"tree": tree, "groups": groups, "gates": sentences, "matrix": matrix}
