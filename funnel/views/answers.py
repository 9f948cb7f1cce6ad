"""What the inbox answers after a decision: the next lead, what was done, how to take it back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django_htmx.http import push_url, reswap, retarget

from accounts.pages import PageRequest
from funnel.models import Offer, Rep
from funnel.outlook_words import outlook_in_words
from funnel.queries.inbox import Head, Inbox, head_of, inbox, with_lead
from funnel.queries.next_offer import outlook_of
from funnel.queries.offer_card import offer_card
from funnel.refusals import Incomplete, NotYours, Refused

PAGE_KEYS: list[tuple[str, str | Promise]] = [
    ("a", gettext_lazy("Accept")),
    ("r", gettext_lazy("Return to marketing or pass on")),
    ("x", gettext_lazy("Disqualify")),
    ("1–9", gettext_lazy("Choose a reason")),
    ("s", gettext_lazy("Snooze")),
    ("m", gettext_lazy("Possible duplicates")),
    ("e", gettext_lazy("Research")),
    ("c", gettext_lazy("Log a call")),
    ("n", gettext_lazy("Write a note")),
    ("t", gettext_lazy("Plan a task")),
    ("b", gettext_lazy("Checklist")),
    ("o", gettext_lazy("Open the lead")),
    ("u", gettext_lazy("Undo the last decision")),
]


def my_offer(request: PageRequest, offer_id: int) -> Offer:
    """The offer with its lead, or 404 when it is nobody's or somebody else's."""
    offers = with_lead(Offer.objects.visible_to(request.user)).prefetch_related("rep__absences")
    return get_object_or_404(offers, pk=offer_id)


def whole_page(
    request: PageRequest, shown: Inbox, offer: Offer | None = None, *, status: int = 200
) -> HttpResponse:
    """The inbox with this offer opened, else with the best one."""
    context = _opened(request, shown.head, offer) | {"inbox": shown, "page_keys": PAGE_KEYS}
    return render(request, "funnel/inbox.html", context, status=status)


def _opened(request: PageRequest, head: Head, offer: Offer | None = None) -> dict[str, object]:
    """The card of this offer or of the best one; when nothing is left, what to expect."""
    now, chosen = timezone.now(), offer or head.offer
    if chosen:
        return {"head": head, "card": offer_card(chosen, request.user, now=now)}
    return {"head": head, "card": None, "outlook": outlook_in_words(outlook_of(head, now=now))}


@dataclass
class Outcome:
    """What became of a decision that somebody else may have made first."""

    request: PageRequest
    offer: Offer
    conflict: Refused | None = None

    def answer(self, done: str, **values: str) -> HttpResponse:
        """The next lead, and what was done and how to undo it, or why it was not done."""
        if self.conflict:
            return refused(self.request, self.offer, self.conflict)
        said = done % ({"name": self.offer.lead.display_name} | values)
        undo_url = reverse("funnel:undo_offer", args=[self.offer.pk])
        return decided(self.request, self.offer, said, undo_url=undo_url)


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
    except Refused as refusal:
        outcome.conflict = refusal


def decided(
    request: PageRequest, offer: Offer, said: str, *, undo_url: str = "", queue: bool = False
) -> HttpResponse:
    """The next lead, the row gone (with ``queue`` all rows anew), the count, a toast; else the inbox."""
    if not request.htmx:
        messages.success(request, said, extra_tags=undo_url)
        return HttpResponseRedirect(reverse("funnel:inbox"))
    toast = {"said": said, "undo_url": undo_url, "back": reverse("funnel:offer", args=[offer.pk])}
    return next_lead(request, toast | {"decided": offer}, rep=_desk_of(request, offer), queue=queue)


def _desk_of(request: PageRequest, offer: Offer) -> Rep | None:
    """The desk of who decides, where it came along with the offer."""
    return offer.rep if offer.rep_id == request.user.pk else None


def refused(request: PageRequest, offer: Offer, conflict: Refused) -> HttpResponse:
    """Who did what instead, and the next lead. An offer that is still open stays in the queue."""
    if not request.htmx:
        messages.warning(request, conflict.message)
        return whole_page(request, inbox(request.user, now=timezone.now()), status=409)
    offer.refresh_from_db(fields=["status"])
    context = {"said": conflict.message, "refused": True, "decided": None if offer.is_open else offer}
    return next_lead(request, context, status=409)


def next_lead(
    request: PageRequest,
    said: dict[str, object],
    *,
    offer: Offer | None = None,
    rep: Rep | None = None,
    queue: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The fragments of one step in the inbox, for htmx. ``rep``: the desk of the user, if it is at hand."""
    now = timezone.now()
    rows = inbox(request.user, now=now) if queue else None
    head = rows.head if rows else head_of(request.user, now=now, rep=rep)
    context = _opened(request, head, offer) | said | {"inbox": rows}
    response = render(request, "funnel/_decided.html", context, status=status)
    shown = offer or head.offer
    there = reverse("funnel:offer", args=[shown.pk]) if shown else reverse("funnel:inbox")
    response = retarget(reswap(response, "outerHTML"), "#decision")
    return response if request.htmx.current_url_abs_path == there else push_url(response, there)
