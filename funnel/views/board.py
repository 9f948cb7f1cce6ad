"""The board of sales: what stands where, and moving a lead by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import reswap, retarget

from accounts.pages import PageRequest, may, page, unfinished
from funnel import actions
from funnel.actions.moving import needs_reason, possible_targets, right_refusal
from funnel.actions.passages import last_passage
from funnel.board import TARGET, Column, column_of
from funnel.board_forms import BoardFilter
from funnel.choices import STAGES
from funnel.forms import OpportunityForm, WinForm
from funnel.models import Standing
from funnel.queries.board import board, on_board
from funnel.refusals import MESSAGES, Incomplete, NotYours, Refused
from funnel.stages import Stage, Verb, verbs_between
from funnel.views.grounds import Asked, Given, ask, show_form

SEES = "funnel.view_board"
PAGE_KEYS: list[tuple[str, str | Promise]] = [
    ("j k", gettext_lazy("Next and previous lead")),
    ("← →", gettext_lazy("Next and previous column")),
    ("m", gettext_lazy("Move to…")),
    ("o", gettext_lazy("Open the lead")),
    ("1–9", gettext_lazy("Choose")),
]
_FORMS: dict[Verb, type[forms.Form]] = {Verb.QUALIFY: OpportunityForm, Verb.WIN: WinForm}


@page(SEES)
@require_GET
def show_board(request: PageRequest) -> HttpResponse:
    """Column by column; for htmx only the columns."""
    context = _context(request, request.GET)
    name = "funnel/_board.html" if request.htmx and not request.htmx.boosted else "funnel/board.html"
    return render(request, name, context)


def _context(request: PageRequest, query: QueryDict) -> dict[str, object]:
    narrowing = BoardFilter(query, user=request.user)
    shown = board(request.user, narrowing.narrowed, now=timezone.now())
    narrowing.offer_reps(shown.loads)
    decides = may(request.user, "funnel.decide_offers")
    return {"board": shown, "filter": narrowing, "decides": decides, "page_keys": PAGE_KEYS}


def _standing(request: PageRequest, public_id: UUID) -> Standing:
    """A lead on this user's board; 404 otherwise."""
    found = on_board(request.user, now=timezone.now()).select_related("lead", "rep__user")
    return get_object_or_404(found, lead__public_id=public_id)


@dataclass(frozen=True, slots=True)
class Way:
    """Where a lead may be moved, or why not. ``is_direct``: nothing more is asked."""

    stage: Stage
    label: str
    refused: str
    is_direct: bool


@page(SEES)
@require_GET
def show_moves(request: PageRequest, public_id: UUID) -> HttpResponse:
    """M: where this lead may go; what is closed says why. ``?to=column``: it was dropped there."""
    standing, column = _standing(request, public_id), request.GET.get("to", "")
    if column == column_of(standing.position):
        return HttpResponse(status=204)
    if column in set(Column):
        return HttpResponseRedirect(reverse("funnel:move", args=[public_id, TARGET[Column(column)]]))
    ways = [_way(standing, stage, code, request) for stage, code in possible_targets(standing, request.user)]
    ways.sort(key=lambda way: bool(way.refused))
    context = {"lead": standing.lead, "ways": ways, "back": _back(request)}
    return show_form(request, "funnel/moves", context)


def _way(standing: Standing, stage: Stage, code: str, request: PageRequest) -> Way:
    verbs = _verbs(standing, stage, request)
    if not verbs and not code:
        code = "not_yours"
    refused = str(MESSAGES[code]) if code else ""
    return Way(stage, str(STAGES[stage]), refused, bool(verbs) and _is_direct(verbs[0]))


def _verbs(standing: Standing, stage: Stage, request: PageRequest) -> list[Verb]:
    """By which verbs this user may take it there from the board; a partner is chosen on the lead's page."""
    ways = verbs_between(standing.position, stage)
    mine = [verb for verb in ways if not right_refusal(verb, standing, request.user)]
    return [verb for verb in mine if verb is not Verb.REFER]


def _is_direct(verb: Verb) -> bool:
    return verb not in _FORMS and not needs_reason(verb)


