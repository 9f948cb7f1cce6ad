"""The settings of a form, section by section: each is saved by itself, at each change or by its button."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import reswap, trigger_client_event

from accounts.pages import PageRequest, page, unfinished
from capture.actions.changes import CannotBePublic, ChangedMeanwhile
from capture.actions.forms import change_settings, settings_mark
from capture.editors.settings import ON_QUESTIONS, ON_SETTINGS, SECTIONS, SettingsEditor
from capture.models import Form
from capture.views.builder import done, find, shown
from capture.views.frame import frame, refusal
from capture.views.sections import section_context


@require_GET
@page("capture.view_capture")
def settings(request: PageRequest, slug: str) -> HttpResponse:
    """All sections."""
    return _page(request, find(slug))


def _page(
    request: PageRequest, form: Form, refused: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    sections = [section_context(form, name) for name in ON_SETTINGS]
    if refused:
        sections = [refused if one["section"] == refused["section"] else one for one in sections]
    context = frame(request, form, tab="settings") | {"sections": sections}
    return render(request, "capture/form_settings.html", context, status=status)


@require_http_methods(["GET", "POST"])
@page("capture.edit_forms")
def section(request: PageRequest, slug: str, section: str) -> HttpResponse:
    """Save a section. A GET comes from who had to sign in again meanwhile: what they had typed is in it."""
    if section not in SECTIONS:
        raise Http404
    form = find(slug)
    typed = unfinished(request) if request.method == "GET" else request.POST
    if typed is None:
        return redirect(_address(form, section))
    # The editor writes into its own copy, so that the action can tell what changed.
    editor = SettingsEditor(typed, instance=find(slug), section=section)
    if request.method == "GET":
        return _again(request, form, section, editor, seen=typed.get("seen", ""), status=200)
    if not editor.is_valid():
        return _again(request, form, section, editor, seen=request.POST.get("seen", ""), status=422)
    return _save(request, form, section, editor)


def _save(request: PageRequest, form: Form, section: str, editor: SettingsEditor) -> HttpResponse:
    values = {name: list(value) if name == "notify" else value for name, value in editor.cleaned_data.items()}
    seen = request.POST.get("seen", "")
    try:
        changed = change_settings(form=form, values=values, seen=seen, by=request.user, now=timezone.now())
    except ChangedMeanwhile:
        theirs = _theirs(form, editor)
        mark = settings_mark(form, SECTIONS[section])
        return _again(request, form, section, editor, seen=mark, theirs=theirs, status=409)
    except CannotBePublic as error:
        return _again(request, form, section, editor, seen=seen, problem=refusal(error), status=409)
    return _saved(request, changed, section, old_slug=form.slug)


def _saved(request: PageRequest, form: Form, section: str, *, old_slug: str) -> HttpResponse:
    if section in ON_QUESTIONS and (not request.htmx or "done" in request.POST):
        return done(request, form, focus=f"open-{section}", said=_("Saved."))
    if not request.htmx:
        return redirect(_address(form, section))
    if form.slug != old_slug:
        response = HttpResponse()
        response["HX-Redirect"] = _address(form, section)
        return response
    context = frame(request, find(form.slug), tab="settings") | section_context(form, section)
    response = render(request, "capture/_section_saved.html", context | {"said": _("Saved.")})
    return trigger_client_event(reswap(response, "none"), "form-changed")


def _again(
    request: PageRequest,
    form: Form,
    section: str,
    editor: SettingsEditor,
    *,
    seen: str,
    status: int,
    theirs: list[tuple[str, str]] | None = None,
    problem: str = "",
) -> HttpResponse:
    """The section with what was typed, and why it was not taken."""
    refused = section_context(form, section, editor, section_theirs=theirs, section_problem=problem)
    refused["section_mark"] = seen
    if request.htmx and request.method == "POST":
        context = {"form": form, "may_edit": True} | refused
        return render(request, "capture/_section.html", context, status=status)
    if section in ON_QUESTIONS:
        return shown(request, form, opened=section, refused_section=refused, status=status)
    return _page(request, form, refused, status=status)


def _theirs(form: Form, editor: SettingsEditor) -> list[tuple[str, str]]:
    """What somebody else made of the fields of the section, where it differs from what was typed."""
    return [
        (str(field.label), _in_words(form, name))
        for name, field in editor.fields.items()
        if name != "notify" and form.serializable_value(name) != _plain(editor.cleaned_data.get(name))
    ]


def _plain(value: object) -> object:
    return getattr(value, "pk", value)


def _in_words(form: Form, name: str) -> str:
    """A setting as people read it."""
    value = getattr(form, f"get_{name}_display", lambda: getattr(form, name))()
    if isinstance(value, list):
        return ", ".join(value) or "—"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return str(value or "—")


def _address(form: Form, section: str) -> str:
    """Where the section stands."""
    if section in ON_QUESTIONS:
        return f"{reverse('capture:builder', args=[form.slug])}?open={section}"
    return f"{reverse('capture:form_settings', args=[form.slug])}#section-{section}"
