"""The inbox: HTTP to values, one call to an action or a query, values to a page or its fragment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import push_url, reswap, retarget

from accounts.pages import PageRequest, page, unfinished
from funnel import actions
from funnel.forms import ResearchForm
from funnel.models import Offer
from funnel.queries.inbox import Inbox, head_of, inbox, offer_card, with_lead
from funnel.refusals import Incomplete, NotYours, Refused
from funnel.service_levels import FIRST_CONTACT, due
from funnel.stages import Verb
from funnel.templatetags.funnel_words import day_time
from funnel.views.grounds import Asked, Given, ask, show_form

DECIDES = "funnel.decide_offers"
PAGE_KEYS = [
    ("a", gettext_lazy("Accept")),
    ("r", gettext_lazy("Return to marketing or pass on")),
    ("x", gettext_lazy("Disqualify")),
    ("e", gettext_lazy("Research")),
    ("o", gettext_lazy("Open the lead")),
    ("1–9", gettext_lazy("Choose a reason")),
]


@page(DECIDES)
@require_GET
def show_inbox(request: PageRequest) -> HttpResponse:
    """The queue, and the best lead of it opened."""
    return _page(request, inbox(request.user, now=timezone.now()))


@page(DECIDES)
@require_GET
def show_offer(request: PageRequest, offer_id: int) -> HttpResponse:
    """One offer opened: the page, or for htmx only the lead and the verbs."""
    offer = _mine(request, offer_id)
    if not offer.is_open:
        return HttpResponseRedirect(reverse("funnel:inbox"))
    if request.htmx:
        card = offer_card(offer, now=timezone.now())
        return render(request, "funnel/_decision.html", {"card": card})
    return _page(request, inbox(request.user, now=timezone.now()), offer)


def _mine(request: PageRequest, offer_id: int) -> Offer:
    """The offer, or 404 when it is nobody's or somebody else's."""
    return get_object_or_404(with_lead(Offer.objects.visible_to(request.user)), pk=offer_id)


def _page(
    request: PageRequest, shown: Inbox, offer: Offer | None = None, *, status: int = 200
) -> HttpResponse:
    """The whole inbox."""
    chosen = offer or shown.head.offer
    card = offer_card(chosen, now=timezone.now()) if chosen else None
    context = {"inbox": shown, "head": shown.head, "card": card, "page_keys": PAGE_KEYS}
    return render(request, "funnel/inbox.html", context, status=status)


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def accept(request: PageRequest, offer_id: int) -> HttpResponse:
    """A: the lead is this rep's. Looking (as after signing in again) only shows it."""
    offer, now = _mine(request, offer_id), timezone.now()
    if request.method == "GET":
        return HttpResponseRedirect(reverse("funnel:offer", args=[offer.pk]))
    with conflict_of(request, offer) as outcome:
        actions.accept(offer=offer, by=request.user, now=now)
    contact = day_time(due(now, FIRST_CONTACT, offer.rep.calendar))
    return outcome.answer(_("%(name)s is yours. First contact due %(moment)s."), moment=contact)


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def return_offer(request: PageRequest, offer_id: int) -> HttpResponse:
    """R: back to marketing, or on to somebody else."""
    offer = _mine(request, offer_id)
    asked = Asked(
        lead=offer.lead,
        verbs=(Verb.RETURN, Verb.DECLINE),
        title=_("Return to marketing: why?"),
        back=reverse("funnel:inbox"),
    )
    return ask(request, asked, lambda verb, grounds: _reject(request, offer, verb, grounds))


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def disqualify_offer(request: PageRequest, offer_id: int) -> HttpResponse:
    """X: nobody works this lead any more."""
    offer = _mine(request, offer_id)
    asked = Asked(
        lead=offer.lead,
        verbs=(Verb.DISQUALIFY,),
        title=_("Disqualify: why?"),
        back=reverse("funnel:inbox"),
    )
    return ask(request, asked, lambda verb, grounds: _reject(request, offer, verb, grounds))


_SAID = {
    Verb.RETURN: gettext_lazy("%(name)s goes back to marketing."),
    Verb.DECLINE: gettext_lazy("%(name)s goes to somebody else."),
    Verb.DISQUALIFY: gettext_lazy("%(name)s is disqualified."),
}


