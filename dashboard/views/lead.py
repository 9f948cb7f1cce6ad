"""The page of one lead, and the one field of its profile that is being edited."""

from __future__ import annotations

import uuid
from copy import copy

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.pages import PageRequest, may, page, unfinished, wants_fragment
from accounts.roles import Role
from dashboard.adjusting import AdjustForm
from dashboard.custom_values import CustomValueForm
from dashboard.forms import ProfileForm, form_for
from dashboard.queries.found_lead import Found, find_lead
from dashboard.queries.lead import lead_page
from dashboard.verbs import verbs_for
from leads.actions.people import update_profile
from leads.choices import Origin
from leads.models import Lead


@require_GET
@page("leads.view_leads")
def lead(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """Everything about one lead; ``?edit=`` opens a field of the profile. One merged away leads to its
    survivor."""
    try:
        found = find_lead(request.user, public_id)
    except Lead.DoesNotExist:
        return _to_survivor(request, public_id)
    may_edit = may(request.user, "leads.edit_leads")
    form = form_for(found.lead, request.GET.get("edit", "")) if may_edit else None
    return show_lead(request, found, form)


@require_http_methods(["GET", "POST"])
@page("leads.edit_leads")
def edit_profile(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """Save one field; on an error the form comes back with what was typed (422).

    A GET comes from who had to sign in again meanwhile: what they had typed is in the form.
    """
    found = _found(request, public_id)
    if request.method == "GET":
        typed = unfinished(request)
        form = form_for(copy(found.lead), typed.get("field", ""), typed) if typed else None
        return show_lead(request, found, form) if form else redirect("dashboard:lead", public_id=public_id)
    name = request.POST.get("field", "")
    # The form writes into its own copy, so that the action can tell what changed.
    form = form_for(copy(found.lead), name, request.POST)
    if form is None:
        raise Http404
    if not form.is_valid():
        return show_lead(request, found, form, status=422)
    origin = Origin.SALES if request.user.role in (Role.REP, Role.MANAGER) else Origin.MARKETING
    update_profile(
        lead=found.lead, changes=form.cleaned_data, origin=origin, now=timezone.now(), by=request.user
    )
    if wants_fragment(request, "profile"):
        return show_lead(request, _found(request, public_id), None)
    messages.success(request, _("Saved."))
    return redirect("dashboard:lead", public_id=public_id)


def _found(request: PageRequest, public_id: uuid.UUID) -> Found:
    """The lead, or 404 for one that is not there or not theirs to see."""
    try:
        return find_lead(request.user, public_id)
    except Lead.DoesNotExist:
        raise Http404 from None


def _to_survivor(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """A lead that was merged away leads to its survivor; 404 for any other that is not there."""
    seen = Lead.objects.visible_to(request.user).present()
    survivor = seen.filter(merged_from__public_id=public_id).first()
    if survivor is None:
        raise Http404
    return redirect("dashboard:lead", public_id=survivor.public_id)


def _event_asked_for(request: PageRequest) -> int | None:
    """The event that ``?event=`` names, to be shown however old it is."""
    asked = request.GET.get("event", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None


def show_lead(
    request: PageRequest,
    found: Found,
    form: ProfileForm | CustomValueForm | None,
    *,
    adjust_form: AdjustForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, or only the profile when htmx asks for it."""
    shown = lead_page(found, now=timezone.now(), event_id=_event_asked_for(request))
    verbs = verbs_for(request.user, shown.standing, found.offer)
    context = {
        "page": shown,
        "lead": found.lead,
        "form": form,
        "edited": next(iter(form.fields)) if form else "",
        "verbs": verbs,
        "page_keys": [(verb.key, verb.label) for verb in verbs],
        "may_edit": may(request.user, "leads.edit_leads"),
        "may_adjust": may(request.user, "scoring.adjust_scores"),
        "may_void": may(request.user, "scoring.void_events"),
        "adjust_form": adjust_form or AdjustForm(),
        "may_see_consents": may(request.user, "leads.view_consents"),
        "may_see_allocation": may(request.user, "dashboard.view_reports"),
        "twins": found.twins if may(request.user, "leads.merge_leads") else [],
        "merges": found.merges if may(request.user, "leads.merge_leads") else [],
    }
    fragment = wants_fragment(request, "profile")
    template = "dashboard/_profile.html" if fragment else "dashboard/lead.html"
    return render(request, template, context, status=status)
