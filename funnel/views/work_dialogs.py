"""Dialogs of daily work: opened from the inbox, a lead or Today, and back there when they are done."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import reswap, retarget, trigger_client_event

from accounts.pages import PageRequest, may
from funnel.models import Standing
from funnel.next_action import WORKED
from funnel.refusals import Incomplete, NotYours, Refused
from funnel.stages import Situation
from funnel.views.grounds import show_form
from leads.models import Lead

DECIDES = "funnel.decide_offers"
# What the pages listen to: something about a lead's work is different now.
CHANGED = "lead-changed"


def workable(request: PageRequest, public_id: UUID) -> Standing:
    """A lead that this user works or has on the table (any such lead for who manages sales); else 404."""
    return get_object_or_404(workable_by(request), lead__public_id=public_id)


def workable_by(request: PageRequest) -> QuerySet[Standing]:
    """All such leads, each with its lead and company."""
    standings = Standing.objects.filter(Q(stage__in=WORKED) | Q(situation=Situation.OFFERED))
    if not may(request.user, "funnel.manage_sales"):
        standings = standings.filter(Q(rep=request.user.pk) | Q(lead__offered_to=request.user))
    return standings.select_related("lead__company", "rep__user")


def visible_lead(request: PageRequest, public_id: UUID) -> Lead:
    """A lead that this user may see; else 404."""
    return get_object_or_404(Lead.objects.visible_to(request.user).present(), public_id=public_id)


def back_of(request: PageRequest, usual: str) -> str:
    """Where the reader came from, as long as that is a page of ours."""
    given = request.POST.get("back") or request.GET.get("back") or ""
    local = given.startswith("/") and url_has_allowed_host_and_scheme(given, allowed_hosts=None)
    return given if local else usual


def home_of(standing: Standing) -> str:
    """The page on which a lead is worked on."""
    if standing.stage in WORKED:
        return reverse("funnel:my_lead", args=[standing.lead.public_id])
    return reverse("funnel:inbox")


def attempt(form: forms.Form, act: Callable[[], object]) -> bool:
    """Whether it could be done; what is missing or refused is said on the form. Raises Http404."""
    try:
        act()
    except Incomplete as incomplete:
        form.add_error(incomplete.field if incomplete.field in form.fields else None, incomplete.message)
    except NotYours as nobodys:
        raise Http404 from nobodys
    except Refused as refused:
        form.add_error(None, refused.message)
    else:
        return True
    return False


def ask(request: PageRequest, body: str, context: dict[str, object]) -> HttpResponse:
    """The form as a page or, for htmx, in the dialog. ``body``: the template of the form itself."""
    return show_form(request, "funnel/work_form", context | {"body": f"funnel/{body}.html"})


def done(request: PageRequest, said: str, *, back: str, follow: str = "") -> HttpResponse:
    """It is done: the dialog empties, or shows the form at ``follow``; without htmx a page."""
    if not request.htmx:
        messages.success(request, said)
        return HttpResponseRedirect(follow or back)
    response = render(request, "funnel/_work_done.html", {"said": said, "follow": follow})
    return trigger_client_event(retarget(reswap(response, "innerHTML"), "#dialog"), CHANGED)


def refused(request: PageRequest, said: str, *, back: str) -> HttpResponse:
    """It could not be done, where there is no form to say so: a toast and the page as it is now (409)."""
    if not request.htmx:
        messages.warning(request, said)
        return HttpResponseRedirect(back)
    response = render(request, "funnel/_work_done.html", {"said": said, "is_refused": True}, status=409)
    return trigger_client_event(retarget(reswap(response, "innerHTML"), "#dialog"), CHANGED)
