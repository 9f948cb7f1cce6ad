"""The consent boxes of a form."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from accounts.pages import PageRequest, page
from capture.actions.boxes import add_box, move_box, remove_box, renew_box
from capture.actions.changes import CannotBePublic
from capture.models import Form
from capture.views.builder import find
from capture.views.frame import frame, refusal
from leads.models import ConsentWording


@require_GET
@page("capture.view_capture")
def consents(request: PageRequest, slug: str) -> HttpResponse:
    """The boxes of the form, and the wordings that it may show besides."""
    return _shown(request, find(slug))


def _shown(request: PageRequest, form: Form, *, problem: str = "", status: int = 200) -> HttpResponse:
    context = frame(request, form, tab="consents") | {"problem": problem}
    shown = {row.box.wording.pk for row in context["built"].boxes}
    context["choices"] = [wording for wording in context["built"].wordings if wording.pk not in shown]
    fragment = bool(request.htmx) and request.method == "POST"
    template = "capture/_consents_reply.html" if fragment else "capture/form_consents.html"
    response = render(request, template, context, status=status)
    return trigger_client_event(response, "form-changed") if fragment else response


@require_POST
@page("capture.edit_forms")
def change(request: PageRequest, slug: str) -> HttpResponse:
    """Add, remove, move or renew a box; the button pressed says which one."""
    form = find(slug)
    try:
        _do(request, form)
    except CannotBePublic as error:
        return _shown(request, find(slug), problem=refusal(error), status=409)
    return _shown(request, find(slug)) if request.htmx else redirect("capture:form_consents", slug=slug)


def _do(request: PageRequest, form: Form) -> None:
    by, now = request.user, timezone.now()
    if chosen := _id(request, "add"):
        add_box(form=form, wording=get_object_or_404(ConsentWording, pk=chosen), by=by, now=now)
        return
    for verb, act in (("remove", remove_box), ("renew", renew_box)):
        if pk := _id(request, verb):
            act(box=get_object_or_404(form.consents, pk=pk), by=by, now=now)
    for verb, step in (("up", -1), ("down", 1)):
        if pk := _id(request, verb):
            move_box(box=get_object_or_404(form.consents, pk=pk), step=step, by=by, now=now)


def _id(request: PageRequest, verb: str) -> int:
    """The id sent with a verb; 0 for none."""
    value = request.POST.get(verb, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0