@page(SEES)
@require_http_methods(["GET", "POST"])
def move_to(request: PageRequest, public_id: UUID, stage: str) -> HttpResponse:
    """Move a lead to a stage; asks for what the decision needs (a reason, an amount …)."""
    standing, to = _standing(request, public_id), _stage(stage)
    verbs = _verbs(standing, to, request)
    if not verbs:
        return _refused(request, standing, _closed(standing, to, request))
    if verbs[0] in _FORMS:
        return _ask_form(request, standing, to, _FORMS[verbs[0]])
    if _is_direct(verbs[0]):
        return _confirm(request, standing, to)
    title = _("%(name)s to %(stage)s: why?") % {"name": standing.lead.display_name, "stage": STAGES[to]}
    asked = Asked(lead=standing.lead, verbs=tuple(verbs), title=title, back=_back(request))
    return ask(request, asked, lambda verb, given: _moved(request, standing, to, **_grounds(verb, given)))


def _stage(name: str) -> Stage:
    try:
        return Stage(name)
    except ValueError as unknown:
        raise Http404 from unknown


def _closed(standing: Standing, to: Stage, request: PageRequest) -> Refused:
    codes = dict(possible_targets(standing, request.user))
    return Refused(codes.get(to, "already_there") or "not_yours")


def _confirm(request: PageRequest, standing: Standing, to: Stage) -> HttpResponse:
    """Without a script there is a page between; a POST moves at once."""
    if request.method == "POST":
        return _moved(request, standing, to)
    title = _("Move to %(stage)s") % {"stage": STAGES[to]}
    context = {"form": forms.Form(), "lead": standing.lead, "title": title, "back": _back(request)}
    return show_form(request, "funnel/closing", context)


def _ask_form(
    request: PageRequest, standing: Standing, to: Stage, form_class: type[forms.Form]
) -> HttpResponse:
    """What an opportunity or a sale is worth, then the move."""
    form = form_class(request.POST if request.method == "POST" else unfinished(request))
    if request.method == "POST" and form.is_valid():
        try:
            return _moved(request, standing, to, **form.cleaned_data)
        except Incomplete as incomplete:
            form.add_error(incomplete.field if incomplete.field in form.fields else None, incomplete.message)
    title = _("Move to %(stage)s") % {"stage": STAGES[to]}
    context = {"form": form, "lead": standing.lead, "title": title, "back": _back(request)}
    return show_form(request, "funnel/closing", context)


def _grounds(verb: Verb, given: Given) -> dict[str, Any]:
    """What the action of this verb takes of what was typed."""
    typed: dict[str, Any] = {"reason": given.reason, "note": given.note}
    if verb in (Verb.RETURN, Verb.LOSE):
        typed["wake_month"] = given.month
    if verb is Verb.RETURN:
        typed["missing_fields"] = given.missing_fields
    return typed


def _moved(request: PageRequest, standing: Standing, to: Stage, **given: Any) -> HttpResponse:
    """Do it and show the board as it is now; a refusal leaves the lead where it was and says why."""
    try:
        actions.move(lead=standing.lead, to=to, by=request.user, now=timezone.now(), **given)
    except Incomplete:
        raise
    except NotYours as nobodys:
        raise Http404 from nobodys
    except Refused as refused:
        return _refused(request, standing, refused)
    said = _("%(name)s: now %(stage)s.") % {"name": standing.lead.display_name, "stage": STAGES[to]}
    passage = last_passage(standing.lead_id)
    undo_url = reverse("funnel:undo", args=[passage.pk]) if passage else ""
    return _answer(request, said, undo_url=undo_url)


def _refused(request: PageRequest, standing: Standing, refused: Refused) -> HttpResponse:
    name = standing.lead.display_name
    return _answer(request, f"{name}. {refused.message}", refused=True)


def _answer(request: PageRequest, said: str, *, undo_url: str = "", refused: bool = False) -> HttpResponse:
    """The board again, with what was done or why not; the dialog is closed."""
    query = QueryDict(urlsplit(_back(request)).query)
    status = 409 if refused else 200
    context = _context(request, query) | {"said": said, "undo_url": undo_url, "refused": refused}
    context |= {"back": _back(request)}
    if not request.htmx:
        return _without_script(request, context, status)
    response = render(request, "funnel/_board_moved.html", context, status=status)
    return retarget(reswap(response, "outerHTML"), "#board")


def _without_script(request: PageRequest, context: dict[str, object], status: int) -> HttpResponse:
    if status == 409:
        return render(request, "funnel/board.html", context, status=status)
    messages.success(request, str(context["said"]), extra_tags=str(context["undo_url"]))
    return HttpResponseRedirect(_back(request))


def _back(request: PageRequest) -> str:
    """The board, narrowed as the reader left it."""
    there = urlsplit(request.htmx.current_url or "") if request.htmx else None
    address = reverse("funnel:board")
    return f"{address}?{there.query}" if there and there.path == address and there.query else address
