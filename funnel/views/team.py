"""The sales team: load, deadlines, acceptance, speed; and leads handed over in bulk."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from accounts.pages import PageRequest, page
from funnel.actions.reassigning import foresee_reassignment, reassign
from funnel.csv_files import csv_answer
from funnel.models import Rep, Standing
from funnel.queries.team import Team, team
from funnel.stages import Stage
from funnel.team_forms import ReassignForm
from leads.channels import Channel

MANAGES = "funnel.manage_sales"
PERIODS = (7, 30, 90, 365)
USUAL_PERIOD = 30


@page(MANAGES)
@require_GET
def show_team(request: PageRequest) -> HttpResponse:
    """Everybody with a desk, over the last so many days."""
    days = _days(request)
    context = {"team": team(days=days, now=timezone.now()), "days": days, "periods": PERIODS}
    return render(request, "funnel/team.html", context | {"channels": dict(Channel.choices)})


def _days(request: PageRequest) -> int:
    typed = request.GET.get("days", "")
    return int(typed) if typed in {str(days) for days in PERIODS} else USUAL_PERIOD


@page(MANAGES)
@require_GET
def export(request: PageRequest) -> HttpResponse:
    """The table of the team as a file."""
    days = _days(request)
    return csv_answer(f"team-{days}.csv", _lines(team(days=days, now=timezone.now())))


def _lines(found: Team) -> Iterator[list[object]]:
    yield [
        *(_("Rep"), _("Places taken"), _("Places"), _("SAL"), _("SQL"), _("Open offers"), _("Pipeline (€)")),
        *(_("Accepted"), _("Refused"), _("Not decided in time"), _("Hours to decide"), _("Hours to contact")),
        *(_("Promised answers"), _("Promises not kept")),
    ]
    for one in found.members:
        decided, used = one.decided, one.load.used
        yield [
            *(one.rep.user.full_name, used.total, one.rep.places, one.sal, one.sql, used.offers, one.value),
            *(decided.accepted, decided.refused, decided.expired),
            *(_hours(decided.median), _hours(one.contact), one.promises.made, one.promises.broken),
        ]


def _hours(length: object) -> str:
    seconds = getattr(length, "total_seconds", None)
    return f"{seconds() / 3600:.1f}" if seconds else ""


@page(MANAGES)
@require_http_methods(["GET", "POST"])
def member(request: PageRequest, user_id: int) -> HttpResponse:
    """The leads one rep works; chosen ones are handed over, after a look at who would get which."""
    rep = get_object_or_404(Rep.objects.select_related("user"), pk=user_id)
    standings = list(_worked(rep))
    form = ReassignForm(request.POST if request.method == "POST" else None, rep=rep, standings=standings)
    if not form.is_valid():
        chosen = request.POST.getlist("leads")
        context = {"rep": rep, "standings": standings, "form": form, "chosen": chosen}
        return render(request, "funnel/team_member.html", context, status=422 if form.errors else 200)
    return (
        _carry_out(request, rep, form) if "confirm" in request.POST else _plan(request, rep, form, standings)
    )


def _worked(rep: Rep) -> QuerySet[Standing]:
    standings = Standing.objects.filter(rep=rep, stage__in=[Stage.SAL, Stage.SQL])
    return standings.select_related("lead__company", "lead__score").order_by("-stage", "since", "lead")


def _plan(request: PageRequest, rep: Rep, form: ReassignForm, standings: list[Standing]) -> HttpResponse:
    """Who would get which; nothing has happened yet."""
    typed = form.cleaned_data
    made = foresee_reassignment(
        rep=rep,
        leads=typed["leads"],
        to=typed["to"],
        now=timezone.now(),
        beyond_caps=typed["beyond_caps"],
    )
    reps = {one.pk: one for one in Rep.objects.select_related("user").filter(pk__in=made.moved.values())}
    lines = [
        (one, reps.get(made.moved.get(one.lead_id, 0))) for one in standings if one.lead_id in typed["leads"]
    ]
    context = {"rep": rep, "form": form, "lines": lines, "moved": len(made.moved)}
    return render(request, "funnel/team_plan.html", context)


def _carry_out(request: PageRequest, rep: Rep, form: ReassignForm) -> HttpResponse:
    typed = form.cleaned_data
    made = reassign(
        rep=rep,
        leads=typed["leads"],
        to=typed["to"],
        by=request.user,
        now=timezone.now(),
        note=typed["note"],
        beyond_caps=typed["beyond_caps"],
    )
    number, left = len(made.moved), len(made.left)
    messages.success(
        request, ngettext("%(n)d lead handed over.", "%(n)d leads handed over.", number) % {"n": number}
    )
    if left:
        said = ngettext("%(n)d lead found no place.", "%(n)d leads found no place.", left) % {"n": left}
        messages.warning(request, said)
    return HttpResponseRedirect(reverse("funnel:team_member", args=[rep.pk]))
