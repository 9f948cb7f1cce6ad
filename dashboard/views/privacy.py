"""Requests about personal data: the register, one of them, and the verbs of the DPO."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.keyset import Page
from accounts.keyset import page as keyset_page
from accounts.pages import PageRequest, page
from dashboard.privacy_forms import AnswerForm, ErasureForm, RequestForm
from dashboard.queries.privacy import (
    NEWEST,
    ROWS_SHOWN,
    bundle,
    most_urgent,
    register,
    request_page,
    urgency,
)
from leads.actions import privacy as actions
from leads.models import Lead, PrivacyRequest
from leads.normalise import InvalidValue
from leads.privacy import ErasureGround, RequestKind, RequestState

PAGE_SIZE = 50
SEARCH_MAX = 254


@require_GET
@page("leads.handle_requests")
def requests(request: PageRequest) -> HttpResponse:
    """The register: what is to answer by deadline, or all of a state, or all of one address."""
    state = request.GET.get("state", RequestState.OPEN)
    address, unknown = _searched(request)
    is_open = state == RequestState.OPEN and not address
    cursors = {name: request.GET.get(name, "") for name in ("after", "before")}
    rows = register("" if address else state, address)
    found = (
        Page(most_urgent(), None, None) if is_open else keyset_page(rows, NEWEST, size=PAGE_SIZE, **cursors)
    )
    today = timezone.localdate()
    context = {
        "page": found,
        "rows": [(row, urgency(row, today)) for row in found.rows],
        "state": "" if address else state,
        "states": [*RequestState.choices, ("all", _("All"))],
        "text": request.GET.get("q", "")[:SEARCH_MAX],
        "unknown": unknown,
    }
    return render(request, "dashboard/requests.html", context)


def _searched(request: PageRequest) -> tuple[str, bool]:
    """The address searched for in its normal form; and whether what was typed is none."""
    typed = request.GET.get("q", "").replace("\x00", "").strip()[:SEARCH_MAX]
    try:
        return (actions.normal_address(typed), False) if typed else ("", False)
    except InvalidValue:
        return "", True


@require_http_methods(["GET", "POST"])
@page("leads.handle_requests")
def new_request(request: PageRequest) -> HttpResponse:
    """Put a request into the register; the person is looked for."""
    form = RequestForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(
            request, "dashboard/request_new.html", {"form": form}, status=422 if form.errors else 200
        )
    given = form.cleaned_data
    made = actions.receive(
        kind=RequestKind(given["kind"]),
        address=given["address"],
        received_on=given["received_on"],
        note=given["note"],
        by=request.user,
        now=timezone.now(),
    )
    return redirect("dashboard:request", public_id=made.public_id)


@require_GET
@page("leads.handle_requests")
def one_request(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """One request: its deadline, the person, what is held of them, what was done."""
    return _shown(request, _found(public_id), AnswerForm(label_suffix=""))


def _shown(
    request: PageRequest, row: PrivacyRequest, answer: AnswerForm, *, status: int = 200
) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "shown": request_page(row, today=today),
        "urgency": urgency(row, today),
        "answer": answer,
        "may_extend": row.is_open and not row.is_extended,
    }
    return render(request, "dashboard/request.html", context, status=status)


@require_GET
@page("leads.handle_requests")
def held(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """What every table holds of the person, in the columns' own words."""
    shown = request_page(_found(public_id), today=timezone.localdate(), rows_shown=ROWS_SHOWN)
    return render(request, "dashboard/request_held.html", {"shown": shown, "rows_shown": ROWS_SHOWN})


@require_POST
@page("leads.handle_requests")
def export(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """Everything held as one file of JSON; that it was taken is noted."""
    row, now = _found(public_id), timezone.now()
    lead = request_page(row, today=timezone.localdate(now)).lead
    if lead is None:
        return _refused(request, public_id)
    actions.note_export(request=row, by=request.user, now=now)
    response = JsonResponse(bundle(lead, now=now), json_dumps_params={"ensure_ascii": False, "indent": 2})
    name = f"ecluse-{timezone.localdate(now):%Y-%m-%d}-{lead.public_id}.json"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return response


@require_http_methods(["GET", "POST"])
@page("leads.handle_requests")
def erase_person(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """What erasing does to each table; sending the ground does it."""
    row = _found(public_id)
    form = ErasureForm(request.POST if request.method == "POST" else None, label_suffix="")
    if not form.is_valid():
        shown = request_page(row, today=timezone.localdate())
        status = 422 if request.method == "POST" else 200
        return render(request, "dashboard/request_erase.html", {"shown": shown, "form": form}, status=status)
    try:
        ground = ErasureGround(form.cleaned_data["ground"])
        actions.erase_for(request=row, ground=ground, by=request.user, now=timezone.now())
    except actions.CannotDo:
        return _refused(request, public_id)
    messages.success(request, _("Erased. Their addresses are refused from now on."))
    return redirect("dashboard:request", public_id=public_id)


@require_POST
@page("leads.handle_requests")
def answer(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """Close it with what the person was told."""
    row, form = _found(public_id), AnswerForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _shown(request, row, form, status=422)
    try:
        actions.answer(request=row, **form.cleaned_data, by=request.user, now=timezone.now())
    except actions.CannotDo:
        return _refused(request, public_id)
    messages.success(request, _("Closed."))
    return redirect("dashboard:request", public_id=public_id)


@require_POST
@page("leads.handle_requests")
def extend(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """Two months more, once."""
    try:
        actions.extend(request=_found(public_id), by=request.user, now=timezone.now())
    except actions.CannotDo:
        return _refused(request, public_id)
    messages.success(request, _("Two months more. Tell the person why, within the first month."))
    return redirect("dashboard:request", public_id=public_id)


@require_POST
@page("leads.handle_requests")
def choose_person(request: PageRequest, public_id: uuid.UUID, lead_id: uuid.UUID) -> HttpResponse:
    """Which of those with the address it is."""
    lead = get_object_or_404(Lead.objects.all().present(), public_id=lead_id)
    try:
        actions.identify(request=_found(public_id), lead=lead, by=request.user, now=timezone.now())
    except actions.CannotDo:
        return _refused(request, public_id)
    return redirect("dashboard:request", public_id=public_id)


def _found(public_id: uuid.UUID) -> PrivacyRequest:
    return get_object_or_404(PrivacyRequest.objects.select_related("lead"), public_id=public_id)


def _refused(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    messages.error(request, _("The request no longer allows that."))
    return redirect("dashboard:request", public_id=public_id)
