"""Companies: the list, the page of one with its people, editing it, and joining two that are one."""

from __future__ import annotations

import uuid
from copy import copy
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.forms import modelform_factory
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.keyset import page as keyset_page
from accounts.models import User
from accounts.pages import PageRequest, may, page, unfinished, wants_fragment
from accounts.roles import Role
from dashboard.profile import field_label
from dashboard.queries.companies import (
    FIELDS,
    NOBODY,
    ORDERS,
    RECENT,
    companies_for,
    company_page,
    narrowed,
    searched,
    survivor_of,
    worth_of,
)
from dashboard.views.duplicates import WHY_NOT
from leads.actions.companies import update_company
from leads.actions.company_merge import merge_companies, unmerge_companies
from leads.actions.merge import CannotMerge
from leads.choices import Origin
from leads.company_names import checked_siren
from leads.models import Company, CompanyMerge
from leads.normalise import InvalidValue, clean_line

PAGE_SIZE = 50
SEARCH_MAX = 100


@require_GET
@page("leads.view_leads")
def companies(request: PageRequest) -> HttpResponse:
    """Searched, ordered, one page at a time; only its rows when htmx asks for them."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:SEARCH_MAX]
    order = ORDERS.get(request.GET.get("sort", ""), RECENT)
    cursors = {name: request.GET.get(name, "") for name in ("after", "before")}
    hot = request.GET.get("hot") == "1"
    rows = narrowed(searched(companies_for(request.user), text), order=order, hot=hot)
    found = keyset_page(rows, order, size=PAGE_SIZE, **cursors)
    worth = worth_of(found.rows, request.user)
    context = {
        "page": found,
        "rows": [(company, worth.get(company.pk, NOBODY)) for company in found.rows],
        "text": text,
        "hot": hot,
        "order": order,
        "orders": ORDERS.values(),
    }
    fragment = wants_fragment(request, "rows")
    template = "dashboard/_companies_rows.html" if fragment else "dashboard/companies.html"
    return render(request, template, context)


@require_GET
@page("leads.view_leads")
def company(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """Everything about one company; ``?edit=`` opens a field. One merged away leads to its survivor."""
    found = companies_for(request.user).filter(public_id=public_id).first()
    if found is None:
        survivor = survivor_of(public_id)
        if survivor is None:
            raise Http404
        return redirect("dashboard:company", public_id=survivor.public_id)
    may_edit = may(request.user, "leads.edit_leads")
    return _shown(request, found, form_for(found, request.GET.get("edit", "")) if may_edit else None)


class CompanyForm(forms.ModelForm[Company]):
    """The form of one field of a company; made by ``form_for``."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "siren" in self.fields:
            # It may be typed with spaces, or as a SIRET.
            self.fields["siren"] = forms.CharField(label=self.fields["siren"].label, max_length=24)

    def clean(self) -> dict[str, Any]:
        """Text in its normal form; and something to save."""
        cleaned = super().clean() or self.cleaned_data
        for name, value in list(cleaned.items()):
            cleaned[name] = clean_line(value) if isinstance(value, str) else value
            if not cleaned[name]:
                self.add_error(name, _("Say something, or leave it as it was."))
        return cleaned

    def clean_siren(self) -> str:
        """A SIREN with a right check digit."""
        try:
            return checked_siren(self.cleaned_data["siren"])
        except InvalidValue as error:
            raise forms.ValidationError(
                _("A SIREN has nine digits, the last of which is a check digit."), code=error.code
            ) from error


def form_for(company: Company, name: str, data: Any = None) -> CompanyForm | None:
    """The form of ``name`` for this company; None for a field that is not edited here."""
    if name not in FIELDS:
        return None
    labels = {name: field_label(name, Company)}
    made = modelform_factory(Company, form=CompanyForm, fields=[name], labels=labels)
    return cast("CompanyForm", made(data, instance=company, auto_id="company-%s"))


@require_http_methods(["GET", "POST"])
@page("leads.edit_leads")
def edit_company(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """Save one field; on an error the form comes back with what was typed (422)."""
    found = _found(request.user, public_id)
    if request.method == "GET":
        typed = unfinished(request)
        form = form_for(copy(found), typed.get("field", ""), typed) if typed else None
        return _shown(request, found, form) if form else redirect("dashboard:company", public_id=public_id)
    form = form_for(copy(found), request.POST.get("field", ""), request.POST)
    if form is None:
        raise Http404
    if not form.is_valid():
        return _shown(request, found, form, status=422)
    origin = Origin.SALES if request.user.role in (Role.REP, Role.MANAGER) else Origin.MARKETING
    changes = form.cleaned_data
    update_company(company=found, changes=changes, origin=origin, now=timezone.now(), by=request.user)
    if wants_fragment(request, "profile"):
        return _shown(request, _found(request.user, public_id), None)
    messages.success(request, _("Saved."))
    return redirect("dashboard:company", public_id=public_id)


@require_POST
@page("leads.merge_leads")
def join_companies(request: PageRequest, keep_id: uuid.UUID, away_id: uuid.UUID) -> HttpResponse:
    """Two companies are one."""
    keep, away = _found(request.user, keep_id), _found(request.user, away_id)
    try:
        merge_companies(keep=keep, away=away, now=timezone.now(), by=request.user)
    except CannotMerge as refused:
        messages.error(request, str(WHY_NOT[refused.code]))
    else:
        messages.success(request, _("Merged into %(name)s. It can be undone there.") % {"name": keep})
    return redirect("dashboard:company", public_id=keep_id)


@require_POST
@page("leads.merge_leads")
def part_companies(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """Undo the merge of two companies."""
    done = get_object_or_404(CompanyMerge.objects.select_related("kept"), public_id=public_id)
    try:
        unmerge_companies(merge=done, now=timezone.now(), by=request.user)
    except CannotMerge as refused:
        messages.error(request, str(WHY_NOT[refused.code]))
        return redirect("dashboard:company", public_id=done.kept.public_id)
    messages.success(request, _("The two are parted again."))
    return redirect("dashboard:company", public_id=done.away_public_id)


def _found(user: User, public_id: uuid.UUID) -> Company:
    """The company, or 404 for one that is not there or not theirs to see."""
    return get_object_or_404(companies_for(user), public_id=public_id)


def _shown(
    request: PageRequest, found: Company, form: CompanyForm | None, *, status: int = 200
) -> HttpResponse:
    """The page, or only the profile when htmx asks for it."""
    context = {
        "page": company_page(found, request.user),
        "company": found,
        "form": form,
        "edited": next(iter(form.fields)) if form else "",
        "may_edit": may(request.user, "leads.edit_leads"),
        "may_merge": may(request.user, "leads.merge_leads"),
    }
    fragment = wants_fragment(request, "profile")
    template = "dashboard/_company_profile.html" if fragment else "dashboard/company.html"
    return render(request, template, context, status=status)
