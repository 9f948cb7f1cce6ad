"""Social selling: messages on networks, and where a lead is found there."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.pages import PageRequest, page, unfinished
from funnel.actions.social import log_social, set_profile
from funnel.meeting_forms import ProfileForm, SocialForm
from funnel.views.grounds import show_form
from funnel.views.work_dialogs import DECIDES, ask, attempt, back_of, done, home_of, workable
from funnel.work import Direction


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def log_message(request: PageRequest, public_id: UUID) -> HttpResponse:
    """A message sent to the lead, or their reply."""
    standing = workable(request, public_id)
    form = SocialForm(request.POST if request.method == "POST" else unfinished(request))
    back = back_of(request, home_of(standing))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if attempt(
            form,
            lambda: log_social(
                lead=standing.lead,
                by=request.user,
                now=timezone.now(),
                network=given["network"],
                direction=Direction(given["direction"]),
                note=given["note"],
                key=given["key"],
            ),
        ):
            return done(request, _("The message is noted."), back=back)
    context = {"form": form, "lead": standing.lead, "title": _("Message on a network"), "back": back}
    return ask(request, "_social_form", context)


@page(DECIDES)
@require_http_methods(["GET", "POST"])
def add_profile(request: PageRequest, public_id: UUID) -> HttpResponse:
    """Where the lead is found on a network."""
    standing = workable(request, public_id)
    form = ProfileForm(request.POST if request.method == "POST" else unfinished(request))
    back = back_of(request, home_of(standing))
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(
            form,
            lambda: set_profile(
                lead=standing.lead, by=request.user, now=timezone.now(), url=form.cleaned_data["url"]
            ),
        )
    ):
        return done(request, _("The profile is noted."), back=back)
    context = {"form": form, "lead": standing.lead, "title": _("Profile on a network"), "back": back}
    return show_form(request, "funnel/closing", context)
