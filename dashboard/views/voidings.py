"""Voiding many events: choose, see the plan, let a job do it; and take it back."""

from __future__ import annotations

import datetime as dt
import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import ApiKey
from accounts.pages import PageRequest, page
from dashboard.adjusting import VoidForm, VoidingForm
from leads.models import Source
from scoring.actions.voidings import NotUndoable, Which, begin_voiding, plan_voiding, undo_voiding
from scoring.models import Voiding
from scoring.programs import site_zone

SHOWN = 50


@require_GET
@page("scoring.void_events")
def voidings(request: PageRequest) -> HttpResponse:
    """What was voided, by whom and why; what is under way moves on by itself."""
    rows = list(Voiding.objects.select_related("by", "undone_by")[:SHOWN])
    busy = any(row.state in (Voiding.State.WAITING, Voiding.State.UNDOING) for row in rows)
    return render(request, "dashboard/voidings.html", {"rows": rows, "busy": busy})


@require_http_methods(["GET", "POST"])
@page("scoring.void_events")
def new_voiding(request: PageRequest) -> HttpResponse:
    """The filter and its plan; sending the reason begins the job."""
    sent = request.POST if request.method == "POST" else request.GET
    form = VoidingForm(sent if "since" in sent else None, sources=_sources())
    reason = VoidForm(request.POST if request.method == "POST" else None)
    which = _which(form) if form.is_valid() else None
    if which and request.method == "POST" and reason.is_valid():
        begin_voiding(which=which, reason=reason.cleaned_data["reason"], by=request.user, now=timezone.now())
        messages.success(request, _("Begun. It moves on in the background."))
        return redirect("dashboard:voidings")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "reason": reason, "plan": plan_voiding(which) if which else None}
    return render(request, "dashboard/voiding_new.html", context, status=status)


@require_POST
@page("scoring.void_events")
def undo(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """Count its events again."""
    voiding = get_object_or_404(Voiding, public_id=public_id)
    try:
        undo_voiding(voiding=voiding, by=request.user, now=timezone.now())
        messages.success(request, _("They count again."))
    except NotUndoable:
        messages.error(request, _("This cannot be taken back now."))
    return redirect("dashboard:voidings")


def _sources() -> list[tuple[int, str]]:
    keys = ApiKey.objects.order_by("name").values_list("source_id", "name")
    return [*((source.value, str(source.label)) for source in Source), *keys]


def _which(form: VoidingForm) -> Which:
    """Whole local days."""
    given = form.cleaned_data
    return Which(
        since=_midnight(given["since"]),
        until=_midnight(given["until"] + dt.timedelta(days=1)),
        source_id=given["source"],
        kind_id=given["kind"].pk if given["kind"] else None,
    )


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=site_zone())
