"""Versions as a whole: drafts begun, renamed and thrown away, compared with another, undone, exported."""

from __future__ import annotations

from contextlib import suppress

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.pages import PageRequest, may, page
from scoring.actions.drafts import (
    DraftConflict,
    change_draft,
    discard_draft,
    open_draft,
    restore_draft,
    undo_edit,
)
from scoring.actions.publishing import NotADraft
from scoring.diff_words import tell
from scoring.drafts import diff, get, put
from scoring.engine.reading import RuleError
from scoring.models import DraftEdit, RuleSet
from scoring.queries import live_rule_set
from scoring.rule_words import say
from scoring.views.frame import edits_draft, find_version, frame, shown, tab_url


@require_POST
@page("scoring.edit_rules")
def new_draft(request: PageRequest) -> HttpResponse:
    """Begin a draft like a version (``like``: its id), or like the live one; then to its rules."""
    given = request.POST.get("like", "")
    like = find_version(int(given)) if given.isascii() and given.isdigit() else None
    if like is None and live_rule_set() is None:
        return redirect("scoring:overview")
    draft = open_draft(by=request.user, now=timezone.now(), like=like)
    return redirect("scoring:rules", draft.pk)


@require_POST
@edits_draft
def discard(request: PageRequest, draft: RuleSet) -> HttpResponse:
    """Throw a draft away; its page offers to take it up again."""
    discard_draft(draft=draft, by=request.user, now=timezone.now())
    return redirect("scoring:rules", draft.pk)


@require_POST
@page("scoring.edit_rules")
def restore(request: PageRequest, draft_id: int) -> HttpResponse:
    """Take up a draft that was thrown away."""
    with suppress(NotADraft):
        restore_draft(draft=find_version(draft_id), by=request.user, now=timezone.now())
    return redirect("scoring:rules", draft_id)


@require_http_methods(["GET", "POST"])
@edits_draft
def rename(request: PageRequest, draft: RuleSet) -> HttpResponse:
    """Name a draft, in both languages."""
    name = draft.document["name"]
    names = name if isinstance(name, dict) else {"fr": name, "en": name}
    context = frame(request, draft, tab="name") | {"names": names}
    if request.method == "GET":
        return shown(request, "scoring/rename.html", context)
    names = {language: request.POST.get(language, "").strip() for language in ("fr", "en")}
    try:
        change_draft(
            draft=draft,
            revision=_number(request.POST.get("revision"), draft.revision),
            change=lambda document: put(document, ("name",), names),
            summary=_("Renamed: %(name)s") % {"name": names["fr"]},
            by=request.user,
            now=timezone.now(),
        )
    except RuleError as error:
        context |= {"names": names, "problem": say(error), "wrong": error.path.rpartition(".")[2]}
        return shown(request, "scoring/rename.html", context, status=422)
    except DraftConflict as conflict:
        theirs = get(conflict.theirs.document, ("name",))
        context |= {"names": names, "theirs": theirs, "rule_set": conflict.theirs}
        return shown(request, "scoring/rename.html", context, status=409)
    return redirect("scoring:rules", draft.pk)


@require_POST
@edits_draft
def undo(request: PageRequest, draft: RuleSet, edit_id: int) -> HttpResponse:
    """Take one edit back and return to the tab (``next``); what stands in the way is said on the history."""
    edit = get_object_or_404(DraftEdit.objects.select_related("draft"), pk=edit_id, draft=draft)
    summary = _("Undone: %(what)s") % {"what": edit.summary}
    try:
        undo_edit(edit=edit, summary=summary, by=request.user, now=timezone.now())
    except (DraftConflict, LookupError):
        return _history(request, draft, _("This was changed again since: undo the later edit first."))
    except RuleError as error:
        return _history(request, draft, say(error))
    back = tab_url(request)
    if back == request.path:
        return redirect("scoring:rules", draft.pk)
    return redirect(f"{back.partition('?')[0]}?focus=undo")


@require_GET
@page("scoring.view_rules")
def history(request: PageRequest, draft_id: int) -> HttpResponse:
    """Who changed what in a draft, and when."""
    return _history(request, find_version(draft_id))


def _history(request: PageRequest, rule_set: RuleSet, problem: str = "") -> HttpResponse:
    edits = rule_set.edits.select_related("by", "undone_by").order_by("-revision")[:200]
    told = [(edit, tell(edit.parts, rule_set.document, rule_set.document)) for edit in edits]
    context = frame(request, rule_set, tab="history") | {"edits": told, "problem": problem}
    return shown(request, "scoring/history.html", context, status=409 if problem else 200)


@require_GET
@page("scoring.view_rules")
def compare(request: PageRequest) -> HttpResponse:
    """What differs between two versions, in sentences (``?old=…&new=…``, ids)."""
    versions = RuleSet.objects.defer("document").order_by("-version")
    old = _chosen(request.GET.get("old"), fallback="live")
    new = _chosen(request.GET.get("new"), fallback="newest")
    told = []
    if old is not None and new is not None:
        told = tell(diff(old.document, new.document), old.document, new.document)
    context = {
        "old": old,
        "new": new,
        "told": told,
        "versions": versions,
        "may_draft": may(request.user, "scoring.edit_rules"),
    }
    return render(request, "scoring/compare.html", context)


def _chosen(given: str | None, fallback: str) -> RuleSet | None:
    if given and given.isascii() and given.isdigit() and len(given) < 10:
        return find_version(int(given))
    if given:
        raise Http404
    if fallback == "live":
        return live_rule_set()
    return RuleSet.objects.filter(discarded_at=None).order_by("-version").first()


@require_GET
@page("scoring.view_rules")
def export(_request: PageRequest, draft_id: int) -> HttpResponse:
    """The document of a version as a JSON file; import takes it as it is."""
    rule_set = find_version(draft_id)
    response = JsonResponse(rule_set.document, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="ecluse-rules-v{rule_set.version}.json"'
    return response


def _number(given: str | None, otherwise: int) -> int:
    """A revision as a form sends it."""
    return int(given) if given and given.isascii() and given.isdigit() and len(given) < 10 else otherwise
