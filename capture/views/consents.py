"""The consent wordings: all of them with their versions, and the next version of one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.pages import PageRequest, may, page, unfinished
from capture.actions.wordings import OtherMeaning, add_version
from capture.editors.wording import WordingEditor
from capture.queries.wordings import shown_wordings
from leads.choices import ContactChannel, Purpose
from leads.models import ConsentWording


@require_GET
@page("capture.view_capture")
def consents(request: PageRequest) -> HttpResponse:
    """All wordings."""
    context = {"rows": shown_wordings(), "may_edit": may(request.user, "capture.edit_forms")}
    return render(request, "capture/consents.html", context)


@require_http_methods(["GET", "POST"])
@page("capture.edit_forms")
def wording(request: PageRequest, pk: int | None = None) -> HttpResponse:
    """A new wording, or the next version of the one with this id."""
    old = get_object_or_404(ConsentWording, pk=pk) if pk else None
    typed = request.POST if request.method == "POST" else unfinished(request)
    editor = WordingEditor(typed, initial=_initial(old), is_known=old is not None)
    if request.method == "POST" and editor.is_valid() and _added(editor):
        messages.success(
            request, _("Saved as a new version. Forms go on showing the old one until you choose.")
        )
        return redirect("capture:consents")
    status = 422 if request.method == "POST" else 200
    return render(request, "capture/wording.html", {"editor": editor, "old": old}, status=status)


def _initial(old: ConsentWording | None) -> dict[str, object]:
    names = ("code", "language", "purpose", "channel", "text")
    return {name: getattr(old, name) for name in names} if old else {}


def _added(editor: WordingEditor) -> bool:
    """Whether the version could be added; if not, the editor says why."""
    typed = editor.cleaned_data
    try:
        add_version(
            code=typed["code"],
            language=typed["language"],
            purpose=Purpose(typed["purpose"]),
            channel=ContactChannel(typed["channel"]),
            text=typed["text"],
            now=timezone.now(),
        )
    except OtherMeaning:
        editor.add_error("code", _("This code stands for something else already. Choose another one."))
        return False
    return True
