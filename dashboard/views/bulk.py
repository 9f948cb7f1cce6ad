"""Moving many leads: choose in the list, see the plan, let a job do it, take it back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.pages import PageRequest, page
from dashboard.filters import LeadFilter
from dashboard.queries.leads import leads_for
from funnel.actions.bulk import MOST, MOVES, Decision, begin_run, undo_run
from funnel.forms import MonthField
from funnel.models import BulkLine, BulkRun, Reason
from funnel.queries.bulk import Plan, Progress, plan_run, progress_of, runs
from funnel.refusals import Incomplete, NotYours, Refused
from funnel.research import RESEARCH_FIELDS, field_label
from funnel.stages import Verb
from leads.models import Lead

MOVES_MANY = "funnel.move_many"
SHOWN = 50
WORDS = {
    Verb.PROMOTE: gettext_lazy("Make them MQLs"),
    Verb.UNREADY: gettext_lazy("Put them back to marketing"),
    Verb.COOL: gettext_lazy("Cool them down to leads"),
    Verb.WAKE: gettext_lazy("Wake them up now"),
    Verb.REOPEN: gettext_lazy("Reopen them"),
    Verb.RETURN: gettext_lazy("Return them to marketing"),
    Verb.DISQUALIFY: gettext_lazy("Disqualify them"),
}


class BulkForm(forms.Form):
    """Why all of them are moved."""

    why = forms.ModelChoiceField(
        label=gettext_lazy("Reason"),
        queryset=Reason.objects.none(),
        to_field_name="code",
        widget=forms.RadioSelect,
        empty_label=None,
    )
    month = MonthField(label=gettext_lazy("For which month is the project planned?"), required=False)
    missing_fields = forms.MultipleChoiceField(
        label=gettext_lazy("Which information is missing?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: object = None, *, verb: Verb) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # a QueryDict or None
        reasons = Reason.objects.for_verb(verb)
        self.fields["why"].queryset = reasons  # type: ignore[attr-defined]  # a ModelChoiceField
        choices = [(name, field_label(name)) for name in RESEARCH_FIELDS]
        self.fields["missing_fields"].choices = choices  # type: ignore[attr-defined]
        if not any(reason.needs_month for reason in reasons):
            del self.fields["month"]
        if not any(reason.needs_fields for reason in reasons):
            del self.fields["missing_fields"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One move that could be made, what it would do, and where it is begun."""

    verb: Verb
    label: str
    plan: Plan
    url: str

    @property
    def staying(self) -> int:
        """How many would stay where they are."""
        return self.plan.total - self.plan.moving


@require_http_methods(["GET", "POST"])
@page(MOVES_MANY)
def move_leads(request: PageRequest) -> HttpResponse:
    """What can be done with the chosen leads; with ``move``, that one's plan and its reason."""
    chosen = _chosen(request)
    verb = next((verb for verb in MOVES if verb == request.GET.get("move")), None)
    total = chosen.count()
    context: dict[str, object] = {"total": total, "limit": MOST, "too_many": total > MOST}
    if verb is None or not total or total > MOST:
        choices = [] if not total or total > MOST else _choices(request, chosen)
        return render(request, "dashboard/move_leads.html", context | {"choices": choices})
    form = BulkForm(request.POST if request.method == "POST" else None, verb=verb)
    if request.method == "POST" and form.is_valid() and (run := _begin(form, verb, chosen, request.user)):
        return redirect("dashboard:move", run.public_id)
    status = 422 if request.method == "POST" else 200
    context |= {"verb": verb, "label": WORDS[verb], "form": form}
    context |= {"plan": plan_run(verb=verb, leads=chosen, by=request.user), "back": _address(request)}
    return render(request, "dashboard/move_plan.html", context, status=status)


def _chosen(request: PageRequest) -> QuerySet[Lead]:
    """The leads ticked, or all that the filters find, as far as this user may see them."""
    mine = leads_for(request.user)
    if request.GET.get("all"):
        return LeadFilter(request.GET, queryset=mine, request=request).qs.order_by()
    return mine.filter(public_id__in=_uuids(request.GET.getlist("lead"))).order_by()


def _uuids(texts: list[str]) -> list[uuid.UUID]:
    found = []
    for text in texts[:500]:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found


def _choices(request: PageRequest, chosen: QuerySet[Lead]) -> list[Choice]:
    """Each move and what it would do; those that move somebody first."""
    found = [
        Choice(
            verb,
            str(WORDS[verb]),
            plan_run(verb=verb, leads=chosen, by=request.user),
            _address(request, move=verb),
        )
        for verb in MOVES
    ]
    return sorted(found, key=lambda one: one.plan.moving == 0)


def _address(request: PageRequest, **more: str) -> str:
    """This page with the same leads chosen."""
    query = request.GET.copy()
    query.pop("move", None)
    query.update(more)
    return f"{reverse('dashboard:move_leads')}?{query.urlencode()}"


def _begin(form: BulkForm, verb: Verb, chosen: QuerySet[Lead], by: User) -> BulkRun | None:
    """The run; None when something is missing, which the form then says."""
    typed = form.cleaned_data
    decision = Decision(
        verb, typed["why"].code, typed["note"], typed.get("month"), typed.get("missing_fields", ())
    )
    lead_ids = list(chosen.values_list("pk", flat=True)[: MOST + 1])
    try:
        return begin_run(decision=decision, lead_ids=lead_ids, by=by, now=timezone.now())
    except Incomplete as incomplete:
        name = "why" if incomplete.field == "reason" else incomplete.field
        form.add_error(name if name in form.fields else None, incomplete.message)
    except Refused as refused:
        form.add_error(None, refused.message)
    return None


@require_GET
@page(MOVES_MANY)
def moves(request: PageRequest) -> HttpResponse:
    """What was moved in one go, by whom and why."""
    return render(request, "dashboard/moves.html", {"rows": _told(list(runs()[:SHOWN]))})


def _told(rows: list[BulkRun]) -> list[tuple[BulkRun, str]]:
    return [(run, str(WORDS[Verb(run.move)])) for run in rows]


@require_GET
@page(MOVES_MANY)
def move(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """How far one run is, what was left alone and why."""
    run = get_object_or_404(runs(), public_id=public_id)
    found: Progress = progress_of(run)
    left = run.lines.filter(state__in=[BulkLine.State.REFUSED, BulkLine.State.STAYED])
    context = {
        "run": run,
        "found": found,
        "label": WORDS[Verb(run.move)],
        "left": left.select_related("lead__company").order_by("pk")[:SHOWN],
    }
    return render(request, "dashboard/move.html", context)


@require_POST
@page(MOVES_MANY)
def undo_move(request: PageRequest, public_id: uuid.UUID) -> HttpResponse:
    """Put its leads back, as far as nothing came after."""
    run = get_object_or_404(BulkRun, public_id=public_id)
    try:
        undo_run(run=run, by=request.user, now=timezone.now())
    except NotYours as nobodys:
        raise Http404 from nobodys
    except Refused as refused:
        messages.warning(request, refused.message)
    else:
        messages.success(request, _("Begun. It moves on in the background."))
    return redirect("dashboard:move", run.public_id)
