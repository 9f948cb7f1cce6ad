"""One event of a lead: what it was, whether it counts, and the three ways to change that."""

from __future__ import annotations

import uuid
from contextlib import suppress

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.pages import PageRequest, page
from dashboard import timeline
from dashboard.adjusting import VoidForm, source_name
from dashboard.event_words import property_in_words
from dashboard.queries.found_lead import Found
from dashboard.queries.lead import tell_reasons
from dashboard.views.score import found_or_404
from leads.actions.verdicts import change_verdict
from leads.models import Event, Verdict
from scoring.actions.voidings import NotUndoable, undo_voiding, void_one
from scoring.models import VoidedEvent, Voiding
from scoring.programs import NoLiveRules
from scoring.queries import ShownLine, explain

_VERDICTS = {"human": Verdict.HUMAN, "machine": Verdict.MACHINE}
ALIKE_SHOWN = 50


@require_GET
@page("scoring.void_events")
def event(request: PageRequest, public_id: uuid.UUID, event_id: int) -> HttpResponse:
    """What it was, what it counts for, and what may be done about it."""
    found, shown = _event(request, public_id, event_id)
    return _page(request, found, shown, VoidForm())


@require_POST
@page("scoring.void_events")
def void(request: PageRequest, public_id: uuid.UUID, event_id: int) -> HttpResponse:
    """Count it no more, with the reason; ``alike``: those of its kind on the same day too."""
    found, shown = _event(request, public_id, event_id)
    form = VoidForm(request.POST)
    if not form.is_valid():
        return _page(request, found, shown, form, status=422)
    events = [shown, *(_alike(shown) if request.POST.get("alike") else ())]
    void_one(events=events, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now())
    messages.success(request, _("Voided. Score, stage and reports follow in a moment."))
    return _back(public_id, event_id)


@require_POST
@page("scoring.void_events")
def restore(request: PageRequest, public_id: uuid.UUID, event_id: int) -> HttpResponse:
    """Take the voiding back that this event belongs to."""
    _found, shown = _event(request, public_id, event_id)
    voiding = _voiding_of(shown)
    with suppress(NotUndoable):
        if voiding is not None:
            undo_voiding(voiding=voiding, by=request.user, now=timezone.now())
            messages.success(request, _("It counts again."))
    return _back(public_id, event_id)


@require_POST
@page("scoring.void_events")
def verdict(request: PageRequest, public_id: uuid.UUID, event_id: int) -> HttpResponse:
    """Hold it to be a person's or a machine's."""
    _found, shown = _event(request, public_id, event_id)
    wanted = _VERDICTS.get(request.POST.get("verdict", ""))
    if wanted is not None:
        change_verdict(
            events=[shown], verdict=wanted, reasons=["by_hand"], by=request.user, now=timezone.now()
        )
        messages.success(request, _("Saved. The score follows in a moment."))
    return _back(public_id, event_id)


def _event(request: PageRequest, public_id: uuid.UUID, event_id: int) -> tuple[Found, Event]:
    found = found_or_404(request, public_id)
    rows = Event.objects.filter(lead=found.lead).select_related("kind", "content")
    return found, get_object_or_404(rows, pk=event_id)


def _alike(shown: Event) -> QuerySet[Event]:
    """What the lead did of the same kind on the same local day."""
    day = timezone.localtime(shown.occurred_at).date()
    rows = Event.objects.filter(lead=shown.lead, kind=shown.kind_id, occurred_at__date=day)
    return rows.exclude(pk=shown.pk).select_related("kind", "content").order_by("-occurred_at")[:ALIKE_SHOWN]


def _voiding_of(shown: Event) -> Voiding | None:
    note = (
        VoidedEvent.objects.select_related("voiding__by").filter(event_id=shown.pk, restored_at=None).first()
    )
    return note.voiding if note else None


def _page(
    request: PageRequest, found: Found, shown: Event, form: VoidForm, *, status: int = 200
) -> HttpResponse:
    tell_reasons([shown])
    context = {
        "lead": found.lead,
        "event": shown,
        "entry": timeline.of_event(shown),
        "properties": [text for item in shown.properties.items() if (text := property_in_words(*item))],
        "source": source_name(shown.source_id),
        "lines": _lines(found, shown),
        "alike": list(_alike(shown)),
        "voiding": _voiding_of(shown) if shown.voided_at else None,
        "form": form,
        "is_machine": shown.verdict == Verdict.MACHINE,
    }
    return render(request, "dashboard/event.html", context, status=status)


def _lines(found: Found, shown: Event) -> list[ShownLine]:
    """What it counts for today."""
    try:
        lines = explain(found.lead, now=timezone.now()).lines
    except NoLiveRules:
        return []
    return [line for line in lines if line.event_id == shown.pk]


def _back(public_id: uuid.UUID, event_id: int) -> HttpResponse:
    return redirect("dashboard:event", public_id=public_id, event_id=event_id)
