"""M: who the lead may be besides, side by side; one person or two."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.pages import PageRequest, page
from funnel.actions.duplicates import merge_duplicate, propose_merge, two_people
from funnel.models import Offer
from funnel.queries.duplicates import Likely, likely_duplicates
from funnel.views.answers import conflict_of, my_offer, next_lead, refused
from funnel.views.grounds import show_form
from funnel.views.inbox import DECIDES


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def duplicates(request: PageRequest, offer_id: int) -> HttpResponse:
    """The likely pairs of the lead, one at a time (``?pair=``); a POST says what they are."""
    offer = my_offer(request, offer_id)
    pairs = likely_duplicates(offer.lead, request.user)
    if request.method == "POST":
        return _decide(request, offer, _wanted(request.POST.get("pair", ""), pairs))
    pair = _wanted(request.GET.get("pair", ""), pairs) if "pair" in request.GET else next(iter(pairs), None)
    following = pairs[pairs.index(pair) + 1 :] if pair else ()
    context = {"offer": offer, "lead": offer.lead, "pair": pair, "next": next(iter(following), None)}
    return show_form(request, "funnel/duplicates", context | {"back": _address(offer)})


def _wanted(public_id: str, pairs: tuple[Likely, ...]) -> Likely:
    for pair in pairs:
        if str(pair.candidate.public_id) == public_id:
            return pair
    raise Http404


def _decide(request: PageRequest, offer: Offer, pair: Likely) -> HttpResponse:
    """Carry out the answer: "lead" or "other" is kept, "two" people, or "propose" it to marketing."""
    answer, by, now = request.POST.get("answer", ""), request.user, timezone.now()
    with conflict_of(request, offer) as outcome:
        if answer == "two":
            two_people(candidate=pair.candidate, by=by, now=now)
            said = _("Noted: two people. This pair will not come back.")
        elif answer == "propose":
            text = _("Proposed as a duplicate: %(signs)s.") % {"signs": ", ".join(pair.signs)}
            propose_merge(lead=offer.lead, text=text, by=by, now=now)
            said = _("Marketing reads in a note that the two may be one person.")
        else:
            keep = {"lead": pair.lead, "other": pair.other}.get(answer)
            if keep is None:
                raise Http404
            merge_duplicate(candidate=pair.candidate, keep=keep, by=by, now=now)
            said = _("Merged into %(name)s.") % {"name": keep.display_name}
    return refused(request, offer, outcome.conflict) if outcome.conflict else _done(request, offer, said)


def _done(request: PageRequest, offer: Offer, said: str) -> HttpResponse:
    """The same offer again, while it is still open; else the next."""
    offer.refresh_from_db(fields=["status"])
    if not request.htmx:
        messages.success(request, said)
        return HttpResponseRedirect(_address(offer))
    shown = my_offer(request, offer.pk) if offer.is_open else None
    return next_lead(request, {"said": said}, offer=shown, queue=True)


def _address(offer: Offer) -> str:
    return reverse("funnel:offer", args=[offer.pk])
