"""The inbox: looking at the queue and at one lead of it."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.pages import PageRequest, page
from funnel.queries.inbox import ahead_of, inbox
from funnel.queries.offer_card import offer_card
from funnel.views.answers import my_offer, next_lead, whole_page

DECIDES = "funnel.decide_offers"


@page(DECIDES)
@require_GET
def show_inbox(request: PageRequest) -> HttpResponse:
    """The queue, and the best lead of it opened."""
    if request.htmx:
        return next_lead(request, {}, queue=True)
    return whole_page(request, inbox(request.user, now=timezone.now()))


@page(DECIDES)
@require_GET
def show_offer(request: PageRequest, offer_id: int) -> HttpResponse:
    """One offer opened: the page, or for htmx the lead and the verbs, with ``?queue=1`` the rows as well."""
    offer = my_offer(request, offer_id)
    if not offer.is_open:
        return HttpResponseRedirect(reverse("funnel:inbox"))
    now = timezone.now()
    if request.htmx and "queue" in request.GET:
        return next_lead(request, {}, offer=offer, queue=True)
    if request.htmx:
        card = offer_card(offer, request.user, now=now)
        return render(request, "funnel/_opened.html", {"card": card})
    return whole_page(request, inbox(request.user, now=now), offer)


@page(DECIDES)
@require_GET
def show_ahead(request: PageRequest, offer_id: int) -> HttpResponse:
    """The lead after this one, fetched while this one is being looked at; nothing when there is none."""
    now = timezone.now()
    ahead = ahead_of(request.user, my_offer(request, offer_id), now=now)
    if ahead is None:
        return HttpResponse(status=204)
    card = offer_card(ahead, request.user, now=now)
    return render(request, "funnel/_lead.html", {"card": card, "ahead": True})
