"""The score of one lead: any day of it, what is missing to the next band, and points added by hand."""

from __future__ import annotations

import datetime as dt
import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.pages import PageRequest, page, wants_fragment
from dashboard.adjusting import AdjustForm
from dashboard.queries.found_lead import Found, find_lead
from dashboard.queries.score import score_page
from dashboard.views.lead import show_lead
from leads.models import Lead
from scoring.actions.adjustments import BadAdjustment, adjust_score, withdraw_adjustment
from scoring.missing import ways_forward
from scoring.models import ScoreAdjustment
from scoring.programs import NoLiveRules


@require_GET
@page("leads.view_leads")
def lead_score(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """The score on a day (``?on=``), and what changed since another (``?since=``)."""
    found = found_or_404(request, public_id)
    on, since = _day(request, "on"), _day(request, "since")
    shown = score_page(found, on=on, since=since, now=timezone.now())
    context = {"page": shown, "lead": found.lead, "on": on, "since": since}
    return render(request, "dashboard/lead_score.html", context)


@require_GET
@page("leads.view_leads")
def next_band(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """What is missing to the next band; a page, or the part of the lead's page that asks for it."""
    found = found_or_404(request, public_id)
    try:
        ways = ways_forward(found.lead, now=timezone.now())
    except NoLiveRules:
        ways = ()
    part = wants_fragment(request, "next-band")
    template = "dashboard/_next_band.html" if part else "dashboard/next_band.html"
    return render(request, template, {"lead": found.lead, "ways": ways})


@require_POST
@page("scoring.adjust_scores")
def adjust(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """Add points by hand; on an error the form comes back with what was typed (422)."""
    found = found_or_404(request, public_id)
    form = AdjustForm(request.POST)
    if not form.is_valid():
        return show_lead(request, found, None, adjust_form=form, status=422)
    try:
        adjust_score(lead=found.lead, by=request.user, now=timezone.now(), **form.cleaned_data)
    except BadAdjustment as refused:
        form.add_error(refused.code, _("This value cannot be taken."))
        return show_lead(request, found, None, adjust_form=form, status=422)
    messages.success(request, _("Adjusted. The score follows in a moment."))
    return redirect("dashboard:lead", public_id=public_id)


@require_POST
@page("scoring.adjust_scores")
def withdraw(request: PageRequest, public_id: uuid.UUID, adjustment_id: int) -> HttpResponse:
    """Take an adjustment back."""
    found = found_or_404(request, public_id)
    mine = get_object_or_404(ScoreAdjustment, pk=adjustment_id, lead=found.lead)
    withdraw_adjustment(adjustment=mine, by=request.user, now=timezone.now())
    messages.success(request, _("Withdrawn. The score follows in a moment."))
    return redirect("dashboard:lead", public_id=public_id)


def found_or_404(request: PageRequest, public_id: uuid.UUID) -> Found:
    """The lead, or 404 for one that is not there or not theirs to see."""
    try:
        return find_lead(request.user, public_id)
    except Lead.DoesNotExist:
        raise Http404 from None


def _day(request: PageRequest, name: str) -> dt.date | None:
    """A day of the address; None for none, or for what is no date."""
    try:
        return parse_date(request.GET.get(name, ""))
    except ValueError:
        return None
