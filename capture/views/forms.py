"""The list of forms, beginning one, and what is done with a form as a whole."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.pages import PageRequest, may, page, wants_fragment
from capture.actions.changes import CannotBePublic
from capture.actions.forms import begin_form, close, discard, duplicate, publish
from capture.choices import FormState
from capture.models import Form
from capture.queries.forms import listed_forms
from capture.starters import BY_CODE, STARTERS


@require_GET
@page("capture.view_capture")
def forms(request: PageRequest) -> HttpResponse:
    """All forms, those in public first."""
    state = request.GET.get("state", "")
    state = state if state in FormState.values else ""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    context = {
        "rows": listed_forms(now=timezone.now(), state=state, text=text),
        "states": FormState.choices,
        "state": state,
        "text": text,
        "may_edit": may(request.user, "capture.edit_forms"),
    }
    fragment = wants_fragment(request, "rows")
    return render(request, "capture/_forms_rows.html" if fragment else "capture/forms.html", context)


@require_http_methods(["GET", "POST"])
@page("capture.edit_forms")
def new_form(request: PageRequest) -> HttpResponse:
    """Choose what to begin with; the POST makes the draft and opens the builder."""
    if request.method == "GET":
        context = {
            "starters": STARTERS,
            "languages": settings.LANGUAGES,
            "language": (get_language() or "fr")[:2],
        }
        return render(request, "capture/new_form.html", context)
    starter = BY_CODE.get(request.POST.get("starter", ""))
    if starter is None:
        raise Http404
    language = request.POST.get("language", "")
    language = language if language in dict(settings.LANGUAGES) else "fr"
    form = begin_form(starter=starter, language=language, by=request.user, now=timezone.now())
    return redirect("capture:builder", slug=form.slug)


@require_POST
@page("capture.edit_forms")
def act(request: PageRequest, slug: str, verb: str) -> HttpResponse:
    """Publish, close, copy or throw away a form."""
    form = get_object_or_404(Form, slug=slug)
    if verb not in _VERBS:
        raise Http404
    try:
        return _VERBS[verb](request, form)
    except CannotBePublic:
        messages.error(request, gettext("Not published: see below what is missing."))
        return redirect("capture:builder", slug=slug)


def _publish(request: PageRequest, form: Form) -> HttpResponse:
    publish(form=form, by=request.user, now=timezone.now())
    messages.success(request, gettext("Published. Share it by its address, its QR code or on your site."))
    return redirect("capture:form_share", slug=form.slug)


def _close(request: PageRequest, form: Form) -> HttpResponse:
    close(form=form, by=request.user, now=timezone.now())
    messages.success(request, gettext("Closed. Who opens its address reads that it is over."))
    return redirect("capture:builder", slug=form.slug)


def _duplicate(request: PageRequest, form: Form) -> HttpResponse:
    copied = duplicate(form=form, by=request.user, now=timezone.now())
    messages.success(request, gettext("This is the copy: a draft, under an address of its own."))
    return redirect("capture:builder", slug=copied.slug)


def _discard(request: PageRequest, form: Form) -> HttpResponse:
    if discard(form=form):
        messages.success(request, gettext("The draft is gone."))
        return redirect("capture:forms")
    messages.error(request, gettext("It was public or has submissions: close it instead."))
    return redirect("capture:builder", slug=form.slug)


_VERBS: dict[str, Callable[[PageRequest, Form], HttpResponse]] = {
    "publish": _publish,
    "close": _close,
    "duplicate": _duplicate,
    "discard": _discard,
}
