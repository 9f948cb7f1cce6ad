"""Asking why: numbered reasons, then the month, note or missing information that a reason needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django_htmx.http import reswap, retarget

from accounts.pages import PageRequest, unfinished
from funnel.forms import GroundsForm
from funnel.models import Reason
from funnel.queries.products import known_competitors
from funnel.refusals import Incomplete
from funnel.stages import Verb
from leads.models import Lead


@dataclass(frozen=True, slots=True)
class Asked:
    """What is decided on whom, by which verbs, and where to go back to.

    ``leaving``: selectors of what gives way on the page while the decision is on its way. ``rated``: whether
    the value of the lead may be told as well.
    """

    lead: Lead
    verbs: tuple[Verb, ...]
    title: str
    back: str
    leaving: str = ""
    rated: bool = False

    def verb_of(self, reason: Reason) -> Verb:
        """The verb that this reason stands for here."""
        return next(verb for verb in self.verbs if verb in reason.verbs)


@dataclass(frozen=True, slots=True)
class Given:
    """The grounds as typed."""

    reason: Reason
    note: str
    month: date | None
    missing_fields: Sequence[str]
    value_rating: int | None = None
    competitor: str = ""


def ask(request: PageRequest, asked: Asked, carry_out: Callable[[Verb, Given], HttpResponse]) -> HttpResponse:
    """GET shows the reasons, or with ``?ask=code`` what that one needs; POST decides.

    What is missing comes back as the same form with its message (422), nothing typed is lost.
    """
    reasons = list(Reason.objects.for_verb(*asked.verbs))
    typed = request.POST if request.method == "POST" else unfinished(request)
    code = _code(typed, request)
    reason = next((one for one in reasons if one.code == code), None)
    form = GroundsForm(typed, reason=reason, lead=asked.lead) if reason else None
    loses = Verb.LOSE in asked.verbs
    if form and not loses:
        del form.fields["competitor"]
    if request.method == "POST" and form and reason and form.is_valid():
        try:
            return carry_out(asked.verb_of(reason), _given(reason, form))
        except Incomplete as incomplete:
            form.add_error(incomplete.field if incomplete.field in form.fields else None, incomplete.message)
    context = {"asked": asked, "reasons": reasons, "reason": reason, "form": form}
    if loses:
        context["competitors"] = known_competitors()
    return show_form(request, "funnel/grounds", context)


def _code(typed: QueryDict | None, request: PageRequest) -> str:
    return str((typed.get("reason") if typed else None) or request.GET.get("ask") or "")


def _given(reason: Reason, form: GroundsForm) -> Given:
    typed = form.cleaned_data
    missing = typed.get("missing_fields", ())
    return Given(
        reason,
        typed.get("note", ""),
        typed.get("month"),
        missing,
        typed.get("value_rating"),
        typed.get("competitor", ""),
    )


def show_form(request: PageRequest, name: str, context: dict[str, object]) -> HttpResponse:
    """A form as a page, or for htmx as a dialog; 422 when it comes back with something to correct."""
    status = 422 if request.method == "POST" else 200
    if not request.htmx:
        return render(request, f"{name}.html", context, status=status)
    path, _, file = name.rpartition("/")
    response = render(request, f"{path}/_{file}.html", context, status=status)
    return retarget(reswap(response, "innerHTML"), "#dialog")
