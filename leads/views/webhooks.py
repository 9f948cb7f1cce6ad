"""Settings: the webhooks and their log."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.keyset import Order
from accounts.keyset import page as keyset_page
from accounts.pages import PageRequest, page
from leads.forms.webhooks import WebhookForm
from leads.models import Webhook, WebhookDelivery
from leads.webhooks import manage

PAGE_SIZE = 50
NEWEST = Order("newest", "", "created_at")


@require_GET
@page("leads.manage_webhooks")
def webhooks(request: PageRequest) -> HttpResponse:
    """Who is told what, and how that goes."""
    waiting = Count("deliveries", filter=Q(deliveries__state=WebhookDelivery.State.WAITING))
    rows = Webhook.objects.annotate(waiting=waiting, last_at=Max("deliveries__delivered_at"))
    return render(request, "leads/webhooks.html", {"webhooks": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@page("leads.manage_webhooks")
def new_webhook(request: PageRequest) -> HttpResponse:
    """Make one."""
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        made = form.save(now=timezone.now(), by=request.user)
        if made:
            messages.success(request, _("Saved. Copy the secret to the server that receives."))
            return redirect("leads:webhook", made.public_id)
    return render(request, "leads/webhook.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page("leads.manage_webhooks")
def edit_webhook(request: PageRequest, webhook: UUID) -> HttpResponse:
    """One webhook: its form, its secret and its log."""
    found = get_object_or_404(Webhook, public_id=webhook)
    form = WebhookForm(request.POST if request.method == "POST" else None, webhook=found)
    if form.is_valid() and form.save(now=timezone.now(), by=request.user):
        messages.success(request, _("Saved."))
        return redirect("leads:webhook", found.public_id)
    shown = keyset_page(
        _log(found),
        NEWEST,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=PAGE_SIZE,
    )
    context = {"form": form, "webhook": found, "page": shown}
    return render(request, "leads/webhook.html", context, status=422 if form.errors else 200)


def _log(webhook: Webhook) -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(webhook=webhook).select_related("lead").defer("event")


@require_POST
@page("leads.manage_webhooks")
def act_on_webhook(request: PageRequest, webhook: UUID) -> HttpResponse:
    """``do`` is test, stop, start, secret, again (with ``delivery``) or delete."""
    found = get_object_or_404(Webhook, public_id=webhook)
    said = _VERBS.get(request.POST.get("do", ""), _nothing)(found, request)
    if said:
        messages.success(request, said)
    return redirect("leads:webhook", found.public_id) if found.pk else redirect("leads:webhooks")


def _nothing(_webhook: Webhook, _request: PageRequest) -> str:
    return ""


def _test(webhook: Webhook, _request: PageRequest) -> str:
    manage.send_test(webhook=webhook, now=timezone.now())
    return _("A test message is on its way; the log shows what was answered.")


def _stop(webhook: Webhook, _request: PageRequest) -> str:
    manage.stop(webhook=webhook)
    return _("Stopped. What happens meanwhile is not told later.")


def _start(webhook: Webhook, _request: PageRequest) -> str:
    manage.start(webhook=webhook)
    return _("Started again.")


def _secret(webhook: Webhook, _request: PageRequest) -> str:
    manage.change_secret(webhook=webhook, now=timezone.now())
    return _("The former secret signs as well for 24 hours.")


def _again(webhook: Webhook, request: PageRequest) -> str:
    chosen = request.POST.get("delivery", "")
    delivery = get_object_or_404(WebhookDelivery, webhook=webhook, pk=chosen if chosen.isdecimal() else 0)
    manage.send_again(delivery=delivery, now=timezone.now())
    return _("It is sent again.")


def _delete(webhook: Webhook, _request: PageRequest) -> str:
    manage.delete(webhook=webhook)
    return _("Deleted.")


_VERBS: dict[str, Callable[[Webhook, PageRequest], str]] = {
    "test": _test,
    "stop": _stop,
    "start": _start,
    "secret": _secret,
    "again": _again,
    "delete": _delete,
}
