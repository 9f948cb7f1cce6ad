"""Taking a decision back, from wherever it was made."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from accounts.pages import PageRequest, page
from funnel.actions.undoing import undo
from funnel.models import Offer, Passage, Standing
from funnel.refusals import NotYours, Refused
from funnel.stages import OFFERED, SAL, SQL


@page("leads.view_leads")
@require_POST
def undo_passage(request: PageRequest, passage_id: int) -> HttpResponse:
    """Everything as before the decision; 409 with words when it is too late, 404 for others' decisions."""
    passage = get_object_or_404(Passage.objects.select_related("lead"), pk=passage_id)
    try:
        standing = undo(passage=passage, by=request.user, now=timezone.now())
    except NotYours as nobodys:
        raise Http404 from nobodys
    except Refused as refused:
        return _refused(request, refused)
    said = _("Undone: %(name)s is where it was.") % {"name": passage.lead.display_name}
    return _done(request, said, _back(request) or _place_of(request, standing))


def _done(request: PageRequest, said: str, there: str) -> HttpResponse:
    """Back to where it was decided; a fragment that reloads itself asks for no page (``stay``)."""
    if request.htmx and "stay" in request.POST:
        response = render(request, "funnel/_toast.html", {"said": said})
        return trigger_client_event(response, "lead-changed", {})
    messages.success(request, said)
    return HttpResponseClientRedirect(there) if request.htmx else HttpResponseRedirect(there)


def _refused(request: PageRequest, refused: Refused) -> HttpResponse:
    if request.htmx:
        context = {"said": refused.message, "refused": True}
        return render(request, "funnel/_toast.html", context, status=409)
    context = {"said": refused.message, "back": _back(request) or "/"}
    return render(request, "funnel/not_undone.html", context, status=409)


def _back(request: PageRequest) -> str:
    """Where the decision was made, as the form tells; only within this site."""
    there = request.POST.get("back", "")
    return there if url_has_allowed_host_and_scheme(there, None) and there.startswith("/") else ""


def _place_of(request: PageRequest, standing: Standing) -> str:
    """Where this user finds the lead now."""
    if standing.position == OFFERED:
        offer = Offer.objects.open().visible_to(request.user).filter(lead=standing.lead_id).first()
        if offer:
            return reverse("funnel:offer", args=[offer.pk])
    if standing.position in (SAL, SQL) and standing.rep_id == request.user.pk:
        return reverse("funnel:my_lead", args=[standing.lead.public_id])
    return "/"
