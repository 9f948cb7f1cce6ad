"""The tracker's pages: the sites that are connected, how to install the snippet, what arrives."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import ApiKey
from accounts.pages import PageRequest, may, page, unfinished, wants_fragment
from capture.actions.sites import change_site, connect_site, site_of
from capture.models import Site
from capture.queries.sites import STUB, connected_sites, living_keys, machine_reasons, snippet
from capture.site_form import NewSiteForm, SiteForm
from leads.api.recent import last


@require_GET
@page("capture.view_capture")
def tracker(request: PageRequest) -> HttpResponse:
    """All sites, and why events are held to be machines'."""
    context = {
        "sites": connected_sites(),
        "reasons": machine_reasons(now=timezone.now()),
        "may_edit": may(request.user, "capture.edit_forms"),
    }
    return render(request, "capture/tracker.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page("capture.edit_forms")
def new_site(request: PageRequest) -> HttpResponse:
    """Connect a site."""
    form = NewSiteForm(request.POST if request.method == "POST" else unfinished(request))
    if request.method == "POST" and form.is_valid():
        site = connect_site(**form.cleaned_data, by=request.user, now=timezone.now())
        messages.success(request, _("Connected. Now paste the snippet into your pages."))
        return redirect("capture:site", site.key.source_id)
    status = 422 if request.method == "POST" else 200
    return render(request, "capture/new_site.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@page("capture.view_capture")
def site(request: PageRequest, source: int) -> HttpResponse:
    """One site: the snippet, the last events, its settings."""
    found = _site(source)
    may_edit = may(request.user, "capture.edit_forms")
    if wants_fragment(request, "arrivals"):
        return render(request, "capture/_arrivals.html", {"arrivals": last(found.key.prefix)})
    form = SiteForm.of(found)
    if request.method == "POST":
        if not may_edit:
            raise Http404
        form = SiteForm(request.POST)
        if form.is_valid():
            values = dict(form.cleaned_data)
            change_site(site=found, origins=values.pop("origins"), changes=values, now=timezone.now())
            messages.success(request, _("Saved. Pages that are open now take it over with the next visit."))
            return redirect("capture:site", source)
    context = {
        "site": found,
        "form": form,
        "may_edit": may_edit,
        "snippet": snippet(found),
        "stub": STUB,
        "arrivals": last(found.key.prefix),
        "origin": next(iter(found.key.origins), ""),
    }
    return render(request, "capture/site.html", context, status=422 if form.errors else 200)


def _site(source: int) -> Site:
    """The site of this number, or 404."""
    key = next((key for key in living_keys() if key.source_id == source), None)
    if key is None or not isinstance(key, ApiKey):
        raise Http404
    return site_of(key, now=timezone.now())
