"""The builder's page: a form's questions beside its preview, and what a change of it is answered with."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from accounts.pages import PageRequest, page, wants_fragment
from capture.actions.changes import CannotBePublic
from capture.actions.questions import (
    AlreadyAsked,
    TooManyQuestions,
    mark_of,
)
from capture.editors.question import QuestionEditor
from capture.editors.settings import ON_QUESTIONS
from capture.models import Form, FormField
from capture.targets import FREE
from capture.views.frame import frame, refusal
from capture.views.sections import section_context

REMOVED = "removed_question"


@require_GET
@page("capture.view_capture")
def builder(request: PageRequest, slug: str) -> HttpResponse:
    """The questions; ``?open=`` unfolds one, ``opening`` or ``closing``."""
    form = find(slug)
    return shown(request, form, opened=request.GET.get("open", ""))


def shown(
    request: PageRequest,
    form: Form,
    *,
    opened: str = "",
    editor: QuestionEditor | None = None,
    focus: str = "",
    said: str = "",
    problem: str = "",
    is_quiet: bool = False,
    conflict: FormField | None = None,
    refused_section: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, or the list of questions for htmx with the parts of the page that depend on it."""
    context = frame(request, form, tab="questions") | {
        "opened": opened,
        "focus": focus,
        "said": said,
        "problem": problem,
        "is_quiet": is_quiet,
        "conflict": conflict,
        "removed": removed_from(request, form),
        "free_types": FREE,
    }
    if opened in ON_QUESTIONS:
        context |= refused_section or section_context(form, opened)
    context["editor"] = editor or _editor(context, opened)
    context["mark"] = _mark(request, editor, context["editor"], conflict)
    is_change = request.method == "POST" and bool(request.htmx)
    if not is_change and not wants_fragment(request, "questions"):
        return render(request, "capture/builder.html", context, status=status)
    response = render(request, "capture/_questions_reply.html", context, status=status)
    return trigger_client_event(response, "form-changed") if is_change else response


def _mark(
    request: PageRequest,
    refused: QuestionEditor | None,
    editor: QuestionEditor | None,
    conflict: FormField | None,
) -> str:
    """The mark of what the editor shows as saved: after a refusal still what its user saw before typing."""
    if conflict:
        return mark_of(conflict)
    if refused:
        return request.POST.get("seen", "")
    return mark_of(editor.instance) if editor else ""


def _editor(context: dict[str, Any], opened: str) -> QuestionEditor | None:
    """The editor of the opened question, if it is one of the form's."""
    if not context["may_edit"]:
        return None
    rows = [row for row in context["built"].questions if str(row.question.pk) == opened]
    if not rows:
        return None
    editor = QuestionEditor(instance=rows[0].question, target=rows[0].target)
    editor.fields["label"].widget.attrs["autofocus"] = True
    return editor


def removed_from(request: PageRequest, form: Form) -> dict[str, Any] | None:
    """The question of this form that was removed last and may be put back."""
    kept = request.session.get(REMOVED)
    return kept["values"] if isinstance(kept, dict) and kept.get("form") == form.pk else None


def edits(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A POST that changes a form; what the action refuses is said above the list, and nothing changed."""

    @require_POST
    @page("capture.edit_forms")
    @wraps(view)
    def checked(request: PageRequest, /, slug: str, **parts: int) -> HttpResponse:
        form = find(slug)
        try:
            return view(request, form, **parts)
        except CannotBePublic as error:
            return shown(request, find(slug), problem=refusal(error), status=409)
        except AlreadyAsked:
            return shown(request, form, problem=_("The form asks for this already."), status=409)
        except TooManyQuestions:
            return shown(request, form, problem=_("A form has at most 50 questions."), status=409)

    return checked


def done(request: PageRequest, form: Form, *, is_quiet: bool = False, **shown_as: str) -> HttpResponse:
    """After a change: the list for htmx (quietly: only what depends on it), else back to the page."""
    form = find(form.slug)
    if not request.htmx:
        opened = shown_as.get("opened", "")
        return redirect(reverse("capture:builder", args=[form.slug]) + (f"?open={opened}" if opened else ""))
    response = shown(request, form, is_quiet=is_quiet, **shown_as)  # type: ignore[arg-type]  # its texts
    return reswap(response, "none") if is_quiet else retarget(reswap(response, "innerHTML"), "#questions")


def find(slug: str) -> Form:
    return get_object_or_404(Form.objects.select_related("content"), slug=slug)
