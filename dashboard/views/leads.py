"""The list of leads, and the few that the command palette offers."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dashboard.filters import SEARCH_MAX, SEARCH_MIN, LeadFilter, matching
from dashboard.keyset import page as keyset_page
from dashboard.pages import PageRequest, page, wants_fragment
from dashboard.queries.leads import ORDERS, count_up_to, in_order, leads_for

PAGE_SIZE = 50


@require_GET
@page("leads.view_leads")
def leads(request: PageRequest) -> HttpResponse:
    """Filtered, searched, ordered, one page at a time; only its rows when htmx asks for them."""
    filters = LeadFilter(request.GET, queryset=leads_for(request.user), request=request)
    rows, order = in_order(filters.qs, request.GET.get("sort", ""))
    shown = keyset_page(
        rows, order, after=request.GET.get("after", ""), before=request.GET.get("before", ""), size=PAGE_SIZE
    )
    total, is_more = count_up_to(rows)
    context = {
        "filter": filters,
        "page": shown,
        "total": total,
        "is_more": is_more,
        "order": order,
        "orders": ORDERS.values(),
        "is_narrowed": any(value for value in filters.form.cleaned_data.values()),
        "not_understood": [
            filters.form.fields[name].label for name in filters.form.errors if name in filters.form.fields
        ],
    }
    fragment = wants_fragment(request, "rows")
    return render(request, "dashboard/_leads_rows.html" if fragment else "dashboard/leads.html", context)


@require_GET
@page("leads.view_leads")
def palette(request: PageRequest) -> HttpResponse:
    """Up to eight leads whose name, email or company matches what was typed into the palette."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:SEARCH_MAX]
    found = leads_for(request.user).filter(matching(text))[:8] if len(text) >= SEARCH_MIN else []
    return render(request, "dashboard/_palette.html", {"leads": found})
