"""The list of leads, and the few that the command palette offers."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.keyset import page as keyset_page
from accounts.pages import PageRequest, may, page, wants_fragment
from dashboard.custom_filters import column_named, put_into_words, with_column
from dashboard.filters import SEARCH_MAX, SEARCH_MIN, LeadFilter, matching
from dashboard.queries.leads import ORDERS, leads_for, matches

PAGE_SIZE = 50


@require_GET
@page("leads.view_leads")
def leads(request: PageRequest) -> HttpResponse:
    """Filtered, searched, ordered, one page at a time; only its rows when htmx asks for them."""
    filters = LeadFilter(request.GET, queryset=leads_for(request.user), request=request)
    rows = filters.qs
    is_narrowed = any(value not in (None, "") for value in filters.form.cleaned_data.values())
    column = column_named(request.GET.get("column", ""), filters.custom_fields)
    found = matches(rows, request.GET.get("sort", ""), is_narrowed=is_narrowed)
    cursors = {name: request.GET.get(name, "") for name in ("after", "before")}
    shown = keyset_page(with_column(found.rows, column), found.order, size=PAGE_SIZE, **cursors)
    put_into_words(shown.rows, column)
    context = {
        "filter": filters,
        "page": shown,
        "column": column,
        "found": found,
        "orders": ORDERS.values(),
        "is_narrowed": is_narrowed,
        "kept": filters.told(),
        "told": [*filters.told(), *filters.told_custom()],
        "not_understood": not_understood(filters),
        "may_move": may(request.user, "funnel.move_many"),
        "asked": _asked(request),
    }
    fragment = wants_fragment(request, "rows")
    return render(request, "dashboard/_leads_rows.html" if fragment else "dashboard/leads.html", context)


def _asked(request: PageRequest) -> list[tuple[str, str]]:
    """What the address asks for, but which page of it: the leads that "all of them" means."""
    pages = {"after", "before", "lead", "all", "move"}
    return [
        (name, value)
        for name, values in request.GET.lists()
        if name not in pages
        for value in values
        if value
    ]


def not_understood(filters: LeadFilter) -> list[str]:
    """The names of the filters whose values were left out."""
    fields = filters.form.fields
    return [str(fields[name].label) for name in filters.form.errors if name in fields]


@require_GET
@page("leads.view_leads")
def palette(request: PageRequest) -> HttpResponse:
    """Up to eight leads whose name, email or company matches what was typed into the palette."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:SEARCH_MAX]
    found = leads_for(request.user).filter(matching(text))[:8] if len(text) >= SEARCH_MIN else []
    return render(request, "dashboard/_palette.html", {"leads": found})