def _reject(request: PageRequest, offer: Offer, verb: Verb, grounds: Given) -> HttpResponse:
    by, now = request.user, timezone.now()
    with conflict_of(request, offer) as outcome:
        if verb is Verb.DECLINE:
            actions.decline(offer=offer, by=by, now=now, reason=grounds.reason, note=grounds.note)
        elif verb is Verb.DISQUALIFY:
            actions.disqualify(lead=offer.lead, by=by, now=now, reason=grounds.reason, note=grounds.note)
        else:
            actions.return_to_marketing(
                lead=offer.lead,
                by=by,
                now=now,
                reason=grounds.reason,
                note=grounds.note,
                wake_month=grounds.month,
                missing_fields=grounds.missing_fields,
            )
    return outcome.answer(str(_SAID[verb]))


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def research(request: PageRequest, offer_id: int) -> HttpResponse:
    """E: fill in what was missing; the first time there is more time to decide."""
    offer = _mine(request, offer_id)
    form = ResearchForm(request.POST if request.method == "POST" else unfinished(request), lead=offer.lead)
    if request.method == "POST" and form.is_valid():
        try:
            actions.research(offer=offer, by=request.user, now=timezone.now(), fields=form.changes)
        except Incomplete as incomplete:
            form.add_error(incomplete.field if incomplete.field in form.fields else None, incomplete.message)
        except Refused as refused:
            return _next(request, offer, refused.message, status=409)
        else:
            return _researched(request, offer)
    return show_form(
        request,
        "funnel/research",
        {"form": form, "lead": offer.lead, "offer": offer, "back": reverse("funnel:inbox")},
    )


def _researched(request: PageRequest, offer: Offer) -> HttpResponse:
    """The same lead again, with what is known now."""
    said = _("Noted. You have more time to decide.") if offer.research_until is None else _("Noted.")
    if not request.htmx:
        messages.success(request, said)
        return HttpResponseRedirect(reverse("funnel:offer", args=[offer.pk]))
    card = offer_card(_mine(request, offer.pk), now=timezone.now())
    response = render(request, "funnel/_decided.html", {"card": card, "said": said})
    return retarget(reswap(response, "outerHTML"), "#decision")


@dataclass
class Outcome:
    """What became of a decision that somebody else may have made first."""

    request: PageRequest
    offer: Offer
    conflict: Refused | None = None

    def answer(self, done: str, **values: str) -> HttpResponse:
        """The next lead, and what was done or why it was not."""
        if self.conflict:
            return _next(self.request, self.offer, self.conflict.message, status=409)
        said = done % ({"name": self.offer.lead.display_name} | values)
        return _next(self.request, self.offer, said)


@contextmanager
def conflict_of(request: PageRequest, offer: Offer) -> Iterator[Outcome]:
    """Keeps a refusal for the answer; what is incomplete or not theirs goes on to who asked."""
    outcome = Outcome(request, offer)
    try:
        yield outcome
    except Incomplete:
        raise
    except NotYours as nobodys:
        raise Http404 from nobodys
    except Refused as refused:
        outcome.conflict = refused


def _next(request: PageRequest, decided: Offer, said: str, *, status: int = 200) -> HttpResponse:
    """The next lead, the row gone, the count, a toast; without htmx the inbox itself."""
    if not request.htmx:
        if status == 409:
            messages.warning(request, said)
            return _page(request, inbox(request.user, now=timezone.now()), status=status)
        messages.success(request, said)
        return HttpResponseRedirect(reverse("funnel:inbox"))
    head = head_of(request.user)
    card = offer_card(head.offer, now=timezone.now()) if head.offer else None
    context = {"head": head, "card": card, "decided": decided, "said": said, "refused": status == 409}
    response = render(request, "funnel/_decided.html", context, status=status)
    response = retarget(reswap(response, "outerHTML"), "#decision")
    there = reverse("funnel:offer", args=[head.offer.pk]) if head.offer else reverse("funnel:inbox")
    return push_url(response, there)
