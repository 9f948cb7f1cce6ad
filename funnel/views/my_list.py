"""The list of the leads a rep works."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.pages import PageRequest, page
from funnel.queries.my_list import Show, my_list
from funnel.views.work_dialogs import DECIDES

LABELS = {
    Show.ALL: _("All of them"),
    Show.SAL: _("SAL"),
    Show.SQL: _("SQL"),
    Show.LATE: _("Late"),
    Show.NOTHING_PLANNED: _("Nothing planned"),
}
PAGE_KEYS = [("c", _("Log a call")), ("t", _("Plan a task"))]


@page(DECIDES)
@require_GET
def show_list(request: PageRequest) -> HttpResponse:
    """My SALs and SQLs, each with its checklist and what comes next."""
    wanted = request.GET.get("show", "")
    show = Show(wanted) if wanted in list(Show) else Show.ALL
    found = my_list(request.user, now=timezone.now(), show=show)
    tabs = [(one, LABELS[one], count) for one, count in found.counts]
    return render(request, "funnel/my_leads.html", {"found": found, "tabs": tabs, "page_keys": PAGE_KEYS})
