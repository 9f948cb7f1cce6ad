"""What somebody was told of leads: the bell, the list, and how they want to be told."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.keyset import Order
from accounts.keyset import page as keyset_page
from accounts.pages import PageRequest, page
from dashboard.alert_forms import ChoiceForm
from dashboard.notification_places import place_of
from scoring.actions.alerts import mark_read
from scoring.models import Notification, NotificationChoice
from scoring.told import told_to

PAGE_SIZE = 50
NEWEST = Order("newest", _("Newest first"), "at")
MOST_SHOWN = 99


@require_GET
@page("leads.view_leads")
def notifications(request: PageRequest) -> HttpResponse:
    """The newest first. Of leads that this person no longer sees only that they are gone, without a name."""
    rows = told_to(request.user).select_related("lead__company", "rule")
    cursors = {name: request.GET.get(name, "") for name in ("after", "before")}
    found = keyset_page(rows, NEWEST, size=PAGE_SIZE, **cursors)
    unread = any(row.read_at is None for row in found.rows)
    return render(request, "dashboard/notifications.html", {"page": found, "unread": unread})


@require_GET
@page("leads.view_leads")
def bell(request: PageRequest) -> HttpResponse:
    """How many are unread: the place in the navigation, loaded by itself and looked at once a minute."""
    unread = Notification.objects.filter(user=request.user, read_at=None)[: MOST_SHOWN + 1].count()
    return render(request, "components/bell.html", {"unread": unread, "most": MOST_SHOWN, "is_loaded": True})


@require_http_methods(["GET", "POST"])
@page("leads.view_leads")
def open_notification(request: PageRequest, notification_id: int) -> HttpResponse:
    """Go to where one can act on it; opened by its button (a POST) it is taken as read."""
    mine = get_object_or_404(
        Notification.objects.select_related("lead__standing"), pk=notification_id, user=request.user
    )
    if request.method == "POST":
        mark_read(user=request.user, now=timezone.now(), ids=[mine.pk])
    return redirect(place_of(mine))


@require_POST
@page("leads.view_leads")
def read_all(request: PageRequest) -> HttpResponse:
    """Take all of them as read."""
    mark_read(user=request.user, now=timezone.now())
    return redirect("dashboard:notifications")


@require_http_methods(["GET", "POST"])
@page("leads.view_leads")
def choices(request: PageRequest) -> HttpResponse:
    """How this person wants to be told."""
    row = NotificationChoice.objects.filter(user=request.user).first()
    form = ChoiceForm(request.POST or None, instance=row or NotificationChoice(user=request.user))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("dashboard:notification_choices")
    status = 422 if request.method == "POST" else 200
    return render(request, "dashboard/notification_choices.html", {"form": form}, status=status)
