"""The waiting room of leads that are ready for sales and found no place yet."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.pages import PageRequest, page
from dashboard.queries.waiting_room import waiting_page


@require_GET
@page("dashboard.view_reports")
def show_waiting_room(request: PageRequest) -> HttpResponse:
    """Who waits, in the order in which they are served."""
    given = request.GET.get("page", "")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 8 else 1
    return render(request, "dashboard/waiting_room.html", {"found": waiting_page(number, now=timezone.now())})
