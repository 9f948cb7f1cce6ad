"""The leads a rep works: checklist, SQL, won, lost, referred, returned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from accounts.pages import PageRequest, page, unfinished
from funnel import actions
from funnel.forms import OpportunityForm, WinForm
from funnel.models import Standing
from funnel.queries.my_leads import dossier, worked_by
from funnel.queries.products import products_in_use
from funnel.refusals import Incomplete, NotYours, Refused
from funnel.stages import Verb
from funnel.views.grounds import Asked, Given, ask, show_form
from leads.models import Lead

DECIDES = "funnel.decide_offers"


@page(DECIDES)
@require_GET
def show_lead(request: PageRequest, public_id: UUID) -> HttpResponse:
    """One lead in work."""
    return _dossier(request, _mine(request, public_id))


def _mine(request: PageRequest, public_id: UUID) -> Standing:
    """A lead in work of this user (of anybody for who manages sales); 404 otherwise."""
    return get_object_or_404(worked_by(request.user), lead__public_id=public_id)


def _deciding(request: PageRequest, public_id: UUID) -> Lead:
    """The lead of a decision: one in work, or one that this user moved before (a double press)."""
    standing = worked_by(request.user).filter(lead__public_id=public_id).first()
    if standing:
        return standing.lead
    return get_object_or_404(
        Lead.objects.filter(passages__actor=request.user).distinct(), public_id=public_id
    )


def _dossier(request: PageRequest, standing: Standing, *, said: str = "") -> HttpResponse:
    """The page of one lead; with a refusal, as 409."""
    found = dossier(standing, now=timezone.now())
    context = {
        "dossier": found,
        "standing": standing,
        "lead": standing.lead,
        "checklist": found.worked.checklist,
        "may_edit": True,
        "said": said,
    }
    return render(request, "funnel/my_lead.html", context, status=409 if said else 200)


@page(DECIDES)
@require_http_methods(["GET", "HEAD", "POST"])
def qualify(request: PageRequest, public_id: UUID) -> HttpResponse:
    """SAL → SQL with its opportunity; says exactly what is missing, and loses nothing that was typed."""
    lead, back = _deciding(request, public_id), reverse("funnel:my_lead", args=[public_id])
    form = OpportunityForm(request.POST if request.method == "POST" else unfinished(request))
    status = None
    if request.method == "POST" and form.is_valid():
        try:
            actions.qualify(lead=lead, by=request.user, now=timezone.now(), **form.cleaned_data)
        except Incomplete as incomplete:
            form.add_error(incomplete.field if incomplete.field in form.fields else None, incomplete.message)
        except NotYours as nobodys:
            raise Http404 from nobodys
        except Refused as refused:
            form.add_error(None, refused.message)
            status = 409
        else:
            said = _("%(name)s is an opportunity (SQL).") % {"name": lead.display_name}
            messages.success(request, said)
            return _go(request, back)
    context = {"form": form, "lead": lead, "title": _("Mark SQL"), "back": back}
    response = show_form(request, "funnel/closing", context | {"products": products_in_use()})
    response.status_code = status or response.status_code
    return response


def _go(request: PageRequest, there: str) -> HttpResponse:
    return HttpResponseClientRedirect(there) if request.htmx else HttpResponseRedirect(there)


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def win(request: PageRequest, public_id: UUID) -> HttpResponse:
    """Won: a customer."""
    return _close(
        request,
        public_id,
        WinForm,
        lambda lead, typed: actions.win(lead=lead, by=request.user, now=timezone.now(), **typed),
        title=_("Won: how much?"),
        done=_("%(name)s is a customer."),
    )


def _close(
    request: PageRequest,
    public_id: UUID,
    form_class: type[forms.Form],
    act: Callable[[Lead, dict[str, Any]], object],
    *,
    title: str,
    done: str,
) -> HttpResponse:
    """A small form, then the decision, then the list."""
    there, back = reverse("funnel:my_leads"), reverse("funnel:my_lead", args=[public_id])
    lead = _deciding(request, public_id)
    form = form_class(request.POST if request.method == "POST" else unfinished(request))
    if request.method == "POST" and form.is_valid():
        try:
            act(lead, form.cleaned_data)
        except Incomplete as incomplete:
            form.add_error(incomplete.field if incomplete.field in form.fields else None, incomplete.message)
        except NotYours as nobodys:
            raise Http404 from nobodys
        except Refused as refused:
            return _refused(request, lead, refused)
        else:
            messages.success(request, done % {"name": lead.display_name})
            return _go(request, there)
    return show_form(request, "funnel/closing", {"form": form, "lead": lead, "title": title, "back": back})


def _refused(request: PageRequest, lead: Lead, refused: Refused) -> HttpResponse:
    """Somebody was quicker, or the lead stands elsewhere: say so where the reader still may be."""
    standing = worked_by(request.user).filter(lead=lead).first()
    if standing and not request.htmx:
        return _dossier(request, standing, said=refused.message)
    messages.warning(request, refused.message)
    return _go(request, reverse("funnel:my_leads"))


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def lose(request: PageRequest, public_id: UUID) -> HttpResponse:
    """Lost: the reason says where the lead goes."""
    return _ask(request, public_id, Verb.LOSE, _("Lost: why?"), _("%(name)s is lost."))


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def return_lead(request: PageRequest, public_id: UUID) -> HttpResponse:
    """Back to marketing."""
    title, done = _("Return to marketing: why?"), _("%(name)s goes back to marketing.")
    return _ask(request, public_id, Verb.RETURN, title, done)


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def disqualify_lead(request: PageRequest, public_id: UUID) -> HttpResponse:
    """Nobody works it any more."""
    title, done = _("Disqualify: why?"), _("%(name)s is disqualified.")
    return _ask(request, public_id, Verb.DISQUALIFY, title, done)


def _ask(request: PageRequest, public_id: UUID, verb: Verb, title: str, done: str) -> HttpResponse:
    lead = _deciding(request, public_id)
    asked = Asked(lead, (verb,), title, reverse("funnel:my_lead", args=[public_id]))

    def carry_out(verb: Verb, given: Given) -> HttpResponse:
        try:
            _reject(request, lead, verb, given)
        except Incomplete:
            raise
        except NotYours as nobodys:
            raise Http404 from nobodys
        except Refused as refused:
            return _refused(request, lead, refused)
        messages.success(request, done % {"name": lead.display_name})
        return _go(request, reverse("funnel:my_leads"))

    return ask(request, asked, carry_out)


def _reject(request: PageRequest, lead: Lead, verb: Verb, given: Given) -> None:
    by, now, reason, note = request.user, timezone.now(), given.reason, given.note
    if verb is Verb.LOSE:
        actions.lose(
            lead=lead,
            by=by,
            now=now,
            reason=reason,
            note=note,
            wake_month=given.month,
            competitor=given.competitor,
        )
    elif verb is Verb.DISQUALIFY:
        actions.disqualify(lead=lead, by=by, now=now, reason=reason, note=note)
    else:
        actions.return_to_marketing(
            lead=lead,
            by=by,
            now=now,
            reason=reason,
            note=note,
            wake_month=given.month,
            missing_fields=given.missing_fields,
        )
