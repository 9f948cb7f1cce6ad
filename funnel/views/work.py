"""Calls and tasks: HTTP to values, one call to an action, and back to where the reader was."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.pages import PageRequest, may, page, unfinished
from funnel.actions.work import add_task as plan
from funnel.actions.work import complete_task as complete
from funnel.actions.work import log_call as log
from funnel.actions.work import postpone_task as put_off
from funnel.actions.working import find_out
from funnel.call_rules import CallAnswer, may_call
from funnel.choices import TASK_KINDS
from funnel.forms import ResearchForm
from funnel.models import Call, Offer, Standing, Task
from funnel.next_action import WORKED, Planned, next_of
from funnel.queries.work import callee_of, calls_of, colleagues_who_see, last_contract, planned
from funnel.refusals import NotYours, Refused
from funnel.templatetags.funnel_words import day_time
from funnel.views.work_dialogs import (
    DECIDES,
    ask,
    attempt,
    back_of,
    done,
    home_of,
    refused,
    visible_lead,
    workable,
)
from funnel.work import TaskKind
from funnel.work_forms import CallForm, PostponeForm, TaskForm, next_morning
from leads.models import Lead

_NO_GROUND = ("no_consent", "opposed")


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def log_call(request: PageRequest, public_id: UUID) -> HttpResponse:
    """C: what the law says about a call now, how it ended, and what comes next."""
    standing, now = workable(request, public_id), timezone.now()
    calls = calls_of(standing.lead)
    answer, task = may_call(callee_of(standing.lead, now=now, calls=calls), now), _task_of(request, standing)
    form = _call_form(request, standing, calls, answer, task)
    back = back_of(request, home_of(standing))
    if request.method == "POST" and form.is_valid():
        key, logged = form.cleaned_data["key"], form.logged
        if attempt(
            form,
            lambda: log(lead=standing.lead, by=request.user, now=now, call=logged, task=task, key=key),
        ):
            follow = _leaving(standing, form.leaves_by)
            return done(request, _("Call logged."), back=back, follow=follow)
    context = {"form": form, "lead": standing.lead, "answer": answer, "back": back, "title": _("Log a call")}
    return ask(request, "_call_form", context)


def _call_form(
    request: PageRequest, standing: Standing, calls: list[Call], answer: CallAnswer, task: Task | None
) -> CallForm:
    ahead = planned([standing.lead_id], now=timezone.now())[standing.lead_id]
    kept = next_of(one for one in ahead if not _is_done_by(one, task))
    return CallForm(
        request.POST if request.method == "POST" else unfinished(request),
        now=timezone.now(),
        kept=in_words(kept) if kept else "",
        is_worked=standing.stage in WORKED,
        asks_contract=answer.limit is not None and answer.reason in _NO_GROUND,
        initial={"task": task.pk if task else None, "contract": last_contract(calls)},
    )


def _is_done_by(one: Planned, task: Task | None) -> bool:
    """Whether this call takes that off the list."""
    return one.is_first_contact or bool(task and one.what != "meeting" and one.number == task.pk)


def in_words(one: Planned) -> str:
    """ "Keep: Call, tomorrow 10:00"."""
    what = one.title or str(TASK_KINDS.get(one.what, TASK_KINDS[TaskKind.MEETING]))
    return _("As planned: %(what)s, %(when)s") % {"what": what, "when": day_time(one.due_at)}


def _task_of(request: PageRequest, standing: Standing) -> Task | None:
    """The planned call that this one is, when the reader came from it."""
    number = request.POST.get("task") or request.GET.get("task") or ""
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    return Task.objects.filter(pk=int(number), lead=standing.lead_id, done_at=None).first()


def _leaving(standing: Standing, verb: str) -> str:
    """Where the lead is returned, disqualified or won; "" when it stays."""
    if not verb:
        return ""
    if standing.stage in WORKED:
        name = {"return": "return_lead", "disqualify": "disqualify_lead", "win": "win"}[verb]
        return reverse(f"funnel:{name}", args=[standing.lead.public_id])
    offer = Offer.objects.open().filter(lead=standing.lead_id).first()
    return reverse(f"funnel:{verb}", args=[offer.pk]) if offer else ""


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def add_task(request: PageRequest, public_id: UUID) -> HttpResponse:
    """T: something to do by a time."""
    standing, now = workable(request, public_id), timezone.now()
    people = [one for one in colleagues_who_see(standing.lead) if may(one, DECIDES)]
    typed = request.POST if request.method == "POST" else unfinished(request)
    form = TaskForm(typed, now=now, colleagues=people)
    back = back_of(request, home_of(standing))
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, lambda: _plan(request, standing, form, people))
    ):
        return done(request, _("Planned."), back=back)
    context = {"form": form, "lead": standing.lead, "back": back, "title": _("Plan a task")}
    if standing.stage in WORKED and not planned([standing.lead_id], now=now):
        context["why"] = _("What comes next? No lead in work without a next action.")
    return ask(request, "_task_form", context)


def _plan(request: PageRequest, standing: Standing, form: TaskForm, people: list[User]) -> None:
    typed = form.cleaned_data
    plan(
        lead=standing.lead,
        by=request.user,
        now=timezone.now(),
        kind=typed["kind"],
        due_at=typed["due_at"],
        title=typed["title"],
        assignee=next((one for one in people if one.pk == typed["assignee"]), None),
        key=typed["key"],
    )


def _my_task(request: PageRequest, task_id: int) -> Task:
    """A task of a lead this user may see; else 404."""
    visible = Lead.objects.visible_to(request.user)
    return get_object_or_404(Task.objects.select_related("lead__standing"), pk=task_id, lead__in=visible)


@page(DECIDES)
@require_POST
def complete_task(request: PageRequest, task_id: int) -> HttpResponse:
    """One press: it is done. When nothing is planned any more, the next step is asked for."""
    task = _my_task(request, task_id)
    back = back_of(request, reverse("funnel:today"))
    try:
        nothing_left = complete(task=task, by=request.user, now=timezone.now())
    except NotYours as nobodys:
        raise Http404 from nobodys
    except Refused as conflict:
        return refused(request, conflict.message, back=back)
    follow = reverse("funnel:add_task", args=[task.lead.public_id]) if nothing_left else ""
    return done(request, _("Done."), back=back, follow=follow)


# The usual delays, each one press away.
DELAYS = {
    "hour": (gettext_lazy("In an hour"), 0),
    "tomorrow": (gettext_lazy("Tomorrow 10:00"), 1),
    "week": (gettext_lazy("In a week"), 7),
}


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def postpone_task(request: PageRequest, task_id: int) -> HttpResponse:
    """Later: by one of the usual delays, or at a time of one's own."""
    task, now = _my_task(request, task_id), timezone.now()
    typed = request.POST.copy() if request.method == "POST" else unfinished(request)
    if typed is not None and typed.get("delay") in DELAYS:
        typed = typed.copy()
        typed["due_at"] = _delayed(str(typed["delay"])).strftime("%Y-%m-%dT%H:%M")
    form = PostponeForm(typed, initial={"due_at": next_morning(now)})
    back = back_of(request, reverse("funnel:today"))
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(
            form,
            lambda: put_off(task=task, by=request.user, now=now, due_at=form.cleaned_data["due_at"]),
        )
    ):
        said = _("Put off until %(when)s.") % {"when": day_time(form.cleaned_data["due_at"])}
        return done(request, said, back=back)
    context = {"form": form, "lead": task.lead, "back": back, "title": _("Put off"), "delays": DELAYS}
    return ask(request, "_postpone_form", context)


