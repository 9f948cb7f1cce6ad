"""The message log."""

from __future__ import annotations

from typing import ClassVar

import django_filters
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET

from accounts.keyset import page as keyset_page
from accounts.pages import PageRequest, page, wants_fragment
from dashboard.filters import Told
from dashboard.queries.messages import NEWEST, log
from nurturing.models import Message, State
from nurturing.words import reason_in_words

PAGE_SIZE = 50


class MessageFilter(django_filters.FilterSet):
    """By state, purpose and the reason of a message that did not leave."""

    state = django_filters.ChoiceFilter(label=lazy("State"), choices=State.choices, empty_label=lazy("State"))
    purpose = django_filters.ChoiceFilter(
        label=lazy("Purpose"), choices=Message.PURPOSES, empty_label=lazy("Purpose")
    )
    reason = django_filters.CharFilter(label=lazy("Reason"), max_length=60)

    class Meta:
        model = Message
        fields: ClassVar[list[str]] = []


@require_GET
@page("nurturing.view_messages")
def messages(request: PageRequest) -> HttpResponse:
    """Every message, the newest first; only the rows when htmx asks for them."""
    filters = MessageFilter(request.GET, queryset=log(), request=request)
    shown = keyset_page(
        filters.qs,
        NEWEST,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=PAGE_SIZE,
    )
    context = {
        "filter": filters,
        "told": _told(filters.form.cleaned_data.get("reason")),
        "page": shown,
        "is_narrowed": any(filters.form.cleaned_data.values()),
    }
    fragment = wants_fragment(request, "rows")
    return render(
        request, "dashboard/_messages_rows.html" if fragment else "dashboard/messages.html", context
    )


def _told(reason: str | None) -> list[Told]:
    """The reason that is filtered by, in words; it has no control of its own."""
    words = capfirst(reason_in_words(reason)) if reason else ""
    return [Told("reason", _("Reason"), reason, words)] if reason else []
