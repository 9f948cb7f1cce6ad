"""Settings: the directory of partners, and what came of the leads they got."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.pages import PageRequest, page
from funnel.models import Partner
from funnel.partner_forms import PartnerForm
from funnel.queries.partners import partners_with_counts, referrals_of
from funnel.views.checklist_settings import MANAGES


@page(MANAGES)
@require_GET
def show(request: PageRequest) -> HttpResponse:
    """All of them with their figures."""
    return render(request, "funnel/partners.html", {"partners": partners_with_counts(), "tab": "partners"})


@page(MANAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PageRequest, partner_id: int | None = None) -> HttpResponse:
    """Make one, or change the one that is named and see its leads."""
    partner = get_object_or_404(Partner, pk=partner_id) if partner_id else None
    form = PartnerForm(request.POST if request.method == "POST" else None, instance=partner)
    if form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("funnel:partners")
    context = {
        "form": form,
        "title": partner.name if partner else _("New partner"),
        "referrals": referrals_of(partner, request.user) if partner else [],
    }
    return render(request, "funnel/partner.html", context, status=422 if form.errors else 200)
