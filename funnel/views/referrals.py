"""Passing a lead on to a partner, with its consent; and what became of it there."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from accounts.pages import PageRequest, may, page, unfinished
from funnel import actions
from funnel.actions.referrals import note_outcome as note
from funnel.actions.referrals import record_transfer_consent, told_of
from funnel.models import Notice, Partner, Referral, Standing
from funnel.partner_forms import PartnerOutcomeForm, ReferForm, TransferConsentForm
from funnel.queries.my_leads import worked_by
from funnel.queries.partners import passed_on_by, visible_referrals
from funnel.referral_links import read_referral_token
from funnel.refusals import Incomplete, NotYours, Refused
from funnel.views.grounds import show_form
from funnel.views.invitations import HEADERS
from leads.api.addresses import client_address
from leads.api.limits import Limit, seconds_to_wait
from leads.consent import may_transfer
from leads.models import Lead
from leads.queries import contact_facts

DECIDES = "funnel.decide_offers"
WRONG_LINKS = Limit("wrong_links", 60, 60)


@page(DECIDES)
@require_http_methods(["GET", "HEAD", "POST"])
def refer(request: PageRequest, public_id: UUID) -> HttpResponse:
    """To a partner who serves it better. Without the lead's consent the page asks for that first."""
    lead = _deciding(request, public_id)
    there, back = reverse("funnel:my_leads"), reverse("funnel:my_lead", args=[public_id])
    form = ReferForm(request.POST if request.method == "POST" else unfinished(request), lead=lead)
    if request.method == "POST" and form.is_valid():
        try:
            actions.refer(lead=lead, by=request.user, now=timezone.now(), **form.cleaned_data)
        except Incomplete as incomplete:
            form.add_error(incomplete.field if incomplete.field in form.fields else None, incomplete.message)
        except NotYours as nobodys:
            raise Http404 from nobodys
        except Refused as refused:
            messages.warning(request, refused.message)
            return _go(request, back if _still(request, lead) else there)
        else:
            said = _("%(name)s is referred to a partner.") % {"name": lead.display_name}
            messages.success(request, said)
            return _go(request, there)
    return _asked(request, lead, form, back)


def _asked(request: PageRequest, lead: Lead, form: ReferForm, back: str) -> HttpResponse:
    """Whether they agreed, what would be handed over, and to whom."""
    permission = may_transfer(contact_facts([lead.pk], at=timezone.now())[lead.pk])
    context = {
        "form": form,
        "lead": lead,
        "title": _("Refer to which partner?"),
        "back": back,
        "agreed": permission.allowed,
        "refused": permission.reason.startswith(("consent_", "suppressed")),
        "consent_form": TransferConsentForm(label_suffix=""),
        "told": told_of(lead, Partner(language=request.user.language)),
        "has_partners": Partner.objects.filter(is_active=True).exists(),
        "may_settle": may(request.user, "funnel.manage_sales"),
    }
    return show_form(request, "funnel/refer", context)


def _deciding(request: PageRequest, public_id: UUID) -> Lead:
    """The lead of the decision: one in work, or one that this user referred a moment ago."""
    standing = worked_by(request.user).filter(lead__public_id=public_id).first()
    if standing:
        return standing.lead
    return get_object_or_404(
        Lead.objects.filter(passages__actor=request.user).distinct(), public_id=public_id
    )


def _still(request: PageRequest, lead: Lead) -> bool:
    return worked_by(request.user).filter(lead=lead).exists()


def _go(request: PageRequest, there: str) -> HttpResponse:
    return HttpResponseClientRedirect(there) if request.htmx else HttpResponseRedirect(there)


@page(DECIDES)
@require_http_methods(["POST"])
def record_consent(request: PageRequest, public_id: UUID) -> HttpResponse:
    """Note that the lead agreed, and how; then on to the partner."""
    standing: Standing = get_object_or_404(worked_by(request.user), lead__public_id=public_id)
    there = reverse("funnel:refer", args=[public_id])
    form = TransferConsentForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("Say how they agreed."))
        return HttpResponseRedirect(there)
    record_transfer_consent(
        lead=standing.lead, way=form.cleaned_data["way"], by=request.user, now=timezone.now()
    )
    if not request.htmx:
        messages.success(request, _("Noted."))
        return HttpResponseRedirect(there)
    back = reverse("funnel:my_lead", args=[public_id])
    response = _asked(request, standing.lead, ReferForm(lead=standing.lead), back)
    response.status_code = 200
    return response


@page(DECIDES)
@require_GET
def show(request: PageRequest) -> HttpResponse:
    """The leads that the reader passed on (all of them for who manages sales), with what became of them."""
    return render(request, "funnel/referrals.html", {"referrals": passed_on_by(request.user)})


@page(DECIDES)
@require_http_methods(["GET", "HEAD", "POST"])
def note_outcome(request: PageRequest, public_id: UUID) -> HttpResponse:
    """What the partner said to us became of it."""
    referral = get_object_or_404(visible_referrals(request.user), public_id=public_id)
    back = reverse("funnel:referrals")
    form = PartnerOutcomeForm(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_valid():
        try:
            note(referral=referral, by=request.user, now=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            messages.warning(request, refused.message)
        else:
            messages.success(request, _("Noted."))
        return _go(request, back)
    context = {"form": form, "lead": referral.lead, "title": referral.partner.name, "back": back}
    return show_form(request, "funnel/closing", context)


# The signed link is the whole proof: it came to the partner's own address. No cookie is set or needed.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def tell_outcome(request: HttpRequest, token: str) -> HttpResponse:
    """The partner's page: GET shows and changes nothing; POST says what became of the lead."""
    found = read_referral_token(token)
    referral = (
        Referral.objects.select_related("lead", "partner").filter(public_id=found or UUID(int=0)).first()
    )
    if referral is None or referral.notice == Notice.CANCELLED:
        wait = seconds_to_wait(WRONG_LINKS, client_address(request))
        return _guest(request, {}, status=429 if wait else 404)
    with override(referral.partner.language):
        form = PartnerOutcomeForm(request.POST if request.method == "POST" else None, label_suffix="")
        is_told = form.is_valid()
        if is_told:
            referral = note(referral=referral, now=timezone.now(), **form.cleaned_data)
        context = {"referral": referral, "form": form, "is_told": is_told}
        return _guest(request, context, status=422 if form.errors else 200)


def _guest(request: HttpRequest, context: dict[str, object], *, status: int) -> HttpResponse:
    response = render(request, "funnel/partner_outcome.html", context, status=status)
    for name, value in HEADERS.items():
        response[name] = value
    return response
