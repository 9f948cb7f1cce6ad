"""Likely duplicates: the queue, two leads side by side, merging them, and parting them again."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.keyset import page as keyset_page
from accounts.pages import PageRequest, page
from dashboard.queries.duplicates import (
    BEST_FIRST,
    Pair,
    better_first,
    find_pair,
    left_in_words,
    open_pairs,
    pair_of,
)
from leads.actions.duplicates import not_the_same
from leads.actions.merge import CannotMerge, merge, unmerge, unmerge_preview
from leads.merging import GROUPS
from leads.models import DuplicateCandidate, Lead, Merge

PAGE_SIZE = 30
WHY_NOT: dict[str, str | Promise] = {
    "same": lazy("A lead cannot be merged with itself."),
    "merged": lazy("One of the two has been merged meanwhile."),
    "erased": lazy("One of the two has been erased."),
    "undone": lazy("This merge has been undone already."),
    "later_merge": lazy("The survivor was merged with somebody else later: undo that merge first."),
    "no_place": lazy("Both were with sales, and the rep's place has been taken since: free a place first."),
}


@require_GET
@page("leads.merge_leads")
def duplicates(request: PageRequest) -> HttpResponse:
    """The pairs that wait, most likely first; the first one, or ``?pair=``, side by side."""
    cursors = {name: request.GET.get(name, "") for name in ("after", "before")}
    found = keyset_page(open_pairs(), BEST_FIRST, size=PAGE_SIZE, **cursors)
    return render(request, "dashboard/duplicates.html", {"page": found, "pair": _chosen(request, found.rows)})


def _chosen(request: PageRequest, rows: list[DuplicateCandidate]) -> Pair | None:
    """The pair that is open beside the queue."""
    wanted = request.GET.get("pair", "")
    candidate = next((row for row in rows if str(row.public_id) == wanted), rows[0] if rows else None)
    if candidate is None:
        return None
    try:
        leads = find_pair(request.user, candidate.low.public_id, candidate.high.public_id)
    except Lead.DoesNotExist:
        return None
    keep, away = better_first(*leads)
    return pair_of(away, keep) if request.GET.get("swap") else pair_of(keep, away)


@require_http_methods(["GET", "POST"])
@page("leads.merge_leads")
def merge_leads(request: PageRequest, keep_id: uuid.UUID, away_id: uuid.UUID) -> HttpResponse:
    """Two leads side by side with what would survive; a POST merges them."""
    try:
        keep, away = find_pair(request.user, keep_id, away_id)
    except Lead.DoesNotExist:
        raise Http404 from None
    if request.method == "GET":
        return render(request, "dashboard/merge.html", {"pair": pair_of(keep, away)})
    choices = {name: value for name in GROUPS if (value := request.POST.get(f"side-{name}", ""))}
    try:
        done = merge(keep=keep, away=away, now=timezone.now(), by=request.user, choices=choices)
    except CannotMerge as refused:
        messages.error(request, str(WHY_NOT[refused.code]))
        return redirect(_back(request, keep))
    except ValueError:
        raise Http404 from None
    messages.success(request, _("Merged into %(name)s. It can be undone there.") % {"name": keep})
    return redirect(_back(request, done.kept))


def _back(request: PageRequest, lead: Lead) -> str:
    """Where the decision was taken: the queue, else the lead's page."""
    return reverse("dashboard:duplicates") if request.POST.get("from") == "queue" else _address_of(lead)


def _address_of(lead: Lead) -> str:
    return reverse("dashboard:lead", args=[lead.public_id])


@require_POST
@page("leads.merge_leads")
def not_same(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """These two are not one person: never asked again."""
    candidate = get_object_or_404(DuplicateCandidate, public_id=public_id)
    not_the_same(candidate=candidate, by=request.user, now=timezone.now())
    messages.success(request, _("Noted: two people. This pair will not come back."))
    return redirect("dashboard:duplicates")


@require_http_methods(["GET", "POST"])
@page("leads.merge_leads")
def part(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """What undoing a merge would do; a POST does it."""
    done = get_object_or_404(Merge.objects.select_related("kept", "away", "by"), public_id=public_id)
    if not Lead.objects.visible_to(request.user).filter(pk=done.kept_id).exists():
        raise Http404
    try:
        act = unmerge if request.method == "POST" else unmerge_preview
        parted = act(merge=done, now=timezone.now(), by=request.user)
    except CannotMerge as refused:
        messages.error(request, str(WHY_NOT[refused.code]))
        return redirect(_address_of(done.kept))
    if request.method == "POST":
        messages.success(request, _("The two are parted again."))
        return redirect(_address_of(parted.away))
    left = [left_in_words(one) for one in parted.left]
    return render(request, "dashboard/part.html", {"merge": done, "parted": parted, "left": left})
