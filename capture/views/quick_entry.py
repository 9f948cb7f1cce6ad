"""Quick entry: a card typed at a stand, in a shop, from paper or on the phone; works without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.http.request import HttpRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.pages import PageRequest, page, unfinished
from capture.actions.quick_entry import Card, IdUsedBefore, Taken, make_occasion, take_card
from capture.choices import QuickMode
from capture.models import QuickEntry
from capture.queries.quick_entries import count_since, last_entries, topics
from capture.quick import OccasionForm, QuickCard, blank, default_language, occasions
from leads.channels import Channel
from leads.erased import WasErased

WORKER = Path(settings.BASE_DIR) / "static" / "quick-sw.js"


@require_http_methods(["GET", "HEAD", "POST"])
@page("capture.quick_entry")
def quick_entry(request: PageRequest) -> HttpResponse:
    """The card; a post takes it. Scripts ask for JSON, everybody else is sent on to the next card."""
    if request.method == "POST":
        return _take(request)
    typed = unfinished(request)
    card = _card(typed) if typed else QuickCard(initial=_initial(request), **_options())
    return _page(request, card)


def _options() -> dict[str, Any]:
    return {"topics": topics(), "language": default_language()}


def _card(data: Any) -> QuickCard:
    return QuickCard(data, **_options())


def _initial(request: PageRequest) -> dict[str, object]:
    """A fresh card on the occasion that was chosen last, or the one to correct."""
    mode = request.GET.get("mode", "")
    mode = mode if mode in QuickMode.values else QuickMode.STAND.value
    wanted = request.GET.get("occasion", "")
    occasion = occasions().filter(pk=int(wanted)).first() if wanted.isascii() and wanted.isdigit() else None
    fresh = dict(blank(mode, occasion, met_on=request.GET.get("on", "")))
    corrects = _own_entry(request, request.GET.get("correct", ""))
    if corrects:
        # Without the consents: they were given and stay; a box is never ticked beforehand.
        told = {name: value for name, value in corrects.answers.items() if name != "consents"}
        fresh |= told | {"mode": corrects.mode, "corrects": corrects.pk, "met_on": corrects.met_at.date()}
    return fresh


def _own_entry(request: PageRequest, typed: str) -> QuickEntry | None:
    form_field = QuickCard.base_fields["corrects"]
    try:
        return (
            QuickEntry.objects.filter(pk=form_field.clean(typed), by=request.user).first() if typed else None
        )
    except ValidationError:
        return None


def _page(request: PageRequest, card: QuickCard, *, status: int = 200) -> HttpResponse:
    is_shell = "offline" in request.GET  # kept on the device: nothing of anybody may be in it
    mode = str(card["mode"].value())
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    context = {
        "card": card,
        "mode": mode,
        "modes": QuickMode,
        "occasion_form": OccasionForm(),
        "entries": [] if is_shell else last_entries(request.user),
        "typed_today": 0 if is_shell else count_since(request.user, since=today, mode=mode),
        "corrects": card["corrects"].value(),
    }
    return render(request, "capture/quick_entry.html", context, status=status)


def _take(request: PageRequest) -> HttpResponse:
    card, now = _card(request.POST), timezone.now()
    wants_json = request.headers.get("Accept", "") == "application/json"
    if not card.is_valid():
        return _refused(request, card, wants_json=wants_json)
    try:
        taken = take_card(_read(card), by=request.user, now=now)
    except WasErased:
        card.add_error(None, _("This person asked to be erased: nothing was kept."))
    except IdUsedBefore:
        card.add_error(None, _("Another card was sent under the same number: this one was not taken."))
    else:
        return _took(request, card, taken, wants_json=wants_json)
    return _refused(request, card, wants_json=wants_json, status=409)


def _read(card: QuickCard) -> Card:
    values = card.cleaned_data
    return Card(
        mode=QuickMode(values["mode"]),
        met_at=card.met(now=timezone.now()),
        **{name: values[name] for name in _SAME},
    )


_SAME = (
    "id", "occasion", "email", "phone", "first_name", "last_name", "company", "sector", "need", "role",
    "horizon", "note", "reason", "wants", "consents", "corrects",
)  # fmt: skip


def _refused(request: PageRequest, card: QuickCard, *, wants_json: bool, status: int = 422) -> HttpResponse:
    """What is wrong; nothing typed is lost."""
    if wants_json:
        texts = [str(text) for errors in card.errors.values() for text in errors]
        return JsonResponse({"problem": " ".join(texts)}, status=status)
    return _page(request, card, status=status)


def _took(request: PageRequest, card: QuickCard, taken: Taken, *, wants_json: bool) -> HttpResponse:
    line = _line(taken)
    if wants_json:
        return JsonResponse({"line": line, "name": taken.entry.lead.display_name, "again": taken.again})
    messages.success(request, line)
    values = card.cleaned_data
    query = f"?mode={values['mode']}"
    if values["occasion"]:
        query += f"&occasion={values['occasion'].pk}"
    if values["met_on"]:
        query += f"&on={values['met_on'].isoformat()}"
    return redirect(reverse("capture:quick_entry") + query)


def _line(taken: Taken) -> str:
    name = taken.entry.lead.display_name
    if taken.again:
        return _("%(name)s: taken already") % {"name": name}
    if taken.entry.made_lead:
        return _("%(name)s: new lead") % {"name": name}
    return _("%(name)s: known, completed") % {"name": name}


@require_POST
@page("capture.quick_entry")
def new_occasion(request: PageRequest) -> HttpResponse:
    """A fair or a shop, made on the spot."""
    form = OccasionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the occasion a name."))
        return redirect("capture:quick_entry")
    made = make_occasion(
        name=form.cleaned_data["name"], channel=Channel(form.cleaned_data["channel"]), now=timezone.now()
    )
    return redirect(f"{reverse('capture:quick_entry')}?occasion={made.pk}")


@require_GET
def worker(_request: HttpRequest) -> HttpResponse:
    """The script that answers for this page without a network; its place limits it to /capture/quick/."""
    answer = HttpResponse(WORKER.read_bytes(), content_type="text/javascript")
    answer["Cache-Control"] = "no-cache"
    return answer
