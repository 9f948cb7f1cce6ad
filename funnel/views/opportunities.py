"""What is expected of an opportunity, revised by who works it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from accounts.pages import PageRequest, page, unfinished
from funnel.actions.revising import revise as revise_opportunity
from funnel.forms import OpportunityForm
from funnel.models import Opportunity, Standing
from funnel.queries.my_leads import changes_of, worked_by
from funnel.queries.products import products_in_use
from funnel.refusals import Incomplete, NotYours, Refused
from funnel.views.grounds import show_form


@page("funnel.decide_offers")
@require_http_methods(["GET", "HEAD", "POST"])
def revise(request: PageRequest, public_id: UUID) -> HttpResponse:
    """Product, amount and date of an SQL."""
    standing = get_object_or_404(worked_by(request.user), lead__public_id=public_id)
    there = reverse("funnel:my_lead", args=[public_id])
    typed = request.POST if request.method == "POST" else unfinished(request)
    opportunity = _open(standing)
    form = OpportunityForm(typed, initial=_expected(opportunity))
    form.fields["expected_amount"].help_text = ""
    if request.method == "POST" and form.is_valid():
        try:
            revise_opportunity(lead=standing.lead, by=request.user, now=timezone.now(), **form.cleaned_data)
        except Incomplete as incomplete:
            form.add_error(incomplete.field if incomplete.field in form.fields else None, incomplete.message)
        except NotYours as nobodys:
            raise Http404 from nobodys
        except Refused as refused:
            messages.warning(request, refused.message)
            return _go(request, there)
        else:
            messages.success(request, _("Saved."))
            return _go(request, there)
    context = {"form": form, "lead": standing.lead, "title": _("What do you expect?"), "back": there}
    suggested = {"products": products_in_use(), "revised": changes_of(opportunity)}
    return show_form(request, "funnel/closing", context | suggested)


def _open(standing: Standing) -> Opportunity:
    """The business of this cycle; 404 for a lead that is no opportunity."""
    return get_object_or_404(Opportunity, lead=standing.lead_id, cycle=standing.cycle, outcome="")


def _expected(opportunity: Opportunity) -> dict[str, object]:
    return {name: getattr(opportunity, name) for name in ("product", "expected_amount", "expected_close")}


def _go(request: PageRequest, there: str) -> HttpResponse:
    return HttpResponseClientRedirect(there) if request.htmx else HttpResponseRedirect(there)
