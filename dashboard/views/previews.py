"""Rules tried before they are published: on a sample at once, on everybody as a job, and who would move."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from accounts.keyset import Order
from accounts.keyset import page as keyset_page
from accounts.pages import PageRequest, may, page, wants_fragment
from dashboard.queries import movers, previews
from dashboard.tasks import nudge_trials
from scoring.actions.previews import ask_preview, cancel_preview
from scoring.models import PreviewLead, RulePreview, RuleSet
from scoring.programs import NoLiveRules
from scoring.queries import live_rule_set
from scoring.views.frame import find_version, frame, shown

PERMISSION = "dashboard.view_reports"
BY_RANK = Order("rank", _("Most promising"), "rank", is_time=False)
PAGE_SIZE = 50
Kind = RulePreview.Kind


@require_GET
@page(PERMISSION)
def preview(request: PageRequest, draft_id: int) -> HttpResponse:
    """What publishing these rules would do: counted on everybody if that was asked for, else on a sample."""
    rule_set = find_version(draft_id)
    trial, now = previews.trial_of(rule_set, Kind.PREVIEW), timezone.now()
    live = live_rule_set()
    is_current = trial is not None and not previews.is_stale(trial, rule_set, live)
    context = trial_frame(request, rule_set, "preview") | {"trial": trial if is_current else None}
    if wants_fragment(request, "trial") and trial is not None and trial.is_at_work:
        return render(request, "dashboard/trials/_state.html", context)
    whole = trial.result if trial and is_current and trial.state == trial.State.DONE else None
    counts = whole or previews.sample(rule_set, now=now)
    context |= {"found": previews.shown(rule_set, counts, now=now), "is_listed": whole is not None}
    if whole is not None and trial is not None:
        context["risers"] = movers.biggest(trial, request.user)
    return shown(request, "dashboard/trials/preview.html", context)


def trial_frame(request: PageRequest, rule_set: RuleSet, tab: str) -> dict[str, Any]:
    """The frame of a version's page, with what may be tried."""
    return frame(request, rule_set, tab=tab) | {
        "may_try": may(request.user, "scoring.edit_rules") and rule_set.status != RuleSet.Status.LIVE,
        "base": "base.html",
    }


@require_GET
@page(PERMISSION)
def preview_movers(request: PageRequest, draft_id: int) -> HttpResponse:
    """The ten that rise and the ten that fall most, with their three reasons before and after."""
    rule_set = find_version(draft_id)
    trial = _done(rule_set)
    told = movers.with_reasons(rule_set, trial, request.user, now=timezone.now())
    fragment = wants_fragment(request, "movers")
    template = "dashboard/trials/_movers.html" if fragment else "dashboard/trials/movers.html"
    return render(request, template, trial_frame(request, rule_set, "preview") | {"movers": told})


@require_GET
@page(PERMISSION)
def preview_list(request: PageRequest, draft_id: int, way: str) -> HttpResponse:
    """Who would go one way, a page at a time."""
    rule_set = find_version(draft_id)
    trial, way = _done(rule_set), _way(way)
    rows = keyset_page(
        previews.listed(trial, way, request.user),
        BY_RANK,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=PAGE_SIZE,
    )
    context = trial_frame(request, rule_set, "preview") | {
        "page": rows,
        "way": way,
        "label": PreviewLead.Way(way).label,
        "total": trial.result["ways"].get(way, 0),
    }
    return shown(request, "dashboard/trials/list.html", context)


class _Line:
    """A file that gives back what is written: csv writes lines, the response sends them."""

    def write(self, line: str) -> str:
        return line


@require_GET
@page(PERMISSION)
def preview_export(request: PageRequest, draft_id: int, way: str) -> HttpResponse:
    """The same list as CSV for a spreadsheet; no cell is taken for a formula."""
    trial, way = _done(find_version(draft_id)), _way(way)
    writer = csv.writer(_Line(), delimiter=";", quoting=csv.QUOTE_ALL)
    rows = previews.csv_rows(previews.listed(trial, way, request.user))
    lines = (writer.writerow([_harmless(cell) for cell in row]) for row in rows)
    response = StreamingHttpResponse(_with_mark(lines), content_type="text/csv; charset=utf-8")
    name = f"preview-v{trial.rule_set.version}-{way}.csv"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return cast("HttpResponse", response)


def _harmless(cell: str) -> str:
    """What a spreadsheet would take for a formula, as text."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _with_mark(lines: Iterable[str]) -> Iterator[str]:
    yield "\ufeff"
    yield from lines


def _done(rule_set: RuleSet) -> RulePreview:
    return get_object_or_404(
        RulePreview.objects.select_related("rule_set"),
        rule_set=rule_set,
        revision=rule_set.revision,
        kind=Kind.PREVIEW,
        state=RulePreview.State.DONE,
    )


def _way(way: str) -> str:
    if way not in PreviewLead.Way.values:
        raise Http404
    return way


PAGES = {Kind.PREVIEW: "preview", Kind.REPLAY: "past_decisions", Kind.SUGGEST: "past_decisions"}


@require_POST
@page("scoring.edit_rules")
def start_trial(request: PageRequest, draft_id: int, kind: str) -> HttpResponse:
    """Have a worker try these rules; then back to the page, which follows it."""
    return _on_trial(draft_id, kind, lambda rule_set, which: _start(rule_set, which, request))


def _start(rule_set: RuleSet, kind: Kind, request: PageRequest) -> None:
    if rule_set.status == RuleSet.Status.LIVE:
        return
    try:
        ask_preview(rule_set=rule_set, kind=kind, by=request.user, now=timezone.now())
    except NoLiveRules:
        return
    nudge_trials()


@require_POST
@page("scoring.edit_rules")
def cancel_trial(_request: PageRequest, draft_id: int, kind: str) -> HttpResponse:
    """Stop a trial."""
    return _on_trial(draft_id, kind, _cancel)


def _cancel(rule_set: RuleSet, kind: Kind) -> None:
    trial = previews.trial_of(rule_set, kind)
    if trial is not None:
        cancel_preview(preview=trial, now=timezone.now())


def _on_trial(draft_id: int, kind: str, do: Callable[[RuleSet, Kind], None]) -> HttpResponse:
    if kind not in Kind.values:
        raise Http404
    which = Kind(kind)
    do(find_version(draft_id), which)
    return redirect(f"dashboard:{PAGES[which]}", draft_id)
