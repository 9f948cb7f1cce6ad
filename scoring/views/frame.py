"""What every page about one version shows around its part: its tabs, what changed, who else is editing.

A tab's template extends ``scoring/_draft_frame.html`` and fills its block ``section``; its view renders it
with ``shown``. htmx gets the part below the header only, into ``#draft-body``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User
from accounts.pages import PageRequest, may, page, wants_fragment
from scoring.drafts import diff
from scoring.models import DraftEdit, RuleSet
from scoring.queries import live_rule_set

BODY = "draft-body"
# Whoever edited within this time is said to be editing.
EDITING = timedelta(minutes=15)


def find_version(draft_id: int) -> RuleSet:
    """A draft or a published version, by its id; 404 when there is none."""
    related = ("created_by", "edited_by", "published_by", "based_on")
    return get_object_or_404(RuleSet.objects.select_related(*related), pk=draft_id)


def frame(request: PageRequest, rule_set: RuleSet, *, tab: str) -> dict[str, Any]:
    """The context of templates/scoring/_draft_frame.html.

    ``may_edit`` is true for a draft only. ``live``: the version it is compared with, None when it is itself
    live; ``changed``: how many parts differ from it.
    """
    is_draft = rule_set.status == RuleSet.Status.DRAFT and rule_set.discarded_at is None
    live = None if rule_set.status == RuleSet.Status.LIVE else live_rule_set()
    return {
        "rule_set": rule_set,
        "tab": tab,
        "tab_url": tab_url(request),
        "is_draft": is_draft,
        "may_edit": is_draft and may(request.user, "scoring.edit_rules"),
        "may_publish": is_draft and may(request.user, "scoring.publish_rules"),
        "may_go_back": may(request.user, "scoring.publish_rules"),
        "may_draft": may(request.user, "scoring.edit_rules"),
        "live": live,
        "changed": how_many_differ(live, rule_set),
        "others": _others(rule_set, request.user) if is_draft else [],
        "last_edit": _last_edit(rule_set) if is_draft else None,
    }


def tab_url(request: PageRequest) -> str:
    """The address of the tab, also when a change that was sent from it is answered."""
    tab = request.POST.get("next", "")
    is_ours = tab.startswith("/scoring/") and url_has_allowed_host_and_scheme(tab, allowed_hosts=None)
    return tab if is_ours else request.path


def how_many_differ(old: RuleSet | None, new: RuleSet) -> int:
    """In how many parts two versions differ."""
    if old is None:
        return 0
    found = diff(old.document, new.document)
    return sum(1 for change in found if change.kind != "moved" or change.is_reordering)


def _others(draft: RuleSet, user: User) -> list[User]:
    """Who else edited this draft a moment ago."""
    recent = DraftEdit.objects.filter(draft=draft, at__gte=timezone.now() - EDITING).exclude(by=user)
    return [edit.by for edit in recent.select_related("by").order_by("by", "-at").distinct("by") if edit.by]


def _last_edit(draft: RuleSet) -> DraftEdit | None:
    """The newest edit that may be undone."""
    edits = DraftEdit.objects.filter(draft=draft, undone_by=None).select_related("by")
    return edits.order_by("-revision").first()


def shown(request: PageRequest, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """A tab of a version: the page, or for htmx what goes into ``#draft-body``."""
    is_fragment = wants_fragment(request, BODY)
    base = "scoring/_draft_body.html" if is_fragment else "base.html"
    response = render(request, template, {**context, "base": base}, status=status)
    if is_fragment and "focus" in request.GET:
        # After a change the address says where one is, not what was opened.
        response["HX-Replace-Url"] = request.path
    return response


def edits_draft(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A POST that changes a draft: ``view(request, draft, …)``. Who may not edit rules gets 403.

    A version that was published or discarded meanwhile is shown as it is.
    """

    @page("scoring.edit_rules")
    @wraps(view)
    def checked(request: PageRequest, /, draft_id: int, **parts: Any) -> HttpResponse:
        draft = find_version(draft_id)
        if draft.status != RuleSet.Status.DRAFT or draft.discarded_at is not None:
            return redirect("scoring:rules", draft_id)
        return view(request, draft, **parts)

    return checked
