"""Changing a form's questions. Every change is one POST; htmx swaps the list, or only what depends on it."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.pages import PageRequest, page, unfinished
from capture.actions.changes import CannotBePublic, ChangedMeanwhile
from capture.actions.questions import (
    AlreadyAsked,
    add_question,
    change_question,
    move_question,
    order_questions,
    put_back_question,
    remove_question,
)
from capture.editors.question import QuestionEditor
from capture.models import Form, FormField
from capture.targets import ANSWER, FREE, free_answer, targets_of
from capture.views.builder import REMOVED, done, edits, find, removed_from, shown
from capture.views.frame import refusal


@edits
def add(request: PageRequest, form: Form) -> HttpResponse:
    """Ask for one thing of the catalogue, or a free question of a type (``target=answer.<type>``)."""
    code = request.POST.get("target", "")
    values: dict[str, object] = {}
    target = targets_of([code], form.language).get(code)
    if code.startswith(ANSWER):
        kind = code.removeprefix(ANSWER)
        target = free_answer(f"{ANSWER}question") if kind in FREE else None
        values = {"type": kind, "label": _("New question")}
    if target is None:
        raise Http404
    question = add_question(form=form, target=target, by=request.user, now=timezone.now(), **values)
    return done(request, form, opened=str(question.pk))


@require_http_methods(["GET", "POST"])
@page("capture.edit_forms")
def question(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    """Save one question, at each change (htmx) or by its button.

    A GET comes from who had to sign in again meanwhile: what they had typed is in the editor.
    """
    form = find(slug)
    row = form.fields.filter(pk=pk).first()
    typed = unfinished(request) if request.method == "GET" else request.POST
    if row is None and request.method == "POST":
        gone = _("Somebody removed this question meanwhile.")
        return shown(request, form, problem=gone, status=409)
    if row is None or typed is None:
        return redirect(f"{reverse('capture:builder', args=[slug])}?open={pk}")
    editor = QuestionEditor(typed, instance=row, target=targets_of([row.target]).get(row.target))
    if request.method == "GET":
        return shown(request, form, opened=str(pk), editor=editor)
    return _saved(request, form, editor)


def _saved(request: PageRequest, form: Form, editor: QuestionEditor) -> HttpResponse:
    pk = editor.instance.pk
    if not editor.is_valid():
        return shown(request, form, opened=str(pk), editor=editor, status=422)
    before = FormField.objects.get(pk=pk)
    try:
        after = change_question(
            question=before,
            values=editor.values,
            seen=request.POST.get("seen", ""),
            by=request.user,
            now=timezone.now(),
        )
    except (ChangedMeanwhile, AlreadyAsked, CannotBePublic) as error:
        return _not_saved(request, form, editor, error)
    if "done" in request.POST or not request.htmx:
        return done(request, form, focus=f"open-{pk}", said=_("Saved."))
    if after.type != before.type or after.target != before.target:
        return done(request, form, opened=str(pk), focus=f"q{pk}-type", said=_("Saved."))
    # The editor stays as it is, so that nobody's typing is disturbed: only what depends on it is swapped.
    return done(request, form, opened=str(pk), said=_("Saved."), is_quiet=True)


def _not_saved(request: PageRequest, form: Form, editor: QuestionEditor, error: Exception) -> HttpResponse:
    """The editor with what was typed, and why it was not taken."""
    pk = editor.instance.pk
    if isinstance(error, AlreadyAsked):
        editor.add_error("code" if "code" in editor.fields else None, _("Another question has this name."))
        return shown(request, form, opened=str(pk), editor=editor, status=422)
    problem = refusal(error) if isinstance(error, CannotBePublic) else ""
    theirs = None if problem else form.fields.filter(pk=pk).first()
    return shown(request, form, opened=str(pk), editor=editor, problem=problem, conflict=theirs, status=409)


@edits
def move(request: PageRequest, form: Form, pk: int) -> HttpResponse:
    """One place up or down; the button keeps the focus."""
    row = get_object_or_404(form.fields, pk=pk)
    step = -1 if request.POST.get("step") == "-1" else 1
    place = move_question(question=row, step=step, by=request.user, now=timezone.now())
    said = _("“%(label)s” is now question %(place)s of %(count)s.") % {
        "label": row.label,
        "place": place,
        "count": form.fields.count(),
    }
    return done(request, form, said=said)


@edits
def order(request: PageRequest, form: Form) -> HttpResponse:
    """The order after a drag, as ids between commas."""
    ids = [
        int(part)
        for part in request.POST.get("order", "").split(",")[:100]
        if part.isascii() and part.isdigit()
    ]
    order_questions(form=form, order=ids, by=request.user, now=timezone.now())
    return done(request, form, said=_("The order is saved."))


@edits
def remove(request: PageRequest, form: Form, pk: int) -> HttpResponse:
    """Take a question away; it can be put back as long as nothing else is removed."""
    row = get_object_or_404(form.fields, pk=pk)
    values = remove_question(question=row, by=request.user, now=timezone.now())
    request.session[REMOVED] = {"form": form.pk, "values": values}
    return done(request, form, focus="put-back")


@edits
def put_back(request: PageRequest, form: Form) -> HttpResponse:
    """Undo the last removal."""
    values = removed_from(request, form)
    if values is None:
        return done(request, form)
    question = put_back_question(form=form, kept=values, by=request.user, now=timezone.now())
    del request.session[REMOVED]
    return done(request, form, focus=f"open-{question.pk}")
