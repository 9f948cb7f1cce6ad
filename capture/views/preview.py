"""The preview: the form as visitors see it, in a frame that runs and sends nothing."""

from __future__ import annotations

from csp.constants import SELF
from csp.decorators import csp_replace
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import override
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from accounts.pages import PageRequest, page
from capture.drawing import draw
from capture.models import Form
from capture.profiling import choose
from capture.questions import Question, all_questions


@require_GET
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": [SELF]})  # type: ignore[arg-type]  # typed for views without arguments
@page("capture.view_capture")
def preview(request: PageRequest, slug: str) -> HttpResponse:
    """What a stranger is asked, or (``?visitor=known``) somebody who comes back."""
    form = get_object_or_404(Form.objects.select_related("content"), slug=slug)
    questions = _asked(form, comes_back=request.GET.get("visitor") == "known")
    with override(form.language):
        drawn = draw(form, questions)
        context = {"drawn": drawn, "language": form.language, "organisation": drawn.controller}
        return render(request, "capture/preview.html", context)


def _asked(form: Form, *, comes_back: bool) -> list[Question]:
    """The questions of a first visit, or of the second one, when the first were answered."""
    questions = all_questions(form)
    first = choose(questions, known=(), at_once=form.asked_at_once)
    if not comes_back:
        return first
    known = {question.code for question in first if question.priority}
    return choose(questions, known=known, at_once=form.asked_at_once)
