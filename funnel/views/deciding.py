"""The verbs of the inbox: accept, return or pass on, disqualify, find out more, look later."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.pages import PageRequest, page, unfinished
from funnel import actions
from funnel.forms import ResearchForm, SnoozeForm
from funnel.models import Offer, Passage
from funnel.queries.policy import first_contact_of
from funnel.refusals import Incomplete, Refused
from funnel.service_levels import due
from funnel.snooze import choices
from funnel.stages import Verb
from funnel.templatetags.funnel_words import day_time
from funnel.views.answers import conflict_of, decided, my_offer, next_lead, refused
from funnel.views.grounds import Asked, Given, ask, show_form
from funnel.views.inbox import DECIDES
from funnel.views.undoing import undo_passage


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def accept(request: PageRequest, offer_id: int) -> HttpResponse:
    """A: the lead is this rep's. Looking (as after signing in again) only shows it."""
    offer, now = my_offer(request, offer_id), timezone.now()
    if request.method == "GET":
        return HttpResponseRedirect(reverse("funnel:offer", args=[offer.pk]))
    with conflict_of(request, offer) as outcome:
        actions.accept(offer=offer, by=request.user, now=now, value_rating=_rating(request))
    contact = day_time(due(now, first_contact_of(offer), offer.rep.calendar))
    return outcome.answer(_("%(name)s is yours. First contact due %(moment)s."), moment=contact)


def _rating(request: PageRequest) -> int | None:
    """The value of the lead where it was told; nonsense counts as nothing."""
    typed = request.POST.get("value_rating", "")
    return int(typed) if typed in {"1", "2", "3", "4", "5"} else None


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def return_offer(request: PageRequest, offer_id: int) -> HttpResponse:
    """R: back to marketing, or on to somebody else."""
    offer = my_offer(request, offer_id)
    asked = _asked(offer, (Verb.RETURN, Verb.DECLINE), _("Return to marketing: why?"))
    return ask(request, asked, lambda verb, grounds: _reject(request, offer, verb, grounds))


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def disqualify_offer(request: PageRequest, offer_id: int) -> HttpResponse:
    """X: nobody works this lead any more."""
    offer = my_offer(request, offer_id)
    asked = _asked(offer, (Verb.DISQUALIFY,), _("Disqualify: why?"))
    return ask(request, asked, lambda verb, grounds: _reject(request, offer, verb, grounds))


def leaving(offer: Offer) -> str:
    """What gives way on the page as soon as a decision is sent, and what shows up instead."""
    return f"#offer-{offer.pk}, #decision, #ahead, #dialog"


def _asked(offer: Offer, verbs: tuple[Verb, ...], title: str) -> Asked:
    back = reverse("funnel:inbox")
    return Asked(lead=offer.lead, verbs=verbs, title=title, back=back, leaving=leaving(offer), rated=True)


_SAID = {
    Verb.RETURN: gettext_lazy("%(name)s goes back to marketing."),
    Verb.DECLINE: gettext_lazy("%(name)s goes to somebody else."),
    Verb.DISQUALIFY: gettext_lazy("%(name)s is disqualified."),
}


def _reject(request: PageRequest, offer: Offer, verb: Verb, given: Given) -> HttpResponse:
    by, now = request.user, timezone.now()
    with conflict_of(request, offer) as outcome:
        if verb is Verb.DECLINE:
            actions.decline(offer=offer, by=by, now=now, reason=given.reason, note=given.note)
        elif verb is Verb.DISQUALIFY:
            actions.disqualify(
                lead=offer.lead,
                by=by,
                now=now,
                reason=given.reason,
                note=given.note,
                value_rating=given.value_rating,
            )
        else:
            actions.return_to_marketing(
                lead=offer.lead,
                by=by,
                now=now,
                reason=given.reason,
                note=given.note,
                wake_month=given.month,
                missing_fields=given.missing_fields,
                value_rating=given.value_rating,
            )
    return outcome.answer(str(_SAID[verb]))


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def research(request: PageRequest, offer_id: int) -> HttpResponse:
    """E: fill in what was missing; the first time there is more time to decide."""
    offer = my_offer(request, offer_id)
    form = ResearchForm(request.POST if request.method == "POST" else unfinished(request), lead=offer.lead)
    if request.method == "POST" and form.is_valid():
        first = offer.research_until is None
        try:
            actions.research(offer=offer, by=request.user, now=timezone.now(), fields=form.changes)
        except Incomplete as incomplete:
            form.add_error(incomplete.field if incomplete.field in form.fields else None, incomplete.message)
        except Refused as conflict:
            return refused(request, offer, conflict)
        else:
            said = _("Noted. You have more time to decide.") if first else _("Noted.")
            return _researched(request, offer, said)
    context = {"form": form, "lead": offer.lead, "offer": offer, "back": reverse("funnel:inbox")}
    return show_form(request, "funnel/research", context)


def _researched(request: PageRequest, offer: Offer, said: str) -> HttpResponse:
    """The same lead again, with what is known now."""
    if not request.htmx:
        messages.success(request, said)
        return HttpResponseRedirect(reverse("funnel:offer", args=[offer.pk]))
    return next_lead(request, {"said": said}, offer=my_offer(request, offer.pk), queue=True)


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def snooze(request: PageRequest, offer_id: int) -> HttpResponse:
    """S: look at it later; it keeps its place and its deadline."""
    offer, now = my_offer(request, offer_id), timezone.now()
    presets = choices(now, offer.deadline, offer.rep.calendar)
    typed = request.POST if request.method == "POST" else unfinished(request)
    form = SnoozeForm(typed, presets={one.preset: one.until for one in presets})
    if request.method == "POST" and form.is_valid():
        try:
            return _snoozed(request, offer, form.cleaned_data["until"])
        except Incomplete as incomplete:
            form.add_error("until", incomplete.message)
    context = {"form": form, "presets": presets, "offer": offer, "lead": offer.lead}
    return show_form(request, "funnel/snooze", context | {"leaving": leaving(offer)})


def _snoozed(request: PageRequest, offer: Offer, until: datetime) -> HttpResponse:
    with conflict_of(request, offer) as outcome:
        actions.snooze(offer=offer, by=request.user, now=timezone.now(), until=until)
    if outcome.conflict:
        return refused(request, offer, outcome.conflict)
    values = {"name": offer.lead.display_name, "moment": day_time(until)}
    undo_url = reverse("funnel:unsnooze", args=[offer.pk])
    said = _("%(name)s comes back %(moment)s.") % values
    return decided(request, offer, said, undo_url=undo_url, queue=True)


@page(DECIDES)
@require_POST
def undo_offer(request: PageRequest, offer_id: int) -> HttpResponse:
    """U: take back what was decided on this offer, as funnel.views.undoing does."""
    offer = my_offer(request, offer_id)
    if offer.decided_at is None:
        raise Http404
    passages = Passage.objects.filter(lead=offer.lead_id, at=offer.decided_at, actor=request.user)
    made = passages.order_by("-pk").first()
    if made is None:
        raise Http404
    return undo_passage(request, passage_id=made.pk)


@page(DECIDES)
@require_POST
def unsnooze(request: PageRequest, offer_id: int) -> HttpResponse:
    """Back in the queue at once, and opened."""
    offer = my_offer(request, offer_id)
    with conflict_of(request, offer) as outcome:
        actions.unsnooze(offer=offer, by=request.user, now=timezone.now())
    if outcome.conflict:
        return refused(request, offer, outcome.conflict)
    said = _("%(name)s is back in the queue.") % {"name": offer.lead.display_name}
    return _researched(request, offer, said)
