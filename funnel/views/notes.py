"""Notes about a lead: written, corrected for a while, deleted with a trace."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.pages import PageRequest, page, unfinished
from funnel.actions.work import add_note as write
from funnel.actions.work import delete_note as remove
from funnel.actions.work import edit_note as correct
from funnel.models import Note
from funnel.refusals import NotYours
from funnel.views.work_dialogs import ask, attempt, back_of, done, visible_lead
from funnel.work_forms import NoteForm
from leads.models import Lead

WRITES = "leads.edit_leads"


@page(WRITES)
@require_http_methods(["GET", "POST"])
def add_note(request: PageRequest, public_id: UUID) -> HttpResponse:
    """N: a note about a lead one may see."""
    lead = visible_lead(request, public_id)
    typed = request.POST if request.method == "POST" else unfinished(request)
    form = NoteForm(typed, initial={"key": uuid4()})
    back = back_of(request, reverse("dashboard:lead", args=[public_id]))
    if request.method == "POST" and form.is_valid():
        text, key = form.cleaned_data["text"], form.cleaned_data["key"]
        if attempt(form, lambda: write(lead=lead, by=request.user, now=timezone.now(), text=text, key=key)):
            return done(request, _("Noted."), back=back)
    return ask(request, "_note_form", {"form": form, "lead": lead, "back": back, "title": _("Write a note")})


def _my_note(request: PageRequest, note_id: int) -> Note:
    visible = Lead.objects.visible_to(request.user)
    return get_object_or_404(Note.objects.select_related("lead"), pk=note_id, lead__in=visible)


@page(WRITES)
@require_http_methods(["GET", "POST"])
def edit_note(request: PageRequest, note_id: int) -> HttpResponse:
    """Correct one's own note."""
    note = _my_note(request, note_id)
    if note.by_id != request.user.pk or note.deleted_at:
        raise Http404
    typed = request.POST if request.method == "POST" else unfinished(request)
    form = NoteForm(typed, initial={"text": note.text})
    back = back_of(request, reverse("dashboard:lead", args=[note.lead.public_id]))
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        if attempt(form, lambda: correct(note=note, by=request.user, now=timezone.now(), text=text)):
            return done(request, _("Noted."), back=back)
    context = {"form": form, "lead": note.lead, "back": back, "title": _("Correct the note")}
    return ask(request, "_note_form", context)


@page(WRITES)
@require_POST
def delete_note(request: PageRequest, note_id: int) -> HttpResponse:
    """Take a note away; that there was one stays."""
    note = _my_note(request, note_id)
    try:
        remove(note=note, by=request.user, now=timezone.now())
    except NotYours as nobodys:
        raise Http404 from nobodys
    back = back_of(request, reverse("dashboard:lead", args=[note.lead.public_id]))
    return done(request, _("Note deleted."), back=back)
