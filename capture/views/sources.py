"""The sources' pages: what each cost and brought, the costs themselves, campaigns."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import formats, timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.pages import PageRequest, may, page, unfinished
from capture.cost_table import cell_name, read_grid, read_table
from capture.months import read_month
from capture.queries.sources import counts_to_show, months_before, report
from capture.source_forms import CampaignForm
from leads.actions.sources import Place, set_costs
from leads.channels import Channel
from leads.models import Campaign, SourceCost
from leads.normalise import searchable

SPANS = (3, 6, 12, 24)
SHOWN_MONTHS = 12
GRID_MONTHS = 6


@require_GET
@page("capture.view_capture")
def sources(request: PageRequest) -> HttpResponse:
    """What each source cost and brought, over the last months."""
    span = next((one for one in SPANS if str(one) == request.GET.get("months")), SHOWN_MONTHS)
    last = this_month()
    found = report(
        counts_to_show(time_zone=settings.TIME_ZONE), first=months_before(last, span - 1), last=last
    )
    context = {
        "report": found,
        "span": span,
        "spans": SPANS,
        "tab": "report",
        "most_cost": max((cost for _month, cost, _leads in found.months), default=0),
        "most_leads": max((leads for _month, _cost, leads in found.months), default=0),
        "may_edit": may(request.user, "leads.edit_sources"),
    }
    return render(request, "capture/sources.html", context)


def this_month() -> dt.date:
    """The first day of the present month, in the site's time zone."""
    return timezone.localdate(timezone=timezone.get_default_timezone()).replace(day=1)


# Costs ---------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@page("leads.edit_sources")
def costs(request: PageRequest) -> HttpResponse:
    """The grid of channel and campaign by month; saved whole or not at all, what was typed stays."""
    last = read_month(request.GET.get("until", "")) or this_month()
    months = [months_before(last, back) for back in range(GRID_MONTHS - 1, -1, -1)]
    places = _places(months)
    typed = request.POST if request.method == "POST" else unfinished(request)
    errors: dict[str, str] = {}
    if typed is not None:
        amounts, errors = read_grid(
            {name: typed.get(name, "") for name in typed}, places, language=get_language() or "fr"
        )
        if request.method == "POST" and not errors:
            _said(request, set_costs(amounts=amounts, by=request.user, now=timezone.now()))
            return redirect(request.get_full_path())
    context = {
        "tab": "costs",
        "months": months,
        "rows": _grid(months, places, dict(typed.items()) if typed else {}, errors),
        "has_errors": bool(errors),
        "earlier": f"{months_before(last, GRID_MONTHS):%Y-%m}",
        "later": f"{months_before(last, -GRID_MONTHS):%Y-%m}",
        "last": f"{last:%Y-%m}",
        "may_edit": True,
    }
    return render(request, "capture/costs.html", context, status=422 if errors else 200)


def _places(months: list[dt.date]) -> list[Place]:
    """Every channel and every campaign in use, in each of the months."""
    campaigns = list(Campaign.objects.filter(is_active=True).values_list("channel", "pk"))
    lines: list[tuple[str, int | None]] = []
    for channel in Channel.values:
        lines.append((channel, None))
        lines += [(channel, pk) for own, pk in campaigns if own == channel]
    return [(month, *line) for line in lines for month in months]


def _grid(
    months: list[dt.date], places: list[Place], typed: dict[str, object], errors: dict[str, str]
) -> list[dict[str, object]]:
    """The rows of the grid, each with a cell a month."""
    rows = SourceCost.objects.filter(month__in=months)
    known = {(row.month, row.channel, row.campaign_id): row.amount for row in rows}
    names = dict(Campaign.objects.values_list("pk", "name"))
    labels = dict(Channel.choices)
    lines: dict[tuple[str, int | None], list[dict[str, object]]] = {}
    for place in places:
        name, amount = cell_name(place), known.get(place)
        shown = "" if amount is None else formats.localize_input(amount)
        cell = {
            "name": name,
            "value": typed.get(name, shown),
            "error": errors.get(name, ""),
            "month": place[0],
        }
        lines.setdefault(place[1:], []).append(cell)
    return [
        {
            "label": names.get(campaign, "") if campaign else labels[channel],
            "is_campaign": bool(campaign),
            "cells": cells,
        }
        for (channel, campaign), cells in lines.items()
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@page("leads.edit_sources")
def paste_costs(request: PageRequest) -> HttpResponse:
    """Costs as a table, pasted or from a CSV file; with one line wrong none is taken, and each is named."""
    typed = request.POST if request.method == "POST" else unfinished(request)
    text = (typed.get("table", "") if typed else "").replace("\x00", "")
    uploaded = request.FILES.get("file")
    if uploaded is not None:
        text = _decoded(uploaded.read(1_000_000))
    context = {"tab": "costs", "text": text, "errors": [], "may_edit": True}
    if request.method != "POST":
        return render(request, "capture/paste_costs.html", context)
    amounts, errors = read_table(text, campaigns=_campaign_names(), language=get_language() or "fr")
    if errors or not amounts:
        context |= {"errors": errors, "is_empty": not errors}
        return render(request, "capture/paste_costs.html", context, status=422)
    _said(request, set_costs(amounts=amounts, by=request.user, now=timezone.now()))
    return redirect("capture:costs")


def _decoded(raw: bytes) -> str:
    """A small CSV file as text: UTF-8, else as Windows writes it."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _campaign_names() -> dict[str, int]:
    rows = Campaign.objects.values_list("code", "name", "pk")
    return {searchable(text): pk for code, name, pk in rows for text in (name, code)}


def _said(request: PageRequest, changed: int) -> None:
    words = ngettext("%(count)s amount changed.", "%(count)s amounts changed.", changed)
    messages.success(request, words % {"count": changed})


# Campaigns -----------------------------------------------------------------------------------------------


@require_GET
@page("capture.view_capture")
def campaigns(request: PageRequest) -> HttpResponse:
    """All campaigns, those in use first."""
    context = {
        "tab": "campaigns",
        "campaigns": Campaign.objects.order_by("-is_active", "name", "pk"),
        "may_edit": may(request.user, "leads.edit_sources"),
    }
    return render(request, "capture/campaigns.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page("leads.edit_sources")
def campaign(request: PageRequest, pk: int | None = None) -> HttpResponse:
    """Make or change a campaign."""
    found = get_object_or_404(Campaign, pk=pk) if pk is not None else None
    typed = request.POST if request.method == "POST" else unfinished(request)
    form = CampaignForm(typed, instance=found)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("capture:campaigns")
    context = {"tab": "campaigns", "form": form, "campaign": found, "may_edit": True}
    return render(request, "capture/campaign.html", context, status=422 if form.errors and typed else 200)