def _delayed(delay: str) -> datetime:
    now = timezone.now()
    if delay == "hour":
        return timezone.localtime(now) + timedelta(hours=1)
    return next_morning(now, days=DELAYS[delay][1])


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def research_lead(request: PageRequest, public_id: UUID) -> HttpResponse:
    """E: fill in what nobody knows yet about a lead in work."""
    standing = workable(request, public_id)
    form = ResearchForm(request.POST if request.method == "POST" else unfinished(request), lead=standing.lead)
    back = back_of(request, home_of(standing))
    if request.method == "POST" and form.is_valid():
        changes, now = form.changes, timezone.now()
        if attempt(form, lambda: find_out(lead=standing.lead, by=request.user, now=now, fields=changes)):
            return done(request, _("Noted."), back=back)
    context = {"form": form, "lead": standing.lead, "back": back, "title": _("What did you find out?")}
    return ask(request, "_note_form", context)


@page("leads.view_leads")
@require_GET
def show_work(request: PageRequest, public_id: UUID) -> HttpResponse:
    """What is planned, said and written about a lead: a page, or for htmx the panel of another one."""
    lead = visible_lead(request, public_id)
    standing = get_object_or_404(Standing, lead=lead)
    template = "funnel/_work.html" if request.htmx else "funnel/work.html"
    return render(request, template, {"lead": lead, "standing": standing})
