"""Today: a person's day in one list; and replies that are dealt with."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.pages import PageRequest, page
from funnel.actions.work import answer_reply
from funnel.queries.today import today
from funnel.refusals import NotYours, Refused
from funnel.today import Section
from funnel.views.work_dialogs import DECIDES, back_of, done, refused, workable

HEADINGS = {
    Section.FIRST: gettext_lazy("First of all"),
    Section.LATE: gettext_lazy("Late"),
    Section.TODAY: gettext_lazy("Today"),
    Section.SOON: gettext_lazy("In the next seven days"),
}
PAGE_KEYS = [
    ("Enter", gettext_lazy("Open the lead")),
    ("d", gettext_lazy("Done")),
    ("c", gettext_lazy("Log a call")),
    ("s", gettext_lazy("Put off")),
    ("p", gettext_lazy("Plan a task")),
]


@page(DECIDES)
@require_GET
def show_today(request: PageRequest) -> HttpResponse:
    """Replies, calls, tasks, meetings, deadlines, and leads without a next action."""
    now = timezone.now()
    found = today(request.user, now=now, zone=timezone.get_current_timezone())
    sections = [(name, HEADINGS[name], rows) for name, rows in found.sections.items()]
    context = {"today": found, "sections": sections, "page_keys": PAGE_KEYS, "now": now}
    return render(request, "funnel/today.html", context)


@page(DECIDES)
@require_POST
def mark_answered(request: PageRequest, public_id: UUID) -> HttpResponse:
    """The reply of a lead has been dealt with elsewhere, for instance by email."""
    standing, back = workable(request, public_id), back_of(request, reverse("funnel:today"))
    try:
        answer_reply(lead=standing.lead, by=request.user, now=timezone.now())
    except NotYours as nobodys:
        raise Http404 from nobodys
    except Refused as conflict:
        return refused(request, conflict.message, back=back)
    return done(request, _("Noted."), back=back)
