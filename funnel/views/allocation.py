"""Why leads went to whom, or to nobody; and taking back what one let pass."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.keyset import Order
from accounts.keyset import page as keyset_page
from accounts.pages import PageRequest, may, page
from funnel.actions.taking_back import take_back
from funnel.models import Offer, Standing
from funnel.queries.allocation_log import decided, dry_run, names, newest_decisions
from funnel.refusals import Refused
from leads.models import Lead

NEWEST = Order("newest", gettext_lazy("Newest first"), "at")
SHOWN = 20


@page("dashboard.view_reports")
@require_GET
def why_lead(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """Who would get this lead now or why nobody, and what the allocation decided about it before."""
    lead = get_object_or_404(Lead.objects.visible_to(request.user).present(), public_id=public_id)
    standing = Standing.objects.select_related("lead", "rep__user").filter(lead=lead).first()
    now = timezone.now()
    context = {
        "lead": lead,
        "standing": standing,
        "may_manage": may(request.user, "funnel.manage_sales"),
        "dry": dry_run(standing, now=now) if standing else None,
        "log": decided(list(newest_decisions().filter(lead=lead)[:SHOWN]), names()),
    }
    return render(request, "funnel/why_lead.html", context)


@page("funnel.manage_sales")
@require_GET
def allocation_log(request: PageRequest) -> HttpResponse:
    """Every decision of the last 90 days, newest first."""
    given = request.GET
    shown = keyset_page(
        newest_decisions(), NEWEST, after=given.get("after", ""), before=given.get("before", "")
    )
    context = {"page": shown, "log": decided(shown.rows, names())}
    return render(request, "funnel/allocation_log.html", context)


@page("funnel.decide_offers")
@require_POST
def take_back_offer(request: PageRequest, offer_id: int) -> HttpResponse:
    """Have a passed offer again, and open it."""
    offer = get_object_or_404(Offer.objects.select_related("rep__user"), pk=offer_id, rep=request.user.pk)
    try:
        again = take_back(offer=offer, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("funnel:inbox")
    messages.success(request, _("It is on your table again."))
    return redirect("funnel:offer", again.pk)
