"""One's own mailbox: connected to read answers to invitations, or given up."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.pages import PageRequest, page
from funnel.actions.mailboxes import connect_mailbox, disconnect_mailbox
from funnel.imap import MailboxError
from funnel.meeting_forms import MailboxForm
from funnel.models import MailboxConnection
from funnel.views.work_dialogs import DECIDES


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def mailbox(request: PageRequest) -> HttpResponse:
    """How one's mailbox is reached; a POST tries it and reads it from then on."""
    box = MailboxConnection.objects.filter(user=request.user).first()
    form = MailboxForm(request.POST if request.method == "POST" else None, initial=_initial(request, box))
    if request.method == "POST" and form.is_valid():
        try:
            connect_mailbox(user=request.user, now=timezone.now(), **form.cleaned_data)
        except MailboxError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Your mailbox is connected."))
            return HttpResponseRedirect(reverse("funnel:mailbox"))
    status = 422 if request.method == "POST" else 200
    return render(request, "funnel/mailbox.html", {"box": box, "form": form}, status=status)


def _initial(request: PageRequest, box: MailboxConnection | None) -> dict[str, object]:
    """What is known; the password is never shown again."""
    if box is None:
        return {"address": request.user.email, "username": request.user.email}
    return {"address": box.address, "host": box.host, "port": box.port, "username": box.username}


@page(DECIDES)
@require_POST
def disconnect(request: PageRequest) -> HttpResponse:
    """Read it no more."""
    disconnect_mailbox(user=request.user)
    messages.success(request, _("Your mailbox is no longer read."))
    return HttpResponseRedirect(reverse("funnel:mailbox"))
