"""The checklist of one lead: as a dialog over the inbox or the lead's page, or as a page of its own."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import reswap, retarget, trigger_client_event

from accounts.pages import PageRequest, page, unfinished
from funnel import actions
from funnel.actions.tasks import add_task
from funnel.checklist import State
from funnel.checklist_forms import AnswerForm
from funnel.models import Offer, Standing
from funnel.queries.checklist import Checklist, checklist_in_full
from funnel.queries.my_leads import worked_by
from funnel.refusals import Incomplete, NotYours, Refused
from funnel.service_levels import due
from funnel.work import TaskKind
from leads.queries import timeline

DECIDES = "funnel.decide_offers"
A_WORKING_DAY = timedelta(hours=8)


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def checklist(request: PageRequest, public_id: UUID) -> HttpResponse:
    """What is known of a lead that lies on the reader's table or is theirs to work; a POST notes one item."""
    standing = _mine(request, public_id)
    known = checklist_of(standing)
    typed = request.POST if request.method == "POST" else unfinished(request)
    form = _form(standing, known, typed) if typed else None
    if request.method != "POST" or form is None:
        return _shown(request, standing, known, form, request.GET.get("item", ""))
    if form.is_valid():
        try:
            _note(request, standing, form)
        except Incomplete as incomplete:
            form.add_error(incomplete.field if incomplete.field in form.fields else None, incomplete.message)
        except NotYours as nobodys:
            raise Http404 from nobodys
        except Refused as refused:
            messages.warning(request, refused.message)
            return HttpResponseRedirect(reverse("funnel:my_leads"))
        else:
            return _noted(request, standing, planned=bool(form.actions))
    return _shown(request, standing, known, form, form.line.item.code, status=422)


def checklist_of(standing: Standing) -> Checklist:
    """In full, with what the lead's newest events let one assume."""
    return checklist_in_full(standing, list(timeline(standing.lead, limit=40)), with_earlier=True)


def _mine(request: PageRequest, public_id: UUID) -> Standing:
    """A lead that this user works or has to decide on (any for who manages sales); 404 otherwise."""
    worked = worked_by(request.user).filter(lead__public_id=public_id).first()
    if worked:
        return worked
    offers = Offer.objects.open().visible_to(request.user)
    offered = Standing.objects.select_related("rep__user", "lead__company", "lead__score")
    return get_object_or_404(offered, lead__public_id=public_id, lead__in=offers.values("lead"))


def _form(standing: Standing, known: Checklist, typed: QueryDict) -> AnswerForm | None:
    """The form of the item that was sent; none for an item that is not on the list."""
    line = next((line for line in known.lines if line.item.code == typed.get("item")), None)
    return AnswerForm(typed, line=line, lead=standing.lead) if line else None


@transaction.atomic
def _note(request: PageRequest, standing: Standing, form: AnswerForm) -> None:
    """The answer; each next action becomes a task for whoever works the lead, due on the next working day."""
    given, now = form.cleaned_data, timezone.now()
    actions.confirm(
        lead=standing.lead,
        item=given["item"],
        by=request.user,
        now=now,
        state=State(given["state"]),
        value=given["value"],
        evidence=given["evidence"],
        person=given.get("person"),
    )
    due_at = due(now, A_WORKING_DAY, standing.rep.calendar) if standing.rep else now + timedelta(days=1)
    for title in form.actions:
        add_task(
            lead=standing.lead, by=request.user, now=now, kind=TaskKind.OTHER, due_at=due_at, title=title
        )


def _shown(
    request: PageRequest,
    standing: Standing,
    known: Checklist,
    form: AnswerForm | None,
    code: str,
    *,
    said: str = "",
    status: int = 200,
) -> HttpResponse:
    """The cards, one of them open: the one that came back, was asked for, or comes next."""
    following = known.ask_next
    context = {
        "lead": standing.lead,
        "standing": standing,
        "checklist": known,
        "cards": [(line, _card(line, standing, form)) for line in known.lines],
        "open": code or (following.item.code if following else ""),
        "back": _back(request, standing),
        "said": said,
        # The lead's own page lies behind the dialog: its strip is drawn again.
        "behind": bool(said) and reverse("funnel:my_leads") in (request.htmx.current_url or ""),
        "may_edit": True,
    }
    if not request.htmx:
        return render(request, "funnel/checklist.html", context, status=status)
    response = render(request, "funnel/_checklist.html", context, status=status)
    return retarget(reswap(response, "innerHTML"), "#dialog")


def _card(line: object, standing: Standing, form: AnswerForm | None) -> AnswerForm:
    return form if form and form.line is line else AnswerForm(line=line, lead=standing.lead)  # type: ignore[arg-type]


def _noted(request: PageRequest, standing: Standing, *, planned: bool) -> HttpResponse:
    """On to the next question; without htmx back to where the reader came from.

    The lead's own page draws its strip again by itself, and the rest only where something was planned: what
    is drawn again closes the dialog.
    """
    known, said = checklist_of(standing), _("Noted.")
    if not request.htmx:
        messages.success(request, said)
        return HttpResponseRedirect(_back(request, standing))
    response = _shown(request, standing, known, None, "", said=said)
    is_own_page = reverse("funnel:my_leads") in (request.htmx.current_url or "")
    return response if is_own_page and not planned else trigger_client_event(response, "lead-changed")


def _back(request: PageRequest, standing: Standing) -> str:
    """The page one came from, as the link said; else the lead's own."""
    asked = request.POST.get("back") or request.GET.get("back") or ""
    if asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return asked
    if standing.rep_id is None:
        return reverse("funnel:inbox")
    return reverse("funnel:my_lead", args=[standing.lead.public_id])
