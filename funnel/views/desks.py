"""Settings: the desks, what each takes and when, who is away, and the lengths for offers."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.pages import PageRequest, may, page
from funnel.actions.desk_settings import change_desk, change_policy, change_rules, open_desk
from funnel.actions.desks import call_off_leave, deactivate, go_on_leave, reactivate
from funnel.actions.handing_over import HandedOver
from funnel.desk_forms import AbsenceForm, CapsForm, ClosingForm, HoursForm, PolicyForm, RulesForm
from funnel.models import Absence, Rep
from funnel.queries.capacity import used_places
from funnel.queries.desks import desk_lines, fit_of, without_desk
from funnel.queries.policy import sales_policy
from funnel.refusals import Incomplete

MANAGES = "funnel.manage_sales"


@page(MANAGES)
@require_GET
def show_desks(request: PageRequest) -> HttpResponse:
    """Every desk with its load, and who has none yet."""
    context = {"lines": desk_lines(now=timezone.now()), "people": without_desk()}
    return render(request, "funnel/desks.html", context)


@page(MANAGES)
@require_POST
def new_desk(request: PageRequest) -> HttpResponse:
    """A desk for the user named in ``user``."""
    number = request.POST.get("user", "")
    people = {str(user.pk): user for user in without_desk()}
    if number not in people:
        return redirect("funnel:desks")
    rep = open_desk(user=people[number], by=request.user)
    return redirect("funnel:desk", rep.pk)


@page(MANAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def show_desk(request: PageRequest, user_id: int) -> HttpResponse:
    """One desk; POST saves the part named in ``save``: caps, hours or rules."""
    rep = get_object_or_404(Rep.objects.whole(), pk=user_id)
    part = request.POST.get("save", "")
    forms = _forms(rep, request.POST if request.method == "POST" else None, part, request)
    if part and _saved(rep, part, forms, request.user):
        messages.success(request, _("Saved."))
        return redirect("funnel:desk", rep.pk)
    return _draw(request, rep, forms, status=422 if part else 200)


Forms = dict[str, CapsForm | HoursForm | RulesForm | AbsenceForm | ClosingForm]


def _forms(rep: Rep, data: QueryDict | None, part: str, request: PageRequest) -> Forms:
    """All forms of a desk; the one that was sent holds what was typed."""

    def given(name: str) -> QueryDict | None:
        return data if part == name else None

    ends_access = may(request.user, "accounts.manage_users") and rep.pk != request.user.pk
    today = rep.calendar.local_day(timezone.now())
    return {
        "caps": CapsForm(given("caps"), instance=rep),
        "hours": HoursForm(given("hours"), rep=rep),
        "rules": RulesForm(given("rules"), rep=rep),
        "leave": AbsenceForm(given("leave"), rep=rep, today=today),
        "closing": ClosingForm(given("closing"), rep=rep, may_end_access=ends_access),
    }


def _saved(rep: Rep, part: str, forms: Forms, by: User) -> bool:
    """Carry out the part that was sent; False when it cannot be taken, or there is no such part."""
    form = forms.get(part)
    if form is None or not form.is_valid():
        return False
    match form:
        case CapsForm():
            change_desk(rep=rep, values=form.cleaned_data, by=by)
        case HoursForm():
            change_desk(rep=rep, values={"hours": form.document}, by=by)
        case RulesForm():
            change_rules(rep=rep, rules=form.rules(), by=by)
        case _:
            return False
    return True


def _draw(request: PageRequest, rep: Rep, forms: Forms, *, status: int) -> HttpResponse:
    now = timezone.now()
    context = {
        "rep": rep,
        "used": used_places([rep.pk], now=now)[rep.pk],
        "absences": rep.absences.from_day(rep.calendar.local_day(now)),
        "fit": fit_of(Rep.objects.whole().get(pk=rep.pk), now=now),
        **forms,
    }
    return render(request, "funnel/desk.html", context, status=status)


@page(MANAGES)
@require_POST
def leave(request: PageRequest, user_id: int) -> HttpResponse:
    """Enter an absence."""
    rep = get_object_or_404(Rep.objects.whole(), pk=user_id)
    forms = _forms(rep, request.POST, "leave", request)
    form = cast("AbsenceForm", forms["leave"])
    if form.is_valid():
        try:
            go_on_leave(rep=rep, by=request.user, now=timezone.now(), **form.cleaned_data)
        except Incomplete as problem:
            form.add_error(problem.field, problem.message)
        else:
            messages.success(request, _("The absence is noted."))
            return redirect("funnel:desk", rep.pk)
    return _draw(request, rep, forms, status=422)


@page(MANAGES)
@require_POST
def call_off(request: PageRequest, absence_id: int) -> HttpResponse:
    """The rep is there after all."""
    absence = get_object_or_404(Absence.objects.select_related("rep__user"), pk=absence_id)
    call_off_leave(absence=absence, by=request.user, now=timezone.now())
    messages.success(request, _("The absence is called off."))
    return redirect("funnel:desk", absence.rep_id)


@page(MANAGES)
@require_POST
def close_desk(request: PageRequest, user_id: int) -> HttpResponse:
    """Close a desk and give everything on it away."""
    rep = get_object_or_404(Rep.objects.whole(), pk=user_id)
    forms = _forms(rep, request.POST, "closing", request)
    form = cast("ClosingForm", forms["closing"])
    if not form.is_valid():
        return _draw(request, rep, forms, status=422)
    done = deactivate(rep=rep, by=request.user, now=timezone.now(), **form.cleaned_data)
    _tell_what_moved(request, done)
    return redirect("funnel:desk", rep.pk)


def _tell_what_moved(request: PageRequest, done: HandedOver) -> None:
    moved, left = len(done.moved), len(done.left)
    messages.success(
        request,
        ngettext(
            "The desk is closed, %(count)s lead was handed over.",
            "The desk is closed, %(count)s leads were handed over.",
            moved,
        )
        % {"count": moved},
    )
    if left:
        messages.warning(
            request,
            ngettext(
                "%(count)s lead found no place and is still to be handed over.",
                "%(count)s leads found no place and are still to be handed over.",
                left,
            )
            % {"count": left},
        )


@page(MANAGES)
@require_POST
def reopen_desk(request: PageRequest, user_id: int) -> HttpResponse:
    """The desk takes part again."""
    rep = get_object_or_404(Rep.objects.select_related("user"), pk=user_id)
    reactivate(rep=rep, by=request.user)
    messages.success(request, _("The desk is open again."))
    return redirect("funnel:desk", rep.pk)


@page(MANAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def offer_policy(request: PageRequest) -> HttpResponse:
    """The lengths for offers made from now on."""
    form = PolicyForm(request.POST if request.method == "POST" else None, instance=sales_policy())
    if form.is_valid():
        change_policy(values=form.cleaned_data, by=request.user)
        messages.success(request, _("Saved."))
        return redirect("funnel:offer_policy")
    return render(request, "funnel/offer_policy.html", {"form": form}, status=422 if form.errors else 200)
